/**
 * Where do node:http2's clients keep their methods? It exports none of these classes: they are read off one session that goes nowhere,
 * made and destroyed in one go, when the application has loaded node:http2.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import { guarded } from '../../diag/guarded.ts'
import type { HeaderList } from './http2-header-list.ts'

/** The native part of a session. */
export interface HandlePrototype {
  request: (this: HandlePrototype, list: HeaderList, ...rest: readonly unknown[]) => unknown
}

export interface Http2Prototypes {
  readonly session: object
  readonly handle: HandlePrototype
}

/** @returns what is missing, as text */
export function findHttp2Prototypes(storage: AsyncLocalStorage<Context>): Http2Prototypes | string {
  return storage.run(ROOT_CONTEXT, probe)
}

function probe(): Http2Prototypes | string {
  const { connect } = process.getBuiltinModule('node:http2')
  const { Duplex } = process.getBuiltinModule('node:stream')
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session = connect('http://localhost', { createConnection: () => nowhere })
  session.on(
    'error',
    guarded('http2', () => {}),
  )
  const handle = ownSymbol(session, 'kHandle') as HandlePrototype | undefined
  const prototype = Object.getPrototypeOf(session) as object
  session.destroy()
  nowhere.destroy()
  if (handle === undefined || typeof handle.request !== 'function') return 'its sessions have no native request'
  return { session: prototype, handle: Object.getPrototypeOf(handle) as HandlePrototype }
}

/**
 * The stream that `session.request()` has just made. Asked once, for the first one: a request on the probe would have been published to
 * whoever listens to Node's channels.
 */
export function newestStreamOf(session: object): object | undefined {
  const state = ownSymbol(session, 'state') as { readonly pendingStreams?: Iterable<object> } | undefined
  return state?.pendingStreams === undefined ? undefined : [...state.pendingStreams].at(-1)
}

function ownSymbol(of: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(of).find((symbol) => symbol.description === description)
  return key === undefined ? undefined : (of as Record<symbol, unknown>)[key]
}
