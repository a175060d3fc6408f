/**
 * A server's `emit` below and above what `@opentelemetry/instrumentation-http` makes of it.
 *
 * Below, a request becomes our hop, in the context that theirs has made. What its handler throws goes past theirs and is
 * thrown again above it: theirs reads what was thrown, and throws something else where it cannot be read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { unitOf } from '../../context/request-unit.ts'
import { safely } from '../../diag/guarded.ts'

type Emit = (this: unknown, event: string, ...args: unknown[]) => boolean

/** @returns the context in which the request is handled */
export type Adopt = (request: IncomingMessage, response: ServerResponse) => Context

export interface ServerEmit {
  /** Before theirs. @returns takes it back */
  below(adopt: Adopt): () => void
  /** After theirs. @returns takes it back */
  above(): () => void
}

export function watchServerEmit(prototype: object): ServerEmit {
  let thrown: { readonly error: unknown } | undefined
  return {
    below: (adopt) =>
      replaceEmit(prototype, (emit) => {
        return function belowTheirs(event, ...args) {
          if (event !== 'request') return Reflect.apply(emit, this, [event, ...args])
          const [request, response] = args as [IncomingMessage, ServerResponse]
          const context = safely('request', () => adopt(request, response)) ?? contextApi.active()
          try {
            return contextApi.with(context, () => Reflect.apply(emit, this, [event, ...args]))
          } catch (error) {
            // Outside of the handler's context nobody knows any more whose error it was.
            safely('request', () => unitOf(context)?.hop?.recordThrown(error))
            thrown = { error }
            return true
          }
        }
      }),
    above: () =>
      replaceEmit(prototype, (emit) => {
        return function aboveTheirs(event, ...args) {
          if (event !== 'request') return Reflect.apply(emit, this, [event, ...args])
          const hasHeard = Reflect.apply(emit, this, [event, ...args])
          const own = thrown
          thrown = undefined
          if (own !== undefined) throw own.error
          return hasHeard
        }
      }),
  }
}

function replaceEmit(prototype: object, around: (emit: Emit) => Emit): () => void {
  const server = prototype as { emit: Emit }
  const had = Object.getOwnPropertyDescriptor(prototype, 'emit')
  server.emit = around(server.emit)
  return () => {
    if (had === undefined) Reflect.deleteProperty(prototype, 'emit')
    else Object.defineProperty(prototype, 'emit', had)
  }
}
