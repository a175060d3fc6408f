/**
 * The context of a request, for the turn in which its handler is called.
 *
 * From Node 24 on a context that is entered ends with the turn. Node 22 keeps it on the resource that is being served, and the
 * resource of an HTTP parser is that of its connection: what comes next on it, a malformed message for one, would run as part
 * of the request before. So it is taken off again when the handler has returned; all that the handler began has it already.
 */
import { executionAsyncResource, type AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import { soon } from '../../diag/timers.ts'

/** Where Node 22 keeps the store on a resource. */
interface ResourceStorage {
  readonly kResourceStore?: symbol
}

export function enterForTurn(storage: AsyncLocalStorage<Context>, context: Context): void {
  storage.enterWith(context)
  const { kResourceStore: key } = storage as ResourceStorage
  if (key === undefined) return
  const resource = executionAsyncResource() as Record<symbol, unknown>
  if (resource[key] !== context) return
  soon(() => {
    if (resource[key] === context) resource[key] = undefined
  })
}
