/**
 * Which context is active, and where is it stored? The API's context manager over one AsyncLocalStorage, with the store
 * itself in reach of capture/, which enters contexts from diagnostics channels.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

import { ensureEmitterState } from './emitter-state.ts'
import { InheritedContext } from './inherited-context.ts'

/** On a prototype: its emitters look at their state by themselves (capture/http/emitter-context.ts). */
export const EMITTER_MARK: unique symbol = Symbol.for('org.tracelog.emitter-mark')

/** The SDK's context manager, cheaper for HTTP messages: the stock `bind` makes 16 closures for each. */
export class TracelogContextManager extends AsyncLocalStorageContextManager {
  #inherited = new InheritedContext(ROOT_CONTEXT)

  /** The context that this process was started in: active wherever no other was entered, for as long as it holds. */
  adopt(inherited: InheritedContext): void {
    this.#inherited = inherited
  }

  override active(): Context {
    return this.storage.getStore() ?? this.#inherited.active()
  }

  /** The one store. `undefined` in it means the process's own context. */
  get storage(): AsyncLocalStorage<Context> {
    return this['_asyncLocalStorage'] as AsyncLocalStorage<Context>
  }

  override bind<T>(context: Context, target: T): T {
    if (typeof target !== 'object' || target === null || !(EMITTER_MARK in target)) return super.bind(context, target)
    ensureEmitterState(target).context = context
    return target
  }
}
