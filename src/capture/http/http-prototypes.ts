/**
 * Puts our accessors on node:http's prototypes, at the first request: loading node:http costs a process that never uses
 * it 3 ms (Node 24.21).
 */
import type { AsyncLocalStorage } from 'node:async_hooks'
import type * as Http from 'node:http'

import type { Context } from '@opentelemetry/api'

import { unwatchEmitters, watchEmitters } from './emitter-context.ts'
import { watchAgent } from './outgoing-destination.ts'
import { unwatchResponseHeads, watchResponseHeads } from './response-head.ts'

export interface HttpPrototypes {
  /** Call when node:http is in use. Twice is harmless, and cheap. */
  watch(): void
  unwatch(): void
}

export function createHttpPrototypes(storage: AsyncLocalStorage<Context>): HttpPrototypes {
  let undo: (() => void) | undefined
  return {
    watch() {
      undo ??= watchAll(process.getBuiltinModule('node:http'), storage)
    },
    unwatch() {
      undo?.()
      undo = undefined
    },
  }
}

function watchAll(http: typeof Http, storage: AsyncLocalStorage<Context>): () => void {
  const emitters = [http.IncomingMessage.prototype, http.ServerResponse.prototype, http.ClientRequest.prototype]
  for (const prototype of emitters) watchEmitters(prototype, storage)
  watchResponseHeads(http.ServerResponse.prototype)
  const unwatchAgent = watchAgent(http.Agent.prototype)
  return () => {
    for (const prototype of emitters) unwatchEmitters(prototype)
    unwatchResponseHeads(http.ServerResponse.prototype)
    unwatchAgent()
  }
}
