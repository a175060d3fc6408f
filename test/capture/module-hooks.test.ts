/**
 * Modules are seen on every supported Node, from CommonJS and ESM, loaded before or after.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'tracelog-hooks-'))
/** The test's own Node, and the others where they are installed (CI sets TRACELOG_TEST_NODES). */
const nodes = [process.execPath, ...(process.env['TRACELOG_TEST_NODES'] ?? '').split(':').filter(existsSync)]

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, '../../src/capture/module-hooks.ts')],
    outfile: join(root, 'hooks.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  })
  write('preload.cjs', [
    "const { watchModule } = require('./hooks.cjs')",
    "const say = (name) => (exports, path) => console.log(name, typeof exports, Object.keys(exports).join(), path === undefined ? '-' : 'path')",
    "watchModule({ package: 'lib', file: 'lib/inner.js', onLoad: say('inner') })",
    "watchModule({ package: 'lib', onLoad: say('main') })",
    "watchModule({ package: '@scope/other', onLoad: say('scoped') })",
    "watchModule({ package: 'lib', file: 'lib/bad.js', onLoad: () => { throw new Error('no') } })",
  ])
  write('node_modules/lib/package.json', ['{ "name": "lib", "main": "./lib/main.js" }'])
  write('node_modules/lib/lib/main.js', [
    "const inner = require('./inner')",
    "require('./bad')",
    'module.exports = { inner }',
  ])
  write('node_modules/lib/lib/inner.js', ['exports.a = 1'])
  write('node_modules/lib/lib/bad.js', ['exports.b = 1'])
  write('node_modules/@scope/other/package.json', ['{ "name": "@scope/other", "main": "index.js" }'])
  write('node_modules/@scope/other/index.js', ["require('node:path')", 'exports.c = 1'])
  write('app.cjs', ["require('lib')", "require('lib')", "require('@scope/other')"])
  write('app.mjs', ["import 'lib'", "import '@scope/other'"])
  write('early.cjs', ["require('lib')", "require('@scope/other')"])
  write('throws.cjs', ["require('./missing.js')"])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), lines.join('\n'))
}

function run(node: string, ...args: string[]): string[] {
  return execFileSync(node, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
}

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()

  test(`a CommonJS application's modules are seen once each (${version})`, () => {
    expect(run(node, '--import', './preload.cjs', 'app.cjs').toSorted()).toEqual([
      'inner object a path',
      'main object inner path',
      'scoped object c -',
    ])
  })

  test(`an ESM application's CommonJS modules are seen, main files too (${version})`, () => {
    expect(run(node, '--import', './preload.cjs', 'app.mjs').toSorted()).toEqual([
      'inner object a path',
      'main object inner path',
      'scoped object c path',
    ])
  })

  test(`modules loaded before are found (${version})`, () => {
    expect(run(node, '--require', './early.cjs', '--require', './preload.cjs', 'app.cjs').toSorted()).toEqual([
      'inner object a path',
      'main object inner path',
      'scoped object c path',
    ])
  })
}
