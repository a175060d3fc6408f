/**
 * Which context is active, and where is it stored? The API's context manager over one AsyncLocalStorage, with the store
 * itself in reach of capture/, which enters contexts from diagnostics channels.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

import { setHidden } from '../diag/hidden-field.ts'

/** On an emitter: the context in which its listeners run. Read by capture/http/emitter-context.ts. */
export const EMITTER_CONTEXT: unique symbol = Symbol.for('org.tracelog.emitter-context')
/** On a prototype: its emitters look at `EMITTER_CONTEXT` by themselves. */
export const EMITTER_MARK: unique symbol = Symbol.for('org.tracelog.emitter-mark')

export interface BoundEmitter {
  [EMITTER_CONTEXT]?: Context
  readonly [EMITTER_MARK]?: true
}

/** The SDK's context manager, cheaper for HTTP messages: the stock `bind` makes 16 closures for each. */
export class TracelogContextManager extends AsyncLocalStorageContextManager {
  #processContext = ROOT_CONTEXT

  /** The context that this process was started in: active wherever no other was entered. */
  adopt(context: Context): void {
    this.#processContext = context
  }

  override active(): Context {
    return this.storage.getStore() ?? this.#processContext
  }

  /** The one store. `undefined` in it means the process's own context. */
  get storage(): AsyncLocalStorage<Context> {
    return this['_asyncLocalStorage'] as AsyncLocalStorage<Context>
  }

  override bind<T>(context: Context, target: T): T {
    const emitter = target as BoundEmitter | null | undefined
    if (typeof target !== 'object' || emitter?.[EMITTER_MARK] !== true) return super.bind(context, target)
    setHidden(emitter, EMITTER_CONTEXT, context)
    return target
  }
}
