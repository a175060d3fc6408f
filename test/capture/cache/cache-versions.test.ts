/** A version that is not as the ones that are heard is said once, and runs as it does. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeEach, expect, test, vi } from 'vitest'

import { createCacheInstrumentations } from '../../../src/capture/cache/cache-libraries.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const said = vi.hoisted((): string[] => [])
vi.mock(import('../../../src/diag/events.ts'), async (original) => ({
  ...(await original()),
  sayOnce: (_, text) => said.push(text) > 0,
}))

const root = mkdtempSync(join(tmpdir(), 'tracelog-caches-'))
beforeEach(() => void (said.length = 0))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function addPackage(name: string, version: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify({ name, version }), ...files })) {
    const path = join(root, 'node_modules', name, file)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
}

const STRICT_MEMJS = `'use strict'
class Client { server() {} perform() { return this.server() } }
class Server { onResponse() {} respond() {} error() {} }
module.exports = { Client, Server }`

test.each([
  ['memjs', 'lib/memjs/memjs.js', STRICT_MEMJS, 'its methods are not as they were'],
  ['memcached', 'lib/utils.js', 'exports.merge = () => {}', 'its queries are not validated as they were'],
  ['node-cache', 'lib/node_cache.js', 'module.exports = {}', 'it is no class'],
])('%s: its file has no seam', (name, file, text, reason) => {
  const kit = createHopKit()
  const instrumentations = createCacheInstrumentations(cacheOptionsOf(kit.options), kit.options.storage)
  const instrumentation = instrumentations.find((each) => each.name === name)!
  addPackage(name, '99.0.0', { [file]: text })
  instrumentation.enable()
  const exports: unknown = createRequire(join(root, 'app.cjs'))(`${name}/${file}`)
  expect([instrumentation.status(), said]).toEqual([
    'failed',
    [expect.stringContaining(`could not attach to ${name} 99.0.0: `)],
  ])
  expect(said[0]).toContain(`${reason}; it is not captured`)
  expect(Object.getOwnPropertySymbols(exports)).toEqual([])
  instrumentation.disable()
})
