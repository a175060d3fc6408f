/**
 * A bundle of ours from its compiled code, where `tracelog precompile` has put some beside it. Nothing is written, nothing thrown.
 *
 * Whoever could put code into that file could put it into the bundle: they are in one folder.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { asFunction, codeOf, compiledName } from '../model/compiled-code.ts'

/** As it was at the start: what an application puts into its place later is for the application. */
const readFile = readFileSync

/**
 * @param text  of the bundle, called when there is a file
 * @returns the bundle as a function of its parameters; `undefined` where there is no compiled code, or none of this text
 */
export function compiledBundle(
  folder: string,
  bundle: string,
  text: () => Buffer,
): ((...args: unknown[]) => void) | undefined {
  try {
    const file = readFile(join(folder, compiledName(bundle, process)))
    const bytes = text()
    const cachedData = codeOf(file, bytes)
    if (cachedData === undefined) return undefined
    // No start loads this module of Node without need.
    const { runInThisContext, Script } = process.getBuiltinModule('node:vm')
    // jest loads our files into a global object of its own: the bundle belongs there too.
    if (runInThisContext('globalThis') !== globalThis) return undefined
    const { source, columnOffset } = asFunction(bundle, bytes.latin1Slice())
    // V8 refuses the code of another version, or made with other flags; then the script is compiled from its text.
    const script = new Script(source, { filename: join(folder, bundle), columnOffset, cachedData })
    return script.runInThisContext() as () => void
  } catch {
    return undefined
  }
}

/** @returns the exports of a bundle that Node could load as a module too; `undefined` as above. @throws what its code throws */
export function compiledModule(folder: string, bundle: string, load: NodeJS.Require): unknown {
  const filename = join(folder, bundle)
  const run = compiledBundle(folder, bundle, () => readFile(filename))
  if (run === undefined) return undefined
  const module = { exports: {} }
  Reflect.apply(run, module.exports, [module, module.exports, load, filename, folder])
  return module.exports
}
