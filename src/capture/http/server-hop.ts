/**
 * One inbound request as a hop: its span, its unit, its context, and exactly one completion record at its end.
 *
 * Engines begin and finish hops; what a hop is made of is the same for all of them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import {
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type TextMapGetter,
} from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { withSpan } from '../../context/linked-context.ts'
import { RequestUnit, withUnit } from '../../context/request-unit.ts'
import { OWN_MEMBER, readOwnMember, withoutOwnMember } from '../../context/trace-state.ts'
import {
  ATTR_ABORTED,
  ATTR_CACHE_HIT,
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from '../../model/semconv.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { errorTypeOf } from '../hop/error-type.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { emitCompletion } from './completion-record.ts'
import { spanNameOf } from './http-method.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import { plainAddress, serverAttributes, type InboundRequest, type PeerSocket } from './server-attributes.ts'
import type { RequestTarget } from './url-query.ts'

type Headers = IncomingMessage['headers']

/** Node has joined repeated headers already; a folded `traceparent` is for the parser to refuse. */
const HEADER_GETTER: TextMapGetter<Headers> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, key) => headers[key],
}

/** The context of the caller: its trace, its baggage. Our own member counts from trusted peers only. */
export function extractContext(headers: Headers, isPeerTrusted: boolean): Context {
  const { traceparent, baggage } = headers
  // Other propagators of users read other headers; ours have nothing to read without these.
  if (traceparent === undefined && baggage === undefined && propagation.fields().length <= 3) return ROOT_CONTEXT
  const context = propagation.extract(ROOT_CONTEXT, headers, HEADER_GETTER)
  return isPeerTrusted ? context : dropOwnMember(context)
}

/** The context, its span context without our own tracestate member. */
export function dropOwnMember(context: Context): Context {
  const caller = trace.getSpanContext(context)
  if (caller?.traceState?.get(OWN_MEMBER) === undefined) return context
  const { traceState, ...rest } = caller
  const others = withoutOwnMember(traceState)
  return trace.setSpanContext(context, others === undefined ? rest : { ...rest, traceState: others })
}

/** The context of a request that leaves nothing behind: the caller's trace goes on, nothing is recorded. */
export function quietContext(headers: Headers): Context {
  return extractContext(headers, false).setValue(QUIET, true)
}

/** How the response stood when the hop ended. */
export interface ResponseEnd {
  readonly status: number | undefined
  readonly isComplete: boolean
}

/** What the caller is answered with, and how it stands. */
export interface Answer {
  end(): ResponseEnd
}

const NO_ANSWER: ResponseEnd = { status: undefined, isComplete: false }

export class ServerHop implements OpenHop {
  readonly unit: RequestUnit
  readonly context: Context
  readonly #span: Span
  readonly #options: HopOptions
  readonly #clientAddress: string | undefined
  #answer: Answer | undefined

  /** @param span  the SERVER span, started by the engine; `ownsSpan` in `finish` says who ends it */
  constructor(
    options: HopOptions,
    begin: { span: Span; context: Context; unit: RequestUnit; client: string | undefined },
  ) {
    this.#options = options
    this.#span = begin.span
    this.unit = begin.unit
    this.#clientAddress = begin.client
    this.context = begin.context
    begin.unit.hop = this
  }

  /** From now on `finishNow` can tell how the answer stands, and the end of the process finishes the hop. */
  track(answer: Answer): void {
    this.#answer = answer
    trackHop(this)
  }

  finishNow(): void {
    this.finish(this.#answer?.end() ?? NO_ANSWER)
  }

  /** Ends the span and writes the completion record; only the first call counts. */
  finish(end: ResponseEnd): void {
    const { unit } = this
    if (unit.hasEnded) return
    unit.hasEnded = true
    untrackHop(this)
    this.#answer = undefined
    unit.inbound = undefined
    unit.hop = undefined
    const millis = unit.elapsedMillis()
    if (this.#options.component !== undefined) unit.component = this.#options.component
    const errorType = this.#errorType(end)
    const isAborted = !end.isComplete && !unit.hasThrown
    this.#endSpan(end, errorType, isAborted)
    const { status } = end
    const client = this.#clientAddress
    emitCompletion(this.#options, unit, { millis, status, isAborted, errorType, clientAddress: client }, this.context)
  }

  #errorType({ status }: ResponseEnd): string | undefined {
    if (this.unit.hasThrown) return errorTypeOf(this.unit.thrown)
    return status !== undefined && status >= 500 ? String(status) : undefined
  }

  #endSpan({ status }: ResponseEnd, errorType: string | undefined, isAborted: boolean): void {
    const span = this.#span
    const { route, component, cacheHit, method } = this.unit
    if (span.isRecording()) {
      span.setAttribute(ATTR_COMPONENT, component)
      if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
      if (cacheHit !== undefined) span.setAttribute(ATTR_CACHE_HIT, cacheHit)
      if (isAborted) span.setAttribute(ATTR_ABORTED, true)
      if (route !== undefined) {
        span.setAttribute(ATTR_HTTP_ROUTE, route)
        span.updateName(`${spanNameOf(method)} ${route}`)
      }
      if (errorType !== undefined) {
        span.setAttribute(ATTR_ERROR_TYPE, errorType)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
    }
    span.end()
  }

  /** What was thrown while the request was handled, and nobody caught. */
  recordThrown(error: unknown): void {
    if (this.unit.hasThrown) return
    this.unit.hasThrown = true
    this.unit.thrown = error
    // Anything may be thrown: our spans take it as it is.
    this.#span.recordException(error as Error)
  }
}

/** Starts the SERVER span and the unit of a request. */
export function beginServerHop(
  options: HopOptions,
  { request, target, socket }: { request: InboundRequest; target: RequestTarget; socket: PeerSocket },
): ServerHop {
  const startedMillis = monotonicMillis()
  const isPeerTrusted = options.trustedPeers.isTrusted(plainAddress(socket.remoteAddress))
  const caller = extractContext(request.headers, isPeerTrusted)
  const attributes = serverAttributes(request, target, socket)
  const method = request.method ?? 'GET'
  const span = options.tracer.startHopSpan(spanNameOf(method), SpanKind.SERVER, attributes, caller)
  return hopOf(options, {
    span,
    caller,
    method,
    target,
    startedMillis,
    isPeerTrusted,
    client: attributes[ATTR_CLIENT_ADDRESS],
  })
}

/** The hop around a span that is there already. */
export function hopOf(
  options: HopOptions,
  begin: {
    span: Span
    caller: Context
    method: string
    target: RequestTarget
    startedMillis: number
    isPeerTrusted: boolean
    client: AnyValue | undefined
  },
): ServerHop {
  const { traceId, spanId, traceFlags } = begin.span.spanContext()
  const unit = new RequestUnit({
    traceId,
    spanId,
    traceFlags,
    method: begin.method,
    path: begin.target.path,
    startedMillis: begin.startedMillis,
    isPeerTrusted: begin.isPeerTrusted,
    requestPath: options.keepsRequestPath === true ? requestPathOf(begin.span, begin.isPeerTrusted) : undefined,
  })
  const context = withUnit(withSpan(begin.caller, begin.span), unit)
  const client = typeof begin.client === 'string' ? begin.client : undefined
  return new ServerHop(options, { span: begin.span, context, unit, client })
}

/** The path that a trusted caller told, down to this span. */
function requestPathOf(span: Span, isPeerTrusted: boolean): readonly string[] {
  const { spanId, traceState } = span.spanContext()
  const above = isPeerTrusted ? readOwnMember(traceState)?.requestPath : undefined
  return above === undefined ? [spanId] : [...above, spanId]
}

/** A response of node:http as it stands. */
export class ResponseAnswer implements Answer {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  end(): ResponseEnd {
    const { headersSent, statusCode, writableFinished } = this.#response
    return { status: headersSent ? statusCode : undefined, isComplete: writableFinished }
  }
}
