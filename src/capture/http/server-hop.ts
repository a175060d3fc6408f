/**
 * One inbound request as a hop while it runs: its span, its unit, its context, and exactly one completion record at its end.
 *
 * begin-server-hop.ts makes it; what the request is answered with (HTTP/1 response, HTTP/2 stream, upgraded socket) says how
 * it stands and when it is over. Nothing here throws into the application: callers guard it.
 */
import { SpanStatusCode, type Context, type Span } from '@opentelemetry/api'

import type { EmitWatcher } from '../../context/emitter-state.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import {
  ATTR_ABORTED,
  ATTR_CACHE_HIT,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from '../../model/semconv.ts'
import { errorTypeOf } from '../hop/error-type.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { emitCompletion } from './completion-record.ts'
import { spanNameOf } from './http-method.ts'

/** How the answer stood when the hop ended. */
export interface ResponseEnd {
  readonly status: number | undefined
  readonly isComplete: boolean
}

/** What the caller is answered with. */
export interface Answer {
  /** How it stands now. */
  end(): ResponseEnd
  /** Nothing more will come: its `close` is being emitted, or was. */
  isOver(): boolean
  /** Called whenever it is about to emit something and is not over. */
  onEmit?(): void
}

export interface ServerHopBegin {
  readonly span: Span
  readonly context: Context
  readonly unit: RequestUnit
  readonly client: string | undefined
}

export class ServerHop implements OpenHop, EmitWatcher {
  readonly unit: RequestUnit
  readonly context: Context
  readonly options: HopOptions
  readonly #span: Span
  readonly #clientAddress: string | undefined
  #answer: Answer | undefined
  #hasHead = false

  constructor(options: HopOptions, begin: ServerHopBegin) {
    this.options = options
    this.#span = begin.span
    this.unit = begin.unit
    this.#clientAddress = begin.client
    this.context = begin.context
    begin.unit.hop = this
  }

  /** From now on the hop ends with this answer, or with the process. */
  answerWith(answer: Answer): void {
    this.#answer = answer
    trackHop(this)
  }

  /** Whether our headers are still to be put into the answer's head. @returns true once */
  takeHead(): boolean {
    const isFirst = !this.#hasHead
    this.#hasHead = true
    return isFirst
  }

  onEmit(): boolean {
    const answer = this.#answer
    if (answer?.isOver() === true) this.finish(answer.end())
    else answer?.onEmit?.()
    return this.#answer !== undefined
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
    unit.hop = undefined
    const millis = unit.elapsedMillis()
    if (this.options.component !== undefined) unit.component = this.options.component
    const errorType = this.#errorType(end)
    const isAborted = !end.isComplete && !unit.hasThrown
    this.#endSpan(end, errorType, isAborted)
    const { status } = end
    const client = this.#clientAddress
    emitCompletion(this.options, unit, { millis, status, isAborted, errorType, clientAddress: client }, this.context)
    unit.forget()
  }

  #errorType({ status }: ResponseEnd): string | undefined {
    if (this.unit.hasThrown) return errorTypeOf(this.unit.thrown)
    return status !== undefined && status >= 500 ? String(status) : undefined
  }

  #endSpan({ status }: ResponseEnd, errorType: string | undefined, isAborted: boolean): void {
    const span = this.#span
    const { route, component, cache, method } = this.unit
    if (span.isRecording()) {
      span.setAttribute(ATTR_COMPONENT, component)
      if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
      if (cache.lastHit !== undefined) span.setAttribute(ATTR_CACHE_HIT, cache.lastHit)
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

const NO_ANSWER: ResponseEnd = { status: undefined, isComplete: false }
