/**
 * The default HTTP engine: Node's diagnostics channels, and what they lack. Nothing of node:http is replaced but accessors
 * (emitter-context.ts, response-headers.ts), and node:http is not even loaded before the application does.
 */
import { channel } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { ROOT_CONTEXT } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { markInbound, watchAttempt } from '../proxy.ts'
import { ClientHop } from './client-hop.ts'
import { bindEmitter } from './emitter-context.ts'
import { QUIET, type HopOptions } from './hop-options.ts'
import type { HttpEngine } from './http-engine.ts'
import { createHttpPrototypes } from './http-prototypes.ts'
import { injectHeaders } from './outgoing-headers.ts'
import { destinationOf } from './outgoing-destination.ts'
import { addResponseHeaders } from './response-headers.ts'
import { beginServerHop, endOf, quietContext } from './server-hop.ts'
import { createPathMatcher, parseTarget } from './url-query.ts'
import { trackHop } from './open-hops.ts'

interface ServerMessage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: Server
}
interface ClientMessage {
  readonly request: ClientRequest
  readonly response?: IncomingMessage
  readonly error?: unknown
}

/** On a ClientRequest: its hop. */
const CLIENT_HOP: unique symbol = Symbol.for('org.tracelog.client-hop')

type TrackedRequest = ClientRequest & { [CLIENT_HOP]?: ClientHop }

export function createChannelsEngine(options: HopOptions): HttpEngine {
  const isIgnored = createPathMatcher(options.ignorePaths ?? [])
  const prototypes = createHttpPrototypes(options.storage)
  const handlers: readonly (readonly [string, (message: unknown) => void])[] = [
    [
      'http.server.request.start',
      guarded((message: ServerMessage) => {
        prototypes.watch()
        onServerRequest(options, message, isIgnored)
      }),
    ],
    [
      'http.client.request.created',
      guarded((message: ClientMessage) => {
        prototypes.watch()
        onClientRequest(options, message.request)
      }),
    ],
    ['http.client.response.finish', guarded((message: ClientMessage) => onClientResponse(options, message))],
    ['http.client.request.error', guarded(onClientError)],
  ]
  let isEnabled = false
  return {
    name: 'channels',
    enable() {
      if (isEnabled) return
      isEnabled = true
      for (const [name, handler] of handlers) channel(name).subscribe(handler)
    },
    disable() {
      if (!isEnabled) return
      isEnabled = false
      for (const [name, handler] of handlers) channel(name).unsubscribe(handler)
      prototypes.unwatch()
    },
  }
}

/** An error thrown in a subscriber would end the process: Node reports it as uncaught. */
function guarded(handler: (message: never) => void): (message: unknown) => void {
  return (message) => {
    try {
      handler(message as never)
    } catch {
      // The request goes on without a hop.
    }
  }
}

function onServerRequest(
  options: HopOptions,
  { request, response, socket }: ServerMessage,
  isIgnored: (path: string) => boolean,
): void {
  const target = parseTarget(request.url ?? '/')
  if (isIgnored(target.path)) {
    const quiet = quietContext(request.headers)
    bindEmitter(request, quiet)
    bindEmitter(response, quiet)
    options.storage.enterWith(quiet)
    return
  }
  const hop = beginServerHop(options, { request, target, socket })
  markInbound(request, hop.unit, response)
  bindEmitter(request, hop.context)
  bindEmitter(response, hop.context)
  addResponseHeaders(response, hop.unit, options)
  const untrack = trackHop(hop, response)
  response.once('close', () => {
    untrack()
    hop.finish(endOf(response))
  })
  options.storage.enterWith(hop.context)
}

function onClientRequest(options: HopOptions, request: ClientRequest): void {
  const caller = options.storage.getStore() ?? ROOT_CONTEXT
  if (isTracingSuppressed(caller)) return
  const outgoing = destinationOf(request)
  if (caller !== ROOT_CONTEXT) bindEmitter(request, caller)
  if (caller.getValue(QUIET) === true) {
    injectHeaders(request, caller, { host: outgoing.host, propagator: options.propagator })
    return
  }
  const hop = new ClientHop(options, outgoing, caller)
  const tracked = request as TrackedRequest
  tracked[CLIENT_HOP] = hop
  injectHeaders(request, hop.context, { host: outgoing.host, propagator: options.propagator })
  if (hop.unit !== undefined && hop.attempt !== undefined) watchAttempt(hop.unit, hop.attempt, tracked as never)
  request.once('close', () => onClientClose(hop, tracked))
}

function onClientResponse(options: HopOptions, { request, response }: ClientMessage): void {
  const hop = (request as TrackedRequest)[CLIENT_HOP]
  if (hop === undefined || response === undefined) return
  const caller = options.storage.getStore()
  if (hop.unit !== undefined && caller !== undefined) bindEmitter(response, caller)
  answer(options, hop, request, response)
  // A response whose body is read after the request's `close` still counts until its last byte.
  response.once('close', () => hop.ended())
}

function answer(options: HopOptions, hop: ClientHop, request: ClientRequest, response: IncomingMessage): void {
  if (request.socket !== null && request.socket !== undefined) hop.connectedTo(request.socket)
  hop.answered(response.statusCode ?? 0, {
    protocolVersion: response.httpVersion,
    cacheStatus: response.headers['cache-status'],
    isTrusted: options.trustedPeers.isTrusted(request.host),
  })
}

/** `close` of the request: over, unless its response is still being read. */
function onClientClose(hop: ClientHop, request: ClientRequest & { readonly res?: IncomingMessage | null }): void {
  const response = request.res
  if (response === undefined || response === null) {
    hop.ended()
    return
  }
  // An upgrade is announced nowhere else.
  if (response.statusCode === 101) hop.answered(101, { protocolVersion: response.httpVersion })
  if (response.closed || response.statusCode === 101) hop.ended()
}

function onClientError({ request, error }: ClientMessage): void {
  ;(request as TrackedRequest)[CLIENT_HOP]?.failed(error)
}
