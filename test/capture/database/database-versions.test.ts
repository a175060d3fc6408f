/** A version that cannot be seen is said, and which one can; `disable()` gives a library back what it had. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeEach, expect, test, vi } from 'vitest'

import { createDatabaseInstrumentations } from '../../../src/capture/database/database-instrumentations.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const said = vi.hoisted((): string[] => [])
vi.mock(import('../../../src/diag/events.ts'), async (original) => ({
  ...(await original()),
  sayOnce: (_, text) => said.push(text) > 0,
}))

const root = mkdtempSync(join(tmpdir(), 'tracelog-databases-'))
beforeEach(() => void (said.length = 0))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function addPackage(name: string, version: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify({ name, version }), ...files })) {
    const path = join(root, 'node_modules', name, file)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
}

function enabled(name: string) {
  const instrumentation = createDatabaseInstrumentations(createHopKit().options).find((each) => each.name === name)!
  instrumentation.enable()
  return instrumentation
}

test.each([
  ['pg', 'pg/lib/client.js', ['_pulseQueryQueue', 'connect', '_errorAllQueries']],
  ['pg', 'pg/lib/query.js', ['handleReadyForQuery', 'handleError', 'handleDataRow']],
])('%s: disable gives %s its methods back', (name, file, methods) => {
  const load = createRequire(new URL('../../libraries/newest/package.json', import.meta.url))
  const { prototype } = load(file) as { readonly prototype: object }
  const descriptors = () => methods.map((method) => Object.getOwnPropertyDescriptor(prototype, method))
  const before = descriptors()
  const instrumentation = enabled(name)
  expect([instrumentation.status(), descriptors().every((each) => each?.get !== undefined)]).toEqual(['active', true])
  instrumentation.disable()
  expect([instrumentation.status(), descriptors()]).toEqual(['off', before])
})

test('mysql2 before 3.20.0 is not seen, and the version that is stands in the line', () => {
  addPackage('mysql2', '3.16.3', { 'lib/connection.js': 'module.exports = class Connection {}' })
  const instrumentation = enabled('mysql2')
  createRequire(join(root, 'app.cjs'))('mysql2/lib/connection.js')
  expect(instrumentation.status()).toBe('failed')
  expect(said).toEqual([
    'could not attach to mysql2 3.16.3: Error: it publishes what it does from 3.20.0 on; it is not captured',
  ])
  instrumentation.disable()
})

test('pg without its seams is not seen, and is left as it was', () => {
  addPackage('pg', '9.0.0', { 'lib/client.js': 'module.exports = class Client { connect() {} }' })
  const instrumentation = enabled('pg')
  const { prototype } = createRequire(join(root, 'app.cjs'))('pg/lib/client.js') as { readonly prototype: object }
  expect(instrumentation.status()).toBe('failed')
  expect(said).toEqual([
    expect.stringContaining('could not attach to pg 9.0.0: Error: it has no method _pulseQueryQueue'),
  ])
  expect(Object.getOwnPropertyDescriptor(prototype, 'connect')).toMatchObject({ writable: true })
  instrumentation.disable()
})
