/**
 * Which route of koa answered, and with which error? Routers (@koa/router, koa-router) assign the pattern to the context, where an
 * accessor hears it; what nobody caught koa emits as `error` of the application, where ours listens unseen: koa prints such errors itself
 * only as long as it sees no other listener.
 */
import type { EventEmitter } from 'node:events'

import { currentUnit } from '../../context/request-unit.ts'
import { guarded } from '../../diag/guarded.ts'
import { listenUnseen } from '../../diag/own-listeners.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { watchReads } from './method-reads.ts'
import { noteFailure } from './request-failure.ts'

const MATCHED = '_matchedRoute'

/** Opened when the first of the files is loaded. */
export function createKoaHook(): LibraryHook {
  return {
    onFile: ({ file, exports }) => (file.file === 'lib/context.js' ? watchRoutes(exports) : watchErrors(exports)),
  }
}

/** @param exports  the object that every context of a request has as its prototype */
function watchRoutes(exports: unknown): () => void {
  const prototype = exports as object
  Object.defineProperty(prototype, MATCHED, {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    // The router's first word: its later ones name what it runs before the handler.
    set(this: object, value: unknown) {
      Object.defineProperty(this, MATCHED, { value, configurable: true, enumerable: true, writable: true })
      noteRoute.call(this as never, value as never)
    },
  })
  return () => void Reflect.deleteProperty(prototype, MATCHED)
}

const noteRoute = guarded('koa', function (this: { readonly req?: object }, pattern: unknown) {
  const unit = currentUnit()
  if (unit === undefined || (unit.inbound !== undefined && this.req !== unit.inbound)) return
  if (typeof pattern === 'string') unit.route = pattern
  else if (pattern instanceof RegExp) unit.route = pattern.source
})

/** An application is seen when it is asked for its request listener. */
function watchErrors(exports: unknown): () => void {
  const stops = new Map<EventEmitter, () => void>()
  const { prototype } = exports as { readonly prototype?: object }
  const unwatch = watchReads(prototype, 'callback', (app: EventEmitter) => {
    if (!stops.has(app)) stops.set(app, listenUnseen(app, 'error', noteFailure))
  })
  return () => {
    unwatch()
    for (const stop of stops.values()) stop()
    stops.clear()
  }
}
