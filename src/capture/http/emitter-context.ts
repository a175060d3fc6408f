/**
 * In which context do the listeners of a request or response run, and who looks on? They run in the context it is bound to,
 * whenever they are called; who looks on is asked before each event.
 *
 * On Node 24 and later a context entered in a diagnostics channel is gone when a body arrives later. Here
 * `emit` is an accessor on the HTTP messages' prototypes: reading it looks at the active context, and hands back either
 * the original or the original bound to `AsyncLocalStorage.run`. No function of ours stands in a stack that the
 * application prints, no listener of ours is there to be counted or removed, and the context that was active comes back.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import { EMITTER_MARK } from '../../context/context-manager.ts'
import {
  EmitterState,
  emitterState,
  ensureEmitterState,
  shareEmitterState,
  type EmitWatcher,
} from '../../context/emitter-state.ts'
import { unitOf } from '../../context/request-unit.ts'
import { safely } from '../../diag/guarded.ts'

type Emit = (event: string | symbol, ...args: unknown[]) => boolean
interface Emitter {
  emit: Emit
  /** Node's own count of events that somebody listens to. */
  readonly _eventsCount?: number
  readonly _events?: { readonly end?: unknown }
}

/** From now on the listeners of `emitter` run in `context`. */
export function bindEmitter(emitter: object, context: Context): void {
  ensureEmitterState(emitter).context = context
}

/** From now on the watcher looks on; its emitter's prototype (or it itself) must be given to `watchEmitters`. */
export function watchEmits(emitter: object, watcher: EmitWatcher): void {
  const state = ensureEmitterState(emitter)
  state.watcher = state.watcher === undefined ? watcher : new BothWatchers(state.watcher, watcher)
}

/** The same for a request and its response at once. */
export function watchExchange(
  request: object,
  response: object,
  hop: EmitWatcher & { readonly context: Context },
): void {
  const state = new EmitterState()
  state.context = hop.context
  state.watcher = hop
  if (shareEmitterState(request, response, state)) return
  bindEmitter(request, hop.context)
  bindEmitter(response, hop.context)
  watchEmits(response, hop)
}

class BothWatchers implements EmitWatcher {
  readonly #first: EmitWatcher
  readonly #second: EmitWatcher

  constructor(first: EmitWatcher, second: EmitWatcher) {
    this.#first = first
    this.#second = second
  }

  onEmit(): boolean {
    const goesOn = this.#first.onEmit()
    return this.#second.onEmit() || goesOn
  }
}

/** Makes `emit` of a prototype (or of one object) look at what `bindEmitter` and `watchEmits` put there. Twice is harmless. */
export function watchEmitters(prototype: object, storage: AsyncLocalStorage<Context>): void {
  if (Object.hasOwn(prototype, EMITTER_MARK)) return
  const parent = Object.getPrototypeOf(prototype) as { emit: Emit }
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit')
  // Read through, so that an `emit` that somebody else patches further up keeps working.
  const watched = (emitter: Emitter | undefined) =>
    watchedEmit(emitter, (own === undefined ? parent.emit : own.value) as Emit, storage)
  Object.defineProperty(prototype, EMITTER_MARK, { value: true, configurable: true })
  Object.defineProperty(prototype, 'emit', {
    configurable: true,
    get(this: Emitter | undefined): Emit {
      return safely('emit', watched, this) ?? ((own === undefined ? parent.emit : own.value) as Emit)
    },
    set(this: Emitter, value: Emit) {
      // A plain property would hide the accessor, and with it the end of the response.
      let assigned = value
      Object.defineProperty(this, 'emit', {
        configurable: true,
        enumerable: true,
        get: () => safely('emit', () => watchedEmit(this, assigned, storage)) ?? assigned,
        set: (next: Emit) => {
          assigned = next
        },
      })
    },
  })
}

/** @param emitter  `undefined` where a test double asks the accessor itself: vitest's and jest's `spyOn` do */
function watchedEmit(emitter: Emitter | undefined, emit: Emit, storage: AsyncLocalStorage<Context>): Emit {
  if (emitter === undefined || isNodesAlone(emitter)) return emit
  const state = emitterState(emitter)
  if (state === undefined) return emit
  const { watcher, context } = state
  if (watcher !== undefined && safely('emit', look, watcher) === false) state.watcher = undefined
  if (context === undefined || emitter._eventsCount === 0 || isAtHome(storage.getStore(), context)) return emit
  return storage.run.bind(storage, context, emit.bind(emitter) as () => boolean) as Emit
}

function look(watcher: EmitWatcher): boolean {
  return watcher.onEmit()
}

/** What Node itself hears of each inbound request, to forget it: it needs no context. */
const NODES_OWN = 'clearIncoming'
/** The function of that name: reading a name is a call into C++. */
let nodesOwn: unknown

/**
 * Whether it is an inbound request that only Node listens to, as of most: five events of each. Nobody can tell in which context they
 * would have run, each context entered is a Map (Node 24), and who looks on looks at its response.
 */
function isNodesAlone({ _eventsCount: count, _events: events }: Emitter): boolean {
  if (count !== 1) return false
  const end = events?.end
  if (typeof end !== 'function') return false
  if (end !== nodesOwn && end.name === NODES_OWN) nodesOwn = end
  return end === nodesOwn
}

/** The bound context is active, or a deeper one of the same request: that one is to stay. */
function isAtHome(active: Context | undefined, bound: Context): boolean {
  if (active === bound) return true
  if (active === undefined) return false
  const unit = unitOf(bound)
  return unit !== undefined && unitOf(active) === unit
}

/** Undoes `watchEmitters`. */
export function unwatchEmitters(prototype: object): void {
  if (!Object.hasOwn(prototype, EMITTER_MARK)) return
  Reflect.deleteProperty(prototype, EMITTER_MARK)
  Reflect.deleteProperty(prototype, 'emit')
}
