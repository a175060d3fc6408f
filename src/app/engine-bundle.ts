/**
 * dist/engine.cjs, which everything starts with: the engine's bundle, from its compiled code where there is some, else as Node loads any
 * file. The process behaves alike.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'

import { START_BUNDLE } from '../model/compiled-code.ts'
import { compiledBundle } from './compiled-bundle.ts'

type Engine = Pick<typeof import('./engine.ts'), 'preload' | 'start' | 'startForOthers' | 'expectCompiledChunks'>

const engine = (runCompiled() ?? require('./engine-start.cjs')) as Engine

export const preload: Engine['preload'] = engine.preload
export const start: Engine['start'] = engine.start
export const startForOthers: Engine['startForOthers'] = engine.startForOthers

function runCompiled(): Engine | undefined {
  const filename = join(__dirname, START_BUNDLE)
  const run = compiledBundle(__dirname, START_BUNDLE, () => readFileSync(filename))
  // jest loads this file into a global object of its own: the bundle belongs there too.
  if (run === undefined || runInThisContext('globalThis') !== globalThis) return undefined
  const module = { exports: {} as Engine }
  Reflect.apply(run, module.exports, [module, module.exports, require, filename, __dirname])
  module.exports.expectCompiledChunks()
  return module.exports
}
