/**
 * In which context do the listeners of a request or response run? In the one it is bound to, whenever they are called.
 *
 * On Node 24 and later a context entered in a diagnostics channel is gone when a body arrives later. Here
 * `emit` is an accessor on the HTTP messages' prototypes: reading it looks at the active context, and hands back either
 * the original or the original bound to `AsyncLocalStorage.run`. No function of ours stands in a stack that the
 * application prints, and the context that was active comes back afterwards.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import { EMITTER_CONTEXT, EMITTER_MARK, type BoundEmitter } from '../../context/context-manager.ts'
import { unitOf } from '../../context/request-unit.ts'

type Emit = (event: string | symbol, ...args: unknown[]) => boolean
type Emitter = BoundEmitter & { emit: Emit }

/** From now on the listeners of `emitter` run in `context`. */
export function bindEmitter(emitter: object, context: Context): void {
  const bound = emitter as BoundEmitter
  bound[EMITTER_CONTEXT] = context
}

/** Makes `emit` of a prototype (or of one object) look at `EMITTER_CONTEXT`. Twice is harmless. */
export function watchEmitters(prototype: object, storage: AsyncLocalStorage<Context>): void {
  if (Object.hasOwn(prototype, EMITTER_MARK)) return
  const parent = Object.getPrototypeOf(prototype) as { emit: Emit }
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit')
  Object.defineProperty(prototype, EMITTER_MARK, { value: true, configurable: true })
  Object.defineProperty(prototype, 'emit', {
    configurable: true,
    get(this: Emitter): Emit {
      // Read through, so that an `emit` that somebody else patches further up keeps working.
      const emit = (own === undefined ? parent.emit : own.value) as Emit
      const context = this[EMITTER_CONTEXT]
      if (context === undefined || isAtHome(storage.getStore(), context)) return emit
      return storage.run.bind(storage, context, emit.bind(this) as () => boolean) as Emit
    },
    set(this: object, value: Emit) {
      Object.defineProperty(this, 'emit', { value, configurable: true, enumerable: true, writable: true })
    },
  })
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
