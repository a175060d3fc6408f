/**
 * When has a CommonJS file run? Heard through the property `loaded`, which Node assigns to every Module.
 *
 * Node sets it to false in Module's constructor, and to true when the file has run, before anyone gets its exports. An accessor
 * on `Module.prototype` hears both, and has returned before the file's code runs: no loader hook, no patched `require`, no
 * frame of ours in anybody's stack, and what Node prints of an uncaught error stays as it is.
 *
 * A later Node may not assign it; `start` tries that. Then Node's channel `module.require` is heard instead, which puts frames of
 * Node's own into the application's stacks.
 */
import { tracingChannel } from 'node:diagnostics_channel'
import Module from 'node:module'

import { soon } from '../diag/timers.ts'
import { guarded, safely } from '../diag/guarded.ts'

/** What is read and written of a Module. */
export interface LoadedModule {
  readonly id: unknown
  readonly loaded: unknown
  exports: unknown
}

export interface LoadedModulesOptions {
  /** Whether this path may be, or lie beside, a file that is waited for. Asked of every module: MUST be quick. */
  readonly isNear: (path: string) => boolean
  /** Whether this file is waited for. MUST NOT throw. */
  readonly isWanted: (path: string) => boolean
  /** Such a file has run; nobody has its exports yet. MUST NOT throw. */
  readonly onLoad: (module: LoadedModule, path: string) => void
}

export interface LoadedModules {
  /** How modules are heard. */
  readonly way: 'property' | 'channel'
  stop(): void
}

const { _cache: cache, prototype } = Module as unknown as {
  readonly _cache: Record<string, LoadedModule | undefined>
  readonly prototype: object
}

/** Modules that have run already: the preload is not always first. */
export function reportLoaded({ isWanted, onLoad }: Omit<LoadedModulesOptions, 'isNear'>): void {
  for (const path of Object.keys(cache)) {
    const module = cache[path]
    if (module?.loaded === true && isWanted(path)) onLoad(module, path)
  }
}

/** Begins to hear of modules that run from now on. */
export function hearModules(options: LoadedModulesOptions): LoadedModules {
  return hearProperty(options) ?? hearChannel(options)
}

function hearProperty(options: LoadedModulesOptions): LoadedModules | undefined {
  let assigned = 0
  const descriptor: PropertyDescriptor & ThisType<LoadedModule> = {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set(this: LoadedModule, value: unknown) {
      assigned++
      define(this, 'loaded', value)
      const { id } = this
      if (value !== false || typeof id !== 'string') return
      safely('Module.loaded', () => {
        if (options.isNear(id)) watchOne(this, id, options)
      })
    },
  }
  // Whoever listens here already, listens alone.
  if (Object.hasOwn(prototype, 'loaded')) return undefined
  Object.defineProperty(prototype, 'loaded', descriptor)
  const stop = () => {
    if (Object.getOwnPropertyDescriptor(prototype, 'loaded')?.set === descriptor.set) {
      Reflect.deleteProperty(prototype, 'loaded')
    }
  }
  void new Module('tracelog')
  if (assigned > 0) return { way: 'property', stop }
  stop()
  return undefined
}

/** Own accessors until the file has run; data properties again before anyone is told. */
function watchOne(module: LoadedModule, path: string, { isWanted, onLoad }: LoadedModulesOptions): void {
  if (!isWanted(path)) return
  let { exports } = module
  let isDone = false
  function finish(): void {
    if (isDone) return
    isDone = true
    define(module, 'exports', exports)
    onLoad(module, path)
  }
  Object.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: true,
    get: () => false,
    set(value: unknown) {
      define(module, 'loaded', value)
      if (value === true) safely('a module', finish)
    },
  })
  Object.defineProperty(module, 'exports', {
    configurable: true,
    enumerable: true,
    get() {
      // A loader that gives the source itself defines `loaded` instead of assigning it, and reads the exports next.
      if (module.loaded === true) safely('a module', finish)
      return isDone ? module.exports : exports
    },
    set(value: unknown) {
      exports = value
    },
  })
}

/** As the constructor's own assignment would have made it. */
function define(module: LoadedModule, name: 'loaded' | 'exports', value: unknown): void {
  Object.defineProperty(module, name, { value, configurable: true, enumerable: true, writable: true })
}

/** Looks at what is loaded when something of it has been required; a file that ESM imports is seen a moment later. */
function hearChannel(options: LoadedModulesOptions): LoadedModules {
  const channel = tracingChannel<object>('module.require')
  const look = guarded('module.require', () => reportLoaded(options))
  const end = guarded('module.require', ({ id, parentFilename }: RequireMessage) => {
    if (!options.isNear(`/${String(id)}/`) && !options.isNear(String(parentFilename))) return
    reportLoaded(options)
    soon(look)
  })
  channel.subscribe({ end } as never)
  return { way: 'channel', stop: () => channel.unsubscribe({ end } as never) }
}

interface RequireMessage {
  readonly id?: unknown
  readonly parentFilename?: unknown
}
