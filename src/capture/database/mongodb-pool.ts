/**
 * Who waits for a connection of the driver's pool goes on in its own context: in 6.0 another one's tick hands it out, to a callback.
 *
 * The list of who waits has a `push` of its own, which gives the driver's callback the store's own `run`. Newer versions settle a promise,
 * and need none of it.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { safely } from '../../diag/guarded.ts'
import { onRead } from '../hop/prototype-seams.ts'

interface Waiting {
  callback?: (...args: unknown[]) => unknown
}
interface List {
  push(member: Waiting): unknown
}

export function watchMongodbPool(
  { ConnectionPool }: { readonly ConnectionPool: { readonly prototype: object } },
  storage: AsyncLocalStorage<Context>,
): (() => void) | undefined {
  const known = new WeakSet<object>()
  return onRead(ConnectionPool.prototype, 'checkOut', function (this: object) {
    if (known.has(this)) return
    known.add(this)
    const queue = waitQueueOf(this)
    if (queue !== undefined) keepContexts(queue, storage)
  })
}

/** Under a symbol where members have callbacks; elsewhere nothing is to be done. */
function waitQueueOf(pool: object): List | undefined {
  const symbol = Object.getOwnPropertySymbols(pool).find(({ description }) => description === 'waitQueue')
  return symbol === undefined ? undefined : (pool as Record<symbol, List>)[symbol]
}

function keepContexts(queue: List, storage: AsyncLocalStorage<Context>): void {
  const push = queue.push.bind(queue)
  const value = (member: Waiting) => {
    safely('mongodb pool', () => {
      const { callback } = member
      if (callback === undefined) return
      member.callback = storage.run.bind(storage, contextApi.active(), callback) as typeof callback
    })
    return push(member)
  }
  Object.defineProperty(queue, 'push', { value, configurable: true, enumerable: false, writable: true })
}
