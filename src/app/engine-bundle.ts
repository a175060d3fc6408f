/**
 * dist/engine.cjs, which everything starts with: the engine's bundle, from its compiled code where `tracelog precompile` has put some
 * beside it, else as Node loads any file. The process behaves alike, and writes nothing.
 *
 * Whoever could put code into that file could put it into the bundle: they are in one folder.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInThisContext, Script } from 'node:vm'

import { asFunction, codeOf, compiledName, START_BUNDLE } from '../model/compiled-code.ts'

type Engine = Pick<typeof import('./engine.ts'), 'preload' | 'start' | 'startForOthers'>

const engine = (runCompiled() ?? require('./engine-start.cjs')) as Engine

export const preload: Engine['preload'] = engine.preload
export const start: Engine['start'] = engine.start
export const startForOthers: Engine['startForOthers'] = engine.startForOthers

function runCompiled(): unknown {
  const filename = join(__dirname, START_BUNDLE)
  const run = compiledBundle(filename)
  if (run === undefined) return undefined
  const module = { exports: {} }
  Reflect.apply(run, module.exports, [module, module.exports, require, filename, __dirname])
  return module.exports
}

/** @returns `undefined` where there is no compiled code, or none that fits; nothing is thrown */
function compiledBundle(filename: string): ((...args: unknown[]) => void) | undefined {
  try {
    const file = readFileSync(join(__dirname, compiledName(process)))
    const text = readFileSync(filename)
    const code = codeOf(file, text)
    // jest loads this file into a global object of its own: the bundle belongs there too.
    if (code === undefined || runInThisContext('globalThis') !== globalThis) return undefined
    const { source, columnOffset } = asFunction(text.latin1Slice())
    // V8 refuses the code of another version, or made with other flags; then the script is compiled from its text.
    return new Script(source, { filename, columnOffset, cachedData: code }).runInThisContext() as () => void
  } catch {
    return undefined
  }
}
