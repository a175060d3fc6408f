/**
 * Who waits for a client of pg-pool goes on in its own context: another one gives the client back, in the middle of what it does.
 *
 * The pool's list of who waits has a `push` and a `shift` of its own. What was pushed in one context and is taken in another gets the
 * store's own `run` before its callback: a frame of Node's, none of ours.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { safely } from '../../diag/guarded.ts'
import { onFirstWrite } from '../hop/prototype-seams.ts'

interface Waiting {
  callback: (...args: unknown[]) => unknown
}
interface Pool {
  readonly _pendingQueue: Waiting[]
}

export function watchPgPool(
  { prototype }: { readonly prototype: object },
  storage: AsyncLocalStorage<Context>,
): () => void {
  return onFirstWrite(prototype, '_pendingQueue', function (this: Pool) {
    keepContexts(this._pendingQueue, storage)
  })
}

function keepContexts(queue: Waiting[], storage: AsyncLocalStorage<Context>): void {
  const contexts = new WeakMap<Waiting, Context>()
  const hidden = { configurable: true, enumerable: false, writable: true }
  Object.defineProperty(queue, 'push', {
    ...hidden,
    value(...items: Waiting[]) {
      safely('pg-pool push', () => items.forEach((item) => contexts.set(item, contextApi.active())))
      return Array.prototype.push.apply(queue, items)
    },
  })
  Object.defineProperty(queue, 'shift', {
    ...hidden,
    value() {
      const item = Array.prototype.shift.call(queue) as Waiting | undefined
      if (item !== undefined) safely('pg-pool shift', () => enter(item, contexts.get(item), storage))
      return item
    },
  })
}

function enter(item: Waiting, context: Context | undefined, storage: AsyncLocalStorage<Context>): void {
  if (context === undefined || context === contextApi.active()) return
  const { callback } = item
  item.callback = storage.run.bind(storage, context, callback) as Waiting['callback']
}
