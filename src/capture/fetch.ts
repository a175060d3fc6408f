/**
 * Global fetch and the undici package: CLIENT spans by undici's own diagnostics channels, nothing patched.
 *
 * Node's built-in undici and one from npm publish to the same channels. Exactly one `traceparent` goes onto the wire.
 */
import { context as contextApi, propagation, trace, type Context, type TextMapSetter } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { mergeBaggage } from '../context/baggage.ts'
import { BAGGAGE, DESTINATION } from '../context/propagation.ts'
import { channelInstrumentation } from './hop/channel-subscriptions.ts'
import { ClientHop } from './http/client-hop.ts'
import { sendGrant, type HeaderEdit } from './http/kept-grant.ts'
import { DUMP_HEADER } from './http/own-headers.ts'
import { defaultPort, meantRequest, withoutBrackets, type OutgoingRequest } from './http/outgoing-request.ts'
import { QUIET, type HopOptions } from './hop/hop-options.ts'
import type { PeerSocket } from './http/server-attributes.ts'
import type { Instrumentation } from './instrumentation.ts'

/** What of undici's Request is touched. `headers`: name and value in turn; undici 5 has one text. */
interface UndiciRequest {
  readonly origin?: string | URL
  readonly path: string
  readonly method: string
  headers: unknown[] | string
  addHeader(name: string, value: string): unknown
}
interface UndiciMessage {
  readonly request: UndiciRequest
  readonly socket?: PeerSocket
  readonly response?: { readonly statusCode: number; readonly headers: readonly unknown[] }
  readonly error?: unknown
}

export function createFetchInstrumentation(options: HopOptions): Instrumentation {
  const hops = new WeakMap<object, ClientHop>()
  return channelInstrumentation('undici', {
    'undici:request:create': ({ request }: UndiciMessage) => begin(options, request, hops),
    'undici:client:sendHeaders': ({ request, socket }: UndiciMessage) => hops.get(request)?.connectedTo(socket ?? {}),
    'undici:request:headers': ({ request, response }: UndiciMessage) => {
      if (response === undefined) return
      const hop = hops.get(request)
      if (hop === undefined) return
      const { headers, statusCode } = response
      const identity = { date: headerOf(headers, 'date'), etag: headerOf(headers, 'etag') }
      hop.answered(statusCode, {
        cacheStatus: headerOf(headers, 'cache-status'),
        dump: headerOf(headers, DUMP_HEADER),
        // Read again only within a request.
        ...(hop.unit === undefined ? {} : { identity }),
      })
    },
    'undici:request:trailers': ({ request }: UndiciMessage) => hops.get(request)?.ended(),
    'undici:request:error': ({ request, error }: UndiciMessage) => hops.get(request)?.failed(error),
  })
}

function begin(options: HopOptions, request: UndiciRequest, hops: WeakMap<object, ClientHop>): void {
  const caller = contextApi.active()
  // CONNECT is undici's way through a proxy; the request inside of it is announced by itself.
  if (isTracingSuppressed(caller) || request.method === 'CONNECT') return
  const outgoing = destinationOf(request)
  sendGrant(options, caller, { carrier: request, edit: EDIT, host: outgoing.host })
  if (caller.getValue(QUIET) === true) {
    inject(options, request, caller, outgoing.host)
    return
  }
  const hop = new ClientHop(options, outgoing, caller)
  hops.set(request, hop)
  inject(options, request, hop.context, outgoing.host)
}

function destinationOf({ origin, path, method }: UndiciRequest): OutgoingRequest {
  const { protocol, hostname, port } = new URL(String(origin ?? 'http://localhost'))
  const host = withoutBrackets(hostname)
  return meantRequest({ method, protocol, host, port: Number(port) || defaultPort(protocol), target: path })
}

/** Raw headers: names and values in turn, as Buffers. */
function headerOf(headers: readonly unknown[] | Readonly<Record<string, unknown>>, name: string): string | undefined {
  // HTTP/2 of undici 8 has them parsed.
  if (!Array.isArray(headers)) return readObject((headers as Readonly<Record<string, unknown>>)[name])
  const values: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const one = headers[at]
    // Compared by length first: a text is made of few of them.
    if ((one as { length?: number }).length !== name.length || String(one).toLowerCase() !== name) continue
    values.push(String(headers[at + 1]))
  }
  return values.length === 0 ? undefined : values.join(', ')
}

function readObject(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : undefined
}

const SETTER: TextMapSetter<UndiciRequest> = {
  set(request, key, value) {
    const present = key === BAGGAGE ? takeHeader(request, BAGGAGE) : undefined
    takeHeader(request, key)
    request.addHeader(key, present === undefined ? value : mergeBaggage(value, present))
  },
}

const EDIT: HeaderEdit<UndiciRequest> = {
  values({ headers }, name) {
    if (typeof headers === 'string') return [lineOf(headers, name)?.[1] ?? []].flat()
    return headers.flatMap((key, at) => (at % 2 === 0 && isNamed(key, name) ? (headers[at + 1] as unknown[]) : []))
  },
  remove: takeHeader,
  set: (request, name, value) => request.addHeader(name, value),
}

function inject({ propagator }: HopOptions, request: UndiciRequest, context: Context, host: string): void {
  if (propagator.mayPropagateTo(host) && trace.getSpanContext(context) !== undefined) {
    for (const name of propagator.staleFields) takeHeader(request, name)
  }
  propagation.inject(context.setValue(DESTINATION, host), request, SETTER)
}

/** Removes what the application or a proxy has put there. @returns what it was */
function takeHeader(request: UndiciRequest, name: string): string | undefined {
  const { headers } = request
  if (typeof headers === 'string') {
    const line = lineOf(headers, name)
    if (line === null) return undefined
    request.headers = headers.replace(line[0], '')
    return line[1]
  }
  let taken: string | undefined
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (!isNamed(headers[at], name)) continue
    taken = taken === undefined ? String(headers[at + 1]) : `${taken},${String(headers[at + 1])}`
    headers.splice(at, 2)
    at -= 2
  }
  return taken
}

function lineOf(headers: string, name: string): RegExpExecArray | null {
  return new RegExp(String.raw`^${name}:[ \t]*([^\r\n]*)\r\n`, 'im').exec(headers)
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.length === name.length && key.toLowerCase() === name
}
