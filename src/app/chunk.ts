/**
 * Code that a process may never need: its text is read at the start, and compiled by its first use (.ci/lazy-chunks.mjs builds it so).
 *
 * Read at the start, because later the file may be out of reach, or another version's: the process has changed its root, a test has put
 * a file system of its own there, a deployment has replaced the package.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { CHUNK_PARAMETERS } from '../model/compiled-code.ts'
import { compiledBundle } from './compiled-bundle.ts'

/** By the path of a source: its exports, for code that is in another file of the bundle. */
type SharedModules = Readonly<Record<string, object>>

let shared: SharedModules = {}

/** Called once, by the bundle that everything starts with. */
export function shareModules(modules: SharedModules): void {
  shared = modules
}

let areCompiled = false

/** Called where the start's bundle came from compiled code: chunks look for theirs. */
export function expectCompiledChunks(): void {
  areCompiled = true
}

/** @returns compiles it when it is called first; then always the same exports */
export function chunkBeside(folder: string, name: string, load: NodeJS.Require): () => Record<string, unknown> {
  const filename = join(folder, name)
  let text: string | undefined = readFileSync(filename, 'latin1')
  let loaded: Record<string, unknown> | undefined
  return () => {
    if (loaded !== undefined || text === undefined) return loaded ?? {}
    const run = compiled(folder, name, text) ?? compile(text, filename)
    text = undefined
    const module = { exports: {} }
    Reflect.apply(run, undefined, [module, module.exports, load, filename, shared])
    loaded = module.exports
    return loaded
  }
}

/** Read at the first use, for the text says whether it belongs to it. */
function compiled(folder: string, name: string, text: string): ReturnType<typeof compiledBundle> {
  return areCompiled ? compiledBundle(folder, name, () => Buffer.from(text, 'latin1')) : undefined
}

function compile(text: string, filename: string): ReturnType<typeof compiledBundle> & {} {
  const { compileFunction } = process.getBuiltinModule('node:vm')
  return compileFunction(text, CHUNK_PARAMETERS, { filename }) as () => void
}
