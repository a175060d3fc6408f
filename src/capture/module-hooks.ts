/**
 * Tells a capture module when its library's files have been loaded, in CommonJS and ESM applications, before or after us.
 *
 * One subscription of Node's own `module.require` channel and a look at what is loaded already: no loader hook, no patched
 * `require`, no frame of ours in anybody's stack (facts: works on Node 22.15, 24 and 26). What is seen:
 * - every CommonJS file that anything `require`s, also inside packages that an ESM application imports;
 * - a package's CommonJS main file that ESM imports directly, at the first assignment of its `module.exports`, if it
 *   requires something before (all but the smallest do).
 * Not seen: ES modules themselves, and what a bundler has folded into the application.
 *
 *   watchModule({ package: 'winston', file: 'lib/winston/logger.js', onLoad: (Logger, path) => { ... } })
 *   watchModule({ package: 'express', onLoad: (express) => { ... } })              // the main file
 */
import { tracingChannel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import Module from 'node:module'

import { soon } from '../diag/clock.ts'
import { sayOnce } from '../diag/events.ts'

export interface ModuleWatch {
  /** As in package.json: `winston`, `@redis/client`. */
  readonly package: string
  /** Path inside the package, with `/` and extension: `lib/winston/logger.js`. Default: what `require(package)` gives. */
  readonly file?: string
  /**
   * Called once per exports object (two copies of a package: twice), at once for those loaded already.
   *
   * @param path  of the file that was loaded, or `undefined` when only its exports are known (a main file)
   */
  readonly onLoad: (exports: unknown, path: string | undefined) => void
}

interface LoadedModule {
  readonly loaded: boolean
  exports: unknown
}
interface RequireMessage {
  readonly id?: unknown
  readonly parentFilename?: unknown
  readonly result?: unknown
}

interface Watch extends ModuleWatch {
  /** `/winston/`: stands in the path of every file of the package. */
  readonly folder: string
  /** `/winston/lib/winston/logger`, or `undefined` for a main file. */
  readonly ending: string | undefined
  readonly seen: WeakSet<object>
}

const watches = new Set<Watch>()
const armed = new WeakSet<object>()
const cache = (Module as unknown as { readonly _cache: Record<string, LoadedModule | undefined> })._cache
const channel = tracingChannel<object>('module.require')
const subscribers = { start: onRequireStart, end: onRequireEnd }

/**
 * Begins to watch for a file of a package.
 *
 * @returns ends it; twice is harmless
 */
export function watchModule(options: ModuleWatch): () => void {
  const watch: Watch = {
    ...options,
    folder: `/${options.package}/`,
    ending: options.file === undefined ? undefined : `/${options.package}/${withoutExtension(options.file)}`,
    seen: new WeakSet(),
  }
  if (watches.size === 0) channel.subscribe(subscribers as never)
  watches.add(watch)
  seeLoaded(watch)
  return () => {
    if (!watches.delete(watch) || watches.size > 0) return
    channel.unsubscribe(subscribers as never)
  }
}

/** Modules that were loaded before: the preload is not always first. */
function seeLoaded(watch: Watch): void {
  for (const path of Object.keys(cache)) {
    const slashed = slashes(path)
    if (!slashed.includes(watch.folder)) continue
    const module = cache[path]
    if (module?.loaded !== true) continue
    if (watch.ending === undefined ? isMain(slashed, watch) : endsWith(slashed, watch.ending)) {
      report(watch, module.exports, path)
    }
  }
}

/** A main file that ESM imports is never the result of a `require`; it is seen when it requires something itself. */
function onRequireStart(message: RequireMessage): void {
  const parent = message.parentFilename
  if (typeof parent !== 'string') return
  const slashed = slashes(parent)
  for (const watch of watches) {
    if (!slashed.includes(watch.folder)) continue
    if (watch.ending === undefined ? isMain(slashed, watch) : endsWith(slashed, watch.ending)) arm(watch, parent)
  }
}

function onRequireEnd(message: RequireMessage): void {
  const { id, parentFilename, result } = message
  if (typeof id !== 'string') return
  const parent = typeof parentFilename === 'string' ? slashes(parentFilename) : ''
  const isRelative = id.startsWith('.')
  for (const watch of watches) {
    if (watch.ending === undefined) {
      if (id === watch.package) report(watch, result, undefined)
      continue
    }
    if (isRelative ? !parent.includes(watch.folder) : !id.startsWith(watch.package)) continue
    const path = isRelative ? joined(parent, id) : `/${id}`
    if (endsWith(path, watch.ending)) report(watch, result, isRelative ? fileOf(path) : undefined)
  }
}

/** Sees the value of `module.exports` at its first assignment, else when the file has run. */
function arm(watch: Watch, path: string): void {
  const module = cache[path]
  if (module === undefined || module.loaded || armed.has(module)) return
  armed.add(module)
  let value = module.exports
  const initial = value
  Object.defineProperty(module, 'exports', {
    configurable: true,
    enumerable: true,
    get: () => value,
    set(assigned) {
      value = assigned
      restore()
      reportToAll(path, assigned)
    },
  })
  function restore() {
    Object.defineProperty(module, 'exports', { configurable: true, enumerable: true, writable: true, value })
  }
  soon(() => {
    if (value !== initial) return
    restore()
    if (module.loaded) report(watch, value, path)
  })
}

function reportToAll(path: string, exports: unknown): void {
  const slashed = slashes(path)
  for (const watch of watches) {
    if (!slashed.includes(watch.folder)) continue
    if (watch.ending === undefined ? isMain(slashed, watch) : endsWith(slashed, watch.ending)) {
      report(watch, exports, path)
    }
  }
}

function report(watch: Watch, exports: unknown, path: string | undefined): void {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return
  if (watch.seen.has(exports)) return
  watch.seen.add(exports)
  try {
    watch.onLoad(exports, path)
  } catch (error) {
    // A subscriber that throws would end the process.
    sayOnce(`hook:${watch.package}`, `could not attach to ${watch.package}: ${String(error)}; it is not captured`)
  }
}

/** Whether a path is the main file of the watched package: the file that its package.json names. */
function isMain(slashed: string, watch: Watch): boolean {
  // From the right: a package may hold a folder of its own name.
  for (
    let at = slashed.lastIndexOf(watch.folder);
    at >= 0;
    at = at === 0 ? -1 : slashed.lastIndexOf(watch.folder, at - 1)
  ) {
    const folder = slashed.slice(0, at + watch.folder.length)
    const main = mainOf(folder)
    if (main !== undefined) return main === withoutExtension(slashed.slice(folder.length))
  }
  return false
}

const mains = new Map<string, string | undefined>()

/** `undefined` for a folder that is no package. */
function mainOf(folder: string): string | undefined {
  if (!mains.has(folder)) mains.set(folder, readMain(folder))
  return mains.get(folder)
}

function readMain(folder: string): string | undefined {
  try {
    // Read, not required: a `require` from here would announce itself to this very channel.
    const manifest = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { name?: unknown; main?: unknown }
    if (manifest.name === undefined) return undefined
    return typeof manifest.main === 'string' ? withoutExtension(manifest.main.replace(/^\.\//, '')) : 'index'
  } catch {
    return undefined
  }
}

function joined(parent: string, id: string): string {
  const parts = parent.split('/')
  parts.pop()
  for (const part of id.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** The path that Node loaded, when it is in the cache under one of the usual endings. */
function fileOf(path: string): string | undefined {
  return [path, `${path}.js`, `${path}.cjs`, `${path}/index.js`].find((candidate) => candidate in cache)
}

function endsWith(path: string, ending: string): boolean {
  return withoutExtension(path).endsWith(ending)
}

function withoutExtension(path: string): string {
  return path.replace(/\.c?js$/, '').replace(/\/index$/, '')
}

function slashes(path: string): string {
  return path.includes('\\') ? path.replaceAll('\\', '/') : path
}
