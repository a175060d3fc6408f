/**
 * Outgoing requests of node:http and node:https as hops: from their construction to the last byte of the answer.
 *
 * Both engines use it; who makes the CLIENT span is up to them.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'

import { context as contextApi, ROOT_CONTEXT, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { emitterState, ensureEmitterState, type EmitWatcher } from '../../context/emitter-state.ts'
import { watchAttempt } from '../proxy.ts'
import { ClientHop } from './client-hop.ts'
import { bindEmitter, watchEmits } from './emitter-context.ts'
import type { ChannelListeners } from '../hop/channel-subscriptions.ts'
import { codeOf } from '../hop/error-type.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import { sendGrant } from './kept-grant.ts'
import { DUMP_HEADER } from './own-headers.ts'
import { destinationOf } from './outgoing-destination.ts'
import { HEADER_EDIT, injectHeaders, injectTraceparent } from './outgoing-headers.ts'

interface ClientMessage {
  readonly request: ClientRequest
  readonly response?: IncomingMessage
  readonly error?: unknown
}

/** The channels that say how a request goes on. */
export function clientListeners(options: HopOptions): ChannelListeners {
  return {
    'http.client.response.finish': (message: ClientMessage) => onClientResponse(options, message),
    'http.client.request.error': onClientError,
  }
}

/**
 * Makes a hop of a ClientRequest that was just constructed.
 *
 * @param span  the CLIENT span, if an engine has one already
 */
export function onClientRequest(options: HopOptions, request: ClientRequest, span?: Span): void {
  const caller = contextApi.active()
  if (isTracingSuppressed(caller)) return
  const outgoing = destinationOf(request)
  if (caller !== ROOT_CONTEXT) bindEmitter(request, caller)
  sendGrant(options, caller, { carrier: request, edit: HEADER_EDIT, host: outgoing.host })
  if (caller.getValue(QUIET) === true) {
    injectHeaders(request, caller, { host: outgoing.host, propagator: options.propagator })
    return
  }
  const hop = new ClientHop(options, outgoing, caller, span)
  ensureEmitterState(request).client = hop
  inject(options, request, { hop, caller, host: outgoing.host })
  if (hop.unit !== undefined && hop.attempt !== undefined) watchAttempt(hop.unit, hop.attempt, request as never)
  watchEmits(request, new CloseWatcher(hop, request, onClientClose))
}

interface Injected {
  readonly hop: ClientHop
  readonly caller: Context
  readonly host: string
}

function inject({ propagator }: HopOptions, request: ClientRequest, { hop, caller, host }: Injected): void {
  // What asks for a dump is more than a `traceparent`.
  const plain = hop.unit?.recording?.isTainted === true ? undefined : hop.plainSpan
  if (plain !== undefined && injectTraceparent(request, plain, { caller, host, propagator })) return
  injectHeaders(request, hop.context, { host, propagator })
}

function hopOf(request: ClientRequest): ClientHop | undefined {
  return emitterState(request)?.client as ClientHop | undefined
}

function onClientResponse(options: HopOptions, { request, response }: ClientMessage): void {
  const hop = hopOf(request)
  if (hop === undefined || response === undefined) return
  const caller = options.storage.getStore()
  if (hop.unit !== undefined && caller !== undefined) bindEmitter(response, caller)
  answer(hop, request, response)
  watchEmits(response, new CloseWatcher(hop, response, onBodyClose))
}

/** Sees `close` without a listener, which could be counted and taken away. */
class CloseWatcher<T extends { readonly closed: boolean }> implements EmitWatcher {
  readonly #hop: ClientHop
  readonly #emitter: T
  readonly #onClose: (hop: ClientHop, emitter: T) => void
  #isOver = false

  constructor(hop: ClientHop, emitter: T, onClose: (hop: ClientHop, emitter: T) => void) {
    this.#hop = hop
    this.#emitter = emitter
    this.#onClose = onClose
  }

  onEmit(): boolean {
    if (!this.#emitter.closed) return true
    if (this.#isOver) return false
    this.#isOver = true
    this.#onClose(this.#hop, this.#emitter)
    return false
  }
}

function answer(hop: ClientHop, request: ClientRequest, response: IncomingMessage): void {
  if (request.socket !== null && request.socket !== undefined) hop.connectedTo(request.socket)
  hop.answered(response.statusCode ?? 0, {
    protocolVersion: response.httpVersion,
    cacheStatus: response.headers['cache-status'],
    dump: response.headers[DUMP_HEADER],
    body: { isUnread: () => isUnread(response) },
  })
}

/** Neither `data`, `readable`, `pipe` nor `read()`. */
function isUnread({ readableFlowing, readableDidRead, readableEnded }: IncomingMessage): boolean {
  return readableFlowing === null && !readableDidRead && !readableEnded
}

/**
 * `close` of the request. Its answer's last byte has come, or the connection is gone: what a reader still has to read is in
 * memory, and whether it ever does nobody knows.
 */
function onClientClose(hop: ClientHop, request: ClientRequest & { readonly res?: IncomingMessage | null }): void {
  const response = request.res
  if (response === undefined || response === null) {
    hop.ended()
    return
  }
  // An upgrade is announced nowhere else.
  if (response.statusCode === 101) hop.answered(101, { protocolVersion: response.httpVersion })
  hop.endIfUnread()
  onBodyClose(hop, response)
}

function onBodyClose(hop: ClientHop, response: IncomingMessage & { readonly _dumped?: boolean }): void {
  // Node destroys a response whose connection broke; what an application destroys it has dumped, or has no such code.
  const isCutOff = !response.complete && response._dumped !== true && codeOf(response.errored) === 'ECONNRESET'
  if (isCutOff) hop.failed(response.errored)
  else hop.ended()
}

function onClientError({ request, error }: ClientMessage): void {
  hopOf(request)?.failed(error)
}
