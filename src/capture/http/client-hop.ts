/**
 * One outgoing request: its CLIENT span, the trace on the wire, and what the inbound request's unit learns from it.
 *
 * Used for node:http(s) and for fetch/undici alike; the callers know how their library says "answered", "failed", "over".
 */
import { SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api'

import { monotonicMillis, wallMillis } from '../../diag/clock.ts'
import { withSpan } from '../../context/linked-context.ts'
import { unitOf, type RequestUnit } from '../../context/request-unit.ts'
import type { AnswerIdentity, UpstreamAttempt } from '../../context/upstream-attempts.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { readCacheStatus } from '../../model/cache-status.ts'
import { ATTR_ABORTED, ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_RESEND_COUNT } from '../../model/semconv.ts'
import { isGivenUp } from '../hop/abandonment.ts'
import { errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { beginAttempt, judgeAnsweredAttempt, judgeFailedAttempt, resendCount } from '../proxy.ts'
import { spanNameOf } from './http-method.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import type { PlainSpan } from '../hop/plain-span.ts'
import { addAnswer, type ClientAnswer } from './client-template.ts'
import { attemptOf, clientAttributes, type OutgoingRequest } from './outgoing-request.ts'
import { plainAddress, type PeerSocket } from './server-attributes.ts'
import { awaitReader, readerDone, type Answered } from './unread-bodies.ts'

/** The body of an answer, as far as the library can tell. */
export interface AnswerBody {
  /** Nobody has begun to read it. */
  isUnread(): boolean
}

/** What the head of an answer says. */
export interface AnswerHead {
  readonly protocolVersion?: string | undefined
  readonly cacheStatus?: string | readonly string[] | undefined
  /** `Tracelog-Dump`. */
  readonly dump?: string | readonly string[] | undefined
  /** What it is known by, where the body is no stream of Node's. */
  readonly identity?: AnswerIdentity
  /** Default: it is read, or the library says so. */
  readonly body?: AnswerBody
}

export class ClientHop implements OpenHop, Answered {
  readonly unit: RequestUnit | undefined
  readonly attempt: UpstreamAttempt | undefined
  readonly #caller: Context
  /** The span, while it is no object. */
  readonly #plain: PlainSpan | undefined
  #span: Span | undefined
  readonly #options: HopOptions
  readonly #outgoing: OutgoingRequest
  readonly #resends: number
  readonly #answer: ClientAnswer = {
    status: undefined,
    protocolVersion: undefined,
    peerAddress: undefined,
    peerPort: undefined,
  }
  #answeredMillis: number | undefined
  #body: AnswerBody | undefined
  #errorType: string | undefined
  #errorMessage: string | undefined
  #hasEnded = false

  /** @param span  the CLIENT span, if there is one already */
  constructor(options: HopOptions, outgoing: OutgoingRequest, caller: Context, span?: Span) {
    this.#options = options
    this.#outgoing = outgoing
    this.#caller = caller
    const unit = unitOf(caller)
    this.unit = unit?.hasEnded === false ? unit : undefined
    this.#resends = this.unit === undefined ? 0 : resendCount(this.unit, outgoing.method, outgoing.target)
    this.#plain = span === undefined ? options.clientTemplates?.()?.begin(caller, monotonicMillis()) : undefined
    if (span !== undefined) span.setAttributes(this.#attributes())
    if (this.#plain === undefined) this.#span = span ?? this.#start()
    this.attempt = this.unit === undefined ? undefined : attemptOf(outgoing)
    if (this.unit !== undefined && this.attempt !== undefined) beginAttempt(this.unit, this.attempt)
    trackHop(this)
  }

  /** What travels: the caller's context with the CLIENT span in it. */
  get context(): Context {
    return withSpan(this.#caller, this.#span ?? trace.wrapSpanContext((this.#plain as PlainSpan).spanContext))
  }

  /** The ids of a span below which nothing but them travels; `undefined`: the context says what does. */
  get plainSpan(): PlainSpan | undefined {
    return this.#span === undefined ? this.#plain : undefined
  }

  #attributes(): Record<string, AnyValue> {
    const attributes = clientAttributes(this.#outgoing)
    if (this.#resends > 0) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = this.#resends
    return attributes
  }

  #start(): Span {
    const name = spanNameOf(this.#outgoing.method)
    return this.#options.tracer.startHopSpan(name, SpanKind.CLIENT, this.#attributes(), this.#caller)
  }

  /** The span as an object. */
  #recorded(): Span {
    if (this.#span !== undefined) return this.#span
    const name = spanNameOf(this.#outgoing.method)
    const begun = { name, kind: SpanKind.CLIENT, attributes: this.#attributes() }
    const span = (this.#plain as PlainSpan).record(this.#options.tracer, begun)
    this.#span = span
    this.#tell()
    return span
  }

  /** The response's headers are here. */
  answered(status: number, { protocolVersion, cacheStatus, dump, body, identity }: AnswerHead = {}): void {
    if (this.#hasEnded) return
    const { attempt, unit } = this
    this.#answeredMillis = monotonicMillis()
    this.#body = body
    if (body !== undefined) awaitReader(this, this.#answeredMillis)
    if (attempt !== undefined) {
      attempt.status = String(status)
      attempt.answer = identity
      attempt.cacheHit = readCacheStatus(cacheStatus)
      if (unit !== undefined) judgeAnsweredAttempt(unit, attempt)
      if (unit !== undefined && attempt.cacheHit !== undefined && this.#isTrusted()) {
        unit.rollUp.lastHit = attempt.cacheHit
      }
    }
    if (dump !== undefined && dump === unit?.traceId && this.#isTrusted()) this.#options.units?.onDumpAsked(unit, false)
    this.#answer.status = status
    if (protocolVersion !== undefined) this.#answer.protocolVersion = protocolVersion
    this.#tell()
  }

  /** What it says of caches and dumps counts for us too. */
  #isTrusted(): boolean {
    return this.#options.trustedPeers.isTrusted(this.#outgoing.host)
  }

  /** Who answered, as far as the connection knows. */
  connectedTo({ remoteAddress, remotePort }: PeerSocket): void {
    const address = plainAddress(remoteAddress)
    if (address === undefined) return
    this.#answer.peerAddress = address
    if (remotePort !== undefined) this.#answer.peerPort = remotePort
    this.#tell()
  }

  /** Refused, no such name, timed out, cut off. Not: a body that the application did not want any more. */
  failed(error: unknown): void {
    if (this.#hasEnded) return
    if (this.#answeredMillis !== undefined && isGivenUp(error)) {
      this.ended()
      return
    }
    const type = errorTypeOf(error)
    const { attempt, unit } = this
    if (attempt?.status === '') {
      attempt.status = type
      if (unit !== undefined) judgeFailedAttempt(unit, attempt)
    }
    this.#errorType = type
    this.#errorMessage = errorMessageOf(error)
    this.#tell()
    this.ended()
  }

  /**
   * The body has ended or was abandoned; only the first call counts.
   *
   * @param atMillis  `performance.now()` when it was over; default: now
   */
  ended(atMillis?: number): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    untrackHop(this)
    if (this.#body !== undefined) readerDone(this)
    this.#body = undefined
    const nowMillis = monotonicMillis()
    if (this.attempt !== undefined) this.attempt.endedMillis = atMillis ?? nowMillis
    if (this.#isWritten(atMillis, nowMillis)) return
    const span = this.#recorded()
    // By the wall clock: the other one may have stood still meanwhile.
    span.end(atMillis === undefined ? undefined : wallMillis() - (nowMillis - atMillis))
  }

  /** Most requests end so that a template can write their span. */
  #isWritten(atMillis: number | undefined, endedMillis: number): boolean {
    const plain = this.plainSpan
    if (plain === undefined || atMillis !== undefined || this.#errorType !== undefined) return false
    const ended = { outgoing: this.#outgoing, answer: this.#answer, resends: this.#resends, endedMillis }
    return this.#options.clientTemplates?.()?.write(plain, ended) === true
  }

  /** What is known by now, to a span that is an object. */
  #tell(): void {
    const span = this.#span
    if (span === undefined) return
    const { status } = this.#answer
    const attributes: Record<string, AnyValue> = {}
    addAnswer(attributes, this.#answer)
    const errorType = this.#errorType ?? (status !== undefined && status >= 400 ? String(status) : undefined)
    if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
    span.setAttributes(attributes)
    if (errorType === undefined) return
    const message = this.#errorMessage
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) })
  }

  endIfUnread(): void {
    if (this.#body?.isUnread() === true) this.ended(this.#answeredMillis)
  }

  /** The process ends. Without a reader it was over with its head; else it is not complete. */
  finishNow(): void {
    this.endIfUnread()
    if (this.#hasEnded) return
    this.#recorded().setAttribute(ATTR_ABORTED, true)
    this.ended()
  }
}
