/**
 * Tells a capture module when its library's files have run, in CommonJS and ESM applications, before or after us.
 *
 * Seen is every CommonJS file that anything `require`s or imports. Not seen: ES modules themselves, jest's own registry, and what
 * a bundler has folded into the application. How it is heard: loaded-modules.ts.
 *
 *   watchModule({ package: 'winston', file: 'lib/winston/logger.js', onLoad: (Logger, path) => { ... } })
 *   watchModule({ package: 'express', onLoad: (express) => { ... } })              // the main file
 */
import { types } from 'node:util'

import { safely } from '../diag/guarded.ts'
import { hearModules, reportLoaded, type LoadedModule, type LoadedModules } from './loaded-modules.ts'
import { createFileTest, createFolderPattern, type PackageFile } from './package-files.ts'

export interface ModuleWatch extends PackageFile {
  /**
   * Called once per exports object (two copies of a package: twice), at once for those loaded already.
   *
   * @param module  `module.exports = x` is what everybody gets who asks for the file from now on; changing prototypes in place
   *   is better
   */
  readonly onLoad: (exports: unknown, path: string, module: LoadedModule) => void
}

interface Watch extends ModuleWatch {
  readonly isFile: (path: string) => boolean
  readonly seen: WeakSet<object>
}

const watches = new Set<Watch>()
/** The folder of any watched package; made when the first module asks, for a start adds one package after the other. */
let anyFolder: RegExp | undefined
let hearing: LoadedModules | undefined
/** Packages of which a file had run when its watch began. */
const before = new Set<string>()

const all = {
  isNear: (path: string) => folders().test(path),
  isWanted: (path: string) => folders().test(path) && [...watches].some(({ isFile }) => isFile(path)),
  onLoad(module: LoadedModule, path: string) {
    for (const watch of watches) if (watch.isFile(path)) report(watch, module, path)
  },
}

/**
 * Begins to watch for a file of a package.
 *
 * @returns ends it; twice is harmless
 */
export function watchModule(options: ModuleWatch): () => void {
  const watch: Watch = { ...options, isFile: createFileTest(options), seen: new WeakSet() }
  watches.add(watch)
  anyFolder = undefined
  hearing ??= hearModules(all)
  reportLoaded({
    isWanted: watch.isFile,
    onLoad(module, path) {
      before.add(watch.package)
      report(watch, module, path)
    },
  })
  return () => {
    watches.delete(watch)
    anyFolder = undefined
    if (watches.size > 0) return
    hearing?.stop()
    hearing = undefined
  }
}

/** The packages that had been loaded before they were watched for: asked at the start, those that were there before us. */
export function loadedBefore(): readonly string[] {
  return [...before]
}

/** How modules are heard; `undefined` while none is watched for. */
export function wayOfHearing(): LoadedModules['way'] | undefined {
  return hearing?.way
}

function folders(): RegExp {
  anyFolder ??= createFolderPattern(new Set([...watches].map(({ package: name }) => name)))
  return anyFolder
}

function report(watch: Watch, module: LoadedModule, path: string): void {
  const { exports } = module
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return
  if (watch.seen.has(exports)) return
  watch.seen.add(exports)
  const giveBack = withoutCycleWarning(exports)
  safely(`the hook of ${watch.package}`, () => watch.onLoad(exports, path, module))
  giveBack()
}

/**
 * Exports that were asked for in a cycle have a Proxy for a prototype until `require` returns: it warns when a field is read that is
 * not there, which ours may do.
 */
function withoutCycleWarning(exports: object): () => void {
  const prototype = types.isProxy(exports) ? null : (Object.getPrototypeOf(exports) as object | null)
  if (!types.isProxy(prototype)) return () => {}
  Object.setPrototypeOf(exports, Object.prototype)
  return () => Object.setPrototypeOf(exports, prototype)
}
