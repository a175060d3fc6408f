/**
 * Modules are seen on every supported Node, from CommonJS and ESM, loaded before or after; and their objects look as ever.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-hooks-'))

const FILES: Readonly<Record<string, readonly string[]>> = {
  'preload.cjs': [
    "const { watchModule, wayOfHearing } = require('./hooks.cjs')",
    "const say = (name) => (exports, path) => console.log(name, typeof exports, Object.keys(exports).join(), path.split('/').pop())",
    "watchModule({ package: 'lib', file: 'lib/inner.js', onLoad: say('inner') })",
    "watchModule({ package: 'lib', onLoad: say('main') })",
    "watchModule({ package: '@scope/other', onLoad: say('scoped') })",
    "watchModule({ package: 'lib', file: 'lib/bad.js', onLoad: () => { throw new Error('no') } })",
    "watchModule({ package: 'cycle', file: 'a.js', onLoad: (a) => console.log('a', Object.keys(a).join(), a.notThere) })",
    "watchModule({ package: 'cycle', file: 'b.js', onLoad: (b) => console.log('b', Object.keys(b).join()) })",
    "watchModule({ package: 'replaced', onLoad: (old, path, module) => { module.exports = { old, isOurs: true } } })",
    'globalThis.wayOfHearing = wayOfHearing',
  ],
  'node_modules/lib/package.json': ['{ "name": "lib", "main": "./lib/main.js" }'],
  'node_modules/lib/lib/main.js': [
    "const inner = require('./inner')",
    "require('./bad')",
    'module.exports = { inner }',
  ],
  'node_modules/lib/lib/inner.js': ['exports.a = 1'],
  'node_modules/lib/lib/bad.js': ['exports.b = 1'],
  'node_modules/@scope/other/package.json': ['{ "name": "@scope/other", "main": "index.js" }'],
  'node_modules/@scope/other/index.js': ['exports.c = 1'],
  // Another package in a folder of the name.
  'lib/package.json': ['{ "name": "mine", "main": "index.js" }'],
  'lib/index.js': ['exports.mine = 1'],
  'node_modules/cycle/package.json': ['{ "name": "cycle", "main": "a.js" }'],
  'node_modules/cycle/a.js': [
    'exports.early = 1',
    "const b = require('./b')",
    'exports.late = b.sawOfA',
    'exports.isPlain = Object.getPrototypeOf(exports) === Object.prototype',
  ],
  'node_modules/cycle/b.js': ["exports.sawOfA = Object.keys(require('./a')).join()"],
  'node_modules/replaced/package.json': ['{ "name": "replaced" }'],
  'node_modules/replaced/index.js': ['exports.d = 1'],
  'app.cjs': ["require('lib')", "require('lib')", "require('@scope/other')", "require('./lib')"],
  'app.mjs': ["import 'lib'", "import '@scope/other'", "import './lib/index.js'"],
  'early.cjs': ["require('lib')", "require('@scope/other')"],
  'cycle.cjs': [
    "const a = require('cycle')",
    'console.log(a.late, Object.getPrototypeOf(a) === Object.prototype, a.nothing)',
  ],
  'replaced.cjs': ["console.log(require('replaced').isOurs, require('replaced') === require('replaced'))"],
  'replaced.mjs': ["import replaced from 'replaced'", 'console.log(replaced.isOurs)'],
  'shape.cjs': [
    "const { inspect } = require('node:util')",
    "const look = (m) => console.log(Object.keys(m).join(), JSON.stringify(Object.getOwnPropertyDescriptors(m), (k, v) => k === 'value' && typeof v !== 'boolean' ? typeof v : v))",
    'look(module)',
    "require('lib'); require('plain')",
    'for (const key of Object.keys(require.cache)) if (/node_modules/.test(key)) look(require.cache[key])',
    'for (const key in module) console.log(key)',
    "console.log(inspect(module).replaceAll(/'[^']*'/g, ''), Object.keys(module.constructor.prototype).join())",
  ],
  'node_modules/plain/index.js': [
    'exports.e = module.loaded',
    'setImmediate(() => console.log(module.loaded, exports.e))',
  ],
  'gives-source.cjs': [
    "const { readFileSync } = require('node:fs')",
    "require('node:module').registerHooks({",
    '  load(url, context, next) {',
    "    if (!url.includes('node_modules/')) return next(url, context)",
    "    return { format: url.endsWith('.json') ? 'json' : 'commonjs', source: readFileSync(new URL(url)), shortCircuit: true }",
    '  },',
    '})',
  ],
  'gives-source-async.mjs': [
    "import { register } from 'node:module'",
    "const loader = `import { readFileSync } from 'node:fs'",
    'export async function load(url, context, next) {',
    "  if (!url.includes('node_modules/')) return next(url, context)",
    "  return { format: 'commonjs', source: readFileSync(new URL(url), 'utf8'), shortCircuit: true } }`",
    "register('data:text/javascript,' + encodeURIComponent(loader))",
  ],
  // A Node that does not assign `loaded`, as far as can be seen from the prototype.
  'taken.cjs': [
    "Object.defineProperty(require('node:module').prototype, 'loaded', { value: undefined, writable: true })",
  ],
  'way.cjs': ["require('lib')", "require('@scope/other')", 'console.log(globalThis.wayOfHearing())'],
  'undone.cjs': [
    "const { prototype } = require('node:module')",
    "const { watchModule } = require('./hooks.cjs')",
    "const undo = watchModule({ package: 'lib', onLoad: () => console.log('seen') })",
    "console.log('loaded' in prototype)",
    'undo()',
    'undo()',
    "console.log('loaded' in prototype)",
    "require('lib')",
  ],
}

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, '../../src/capture/module-hooks.ts')],
    outfile: join(root, 'hooks.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  })
  for (const [path, lines] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), lines.join('\n'))
  }
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const SEEN = ['inner object a inner.js', 'main object inner main.js', 'scoped object c index.js']

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  function run(...args: string[]): string[] {
    const printed = execFileSync(nodeBinary(version), args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return printed.trim().split('\n')
  }

  test.each([
    ['a CommonJS application', ['--import', './preload.cjs', 'app.cjs']],
    ['an ESM application, files that it imports too', ['--import', './preload.cjs', 'app.mjs']],
    ['modules that were loaded before', ['--require', './early.cjs', '--require', './preload.cjs', 'app.cjs']],
    ['a synchronous loader that gives the source', ['-r', './preload.cjs', '-r', './gives-source.cjs', 'app.cjs']],
    ['an asynchronous one', ['-r', './preload.cjs', '--import', './gives-source-async.mjs', 'app.mjs']],
  ])('files are seen once each: %s', (_, args) => {
    expect(run(...args).toSorted()).toEqual(SEEN)
  })

  test('in a cycle the partial exports go round as by Node, and nothing is warned of', () => {
    const [, ...seen] = run('-r', './preload.cjs', 'cycle.cjs')
    expect(seen).toEqual(['a early,late,isPlain undefined', 'early true undefined'])
    expect(run('-r', './preload.cjs', 'cycle.cjs')[0]).toBe('b sawOfA')
    expect(run('-r', './preload.cjs', '--throw-deprecation', 'cycle.cjs')).toHaveLength(3)
  })

  test('what onLoad puts in place of the exports is what everybody gets', () => {
    expect(run('-r', './preload.cjs', 'replaced.cjs')).toEqual(['true true'])
    expect(run('-r', './preload.cjs', 'replaced.mjs')).toEqual(['true'])
  })

  test('module objects look as ever', () => {
    const ofApplication = (lines: string[]) => lines.filter((line) => !/^(?:inner|main|scoped) object/.test(line))
    expect(ofApplication(run('-r', './preload.cjs', 'shape.cjs'))).toEqual(run('shape.cjs'))
  })

  test('nothing is left on Module.prototype when the last watch ends', () => {
    expect(run('undone.cjs')).toEqual(['true', 'false'])
  })

  test('a Node that does not assign `loaded` is heard by its channel', () => {
    expect(run('-r', './preload.cjs', 'way.cjs').at(-1)).toBe('property')
    expect(run('-r', './taken.cjs', '-r', './preload.cjs', 'way.cjs').toSorted()).toEqual(['channel', ...SEEN])
    expect(run('-r', './taken.cjs', '-r', './preload.cjs', 'app.mjs').toSorted()).toEqual(SEEN)
  })
})
