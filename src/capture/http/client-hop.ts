/**
 * One outgoing request: its CLIENT span, the trace on the wire, and what the inbound request's unit learns from it.
 *
 * Used for node:http(s) and for fetch/undici alike; the callers know how their library says "answered", "failed", "over".
 */
import { SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'

import { monotonicMillis, wallMillis } from '../../diag/clock.ts'
import { withSpan } from '../../context/linked-context.ts'
import { unitOf, type RequestUnit } from '../../context/request-unit.ts'
import type { UpstreamAttempt } from '../../context/upstream-attempts.ts'
import { readCacheStatus } from '../../model/cache-status.ts'
import {
  ATTR_ABORTED,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
} from '../../model/semconv.ts'
import { isGivenUp } from '../hop/abandonment.ts'
import { errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { judgeFailedAttempt, resendCount } from '../proxy.ts'
import { spanNameOf } from './http-method.ts'
import type { HopOptions } from '../hop/hop-options.ts'
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
  /** Default: it is read, or the library says so. */
  readonly body?: AnswerBody
}

export class ClientHop implements OpenHop, Answered {
  /** What travels: the caller's context with the CLIENT span in it. */
  readonly context: Context
  readonly unit: RequestUnit | undefined
  readonly attempt: UpstreamAttempt | undefined
  readonly #span: Span
  readonly #options: HopOptions
  readonly #host: string
  #answeredMillis: number | undefined
  #body: AnswerBody | undefined
  #hasEnded = false

  /** @param span  the CLIENT span, if there is one already */
  constructor(options: HopOptions, outgoing: OutgoingRequest, caller: Context, span?: Span) {
    this.#options = options
    this.#host = outgoing.host
    const unit = unitOf(caller)
    this.unit = unit?.hasEnded === false ? unit : undefined
    const attributes = clientAttributes(outgoing)
    const resends = this.unit === undefined ? 0 : resendCount(this.unit, outgoing.method, outgoing.target)
    if (resends > 0) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = resends
    if (span !== undefined) span.setAttributes(attributes)
    this.#span = span ?? options.tracer.startHopSpan(spanNameOf(outgoing.method), SpanKind.CLIENT, attributes, caller)
    this.context = withSpan(caller, this.#span)
    this.attempt = this.unit === undefined ? undefined : attemptOf(outgoing)
    if (this.unit !== undefined && this.attempt !== undefined) this.unit.upstreams.add(this.attempt)
    trackHop(this)
  }

  /** The response's headers are here. */
  answered(status: number, { protocolVersion, cacheStatus, body }: AnswerHead = {}): void {
    if (this.#hasEnded) return
    const { attempt, unit } = this
    this.#answeredMillis = monotonicMillis()
    this.#body = body
    if (body !== undefined) awaitReader(this, this.#answeredMillis)
    if (attempt !== undefined) {
      attempt.status = String(status)
      attempt.cacheHit = readCacheStatus(cacheStatus)
      if (unit !== undefined && attempt.cacheHit !== undefined && this.#isTrusted()) {
        unit.cache.lastHit = attempt.cacheHit
      }
    }
    const span = this.#span
    span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
    if (protocolVersion !== undefined) span.setAttribute(ATTR_NETWORK_PROTOCOL_VERSION, protocolVersion)
    if (status < 400) return
    span.setAttribute(ATTR_ERROR_TYPE, String(status))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }

  /** What its Cache-Status says counts for us too. */
  #isTrusted(): boolean {
    return this.#options.trustedPeers.isTrusted(this.#host)
  }

  /** Who answered, as far as the connection knows. */
  connectedTo({ remoteAddress, remotePort }: PeerSocket): void {
    const address = plainAddress(remoteAddress)
    if (address === undefined) return
    this.#span.setAttribute(ATTR_NETWORK_PEER_ADDRESS, address)
    if (remotePort !== undefined) this.#span.setAttribute(ATTR_NETWORK_PEER_PORT, remotePort)
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
    this.#span.setAttribute(ATTR_ERROR_TYPE, type)
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) })
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
    // By the wall clock: the other one may have stood still meanwhile.
    this.#span.end(atMillis === undefined ? undefined : wallMillis() - (nowMillis - atMillis))
  }

  endIfUnread(): void {
    if (this.#body?.isUnread() === true) this.ended(this.#answeredMillis)
  }

  /** The process ends. Without a reader it was over with its head; else it is not complete. */
  finishNow(): void {
    this.endIfUnread()
    if (this.#hasEnded) return
    this.#span.setAttribute(ATTR_ABORTED, true)
    this.ended()
  }
}
