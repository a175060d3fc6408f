/**
 * One inbound request as a hop while it runs: its unit and its context in one object, and exactly one completion record at its end.
 *
 * What the request is answered with (HTTP/1 response, HTTP/2 stream, upgraded socket) says how it stands and when it is over. Who
 * has its span is up to the two kinds: recorded-hop.ts from the start, plain-hop.ts when somebody asks. Nothing here throws into
 * the application: callers guard it.
 */
import type { Context, Span } from '@opentelemetry/api'

import type { EmitWatcher } from '../../context/emitter-state.ts'
import type { SpanHolder } from '../../context/linked-context.ts'
import { RequestUnit, withHop, type RequestUnitOptions } from '../../context/request-unit.ts'
import type { GrpcStatus } from '../../model/grpc-call.ts'
import { errorTypeOf } from '../hop/error-type.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { emitCompletion, type HopEnd } from './completion-record.ts'
import { endServerSpan } from './server-span.ts'

/** How the answer stood when the hop ended. */
export interface ResponseEnd {
  readonly status: number | undefined
  readonly isComplete: boolean
  /** Of gRPC alone, once it was sent. */
  readonly grpc?: GrpcStatus | undefined
}

/** What callers are answered with: one object for all answers of a kind. */
export interface Answer<T> {
  /** How it stands now. */
  end(answered: T): ResponseEnd
  /** Nothing more will come: its `close` is being emitted, or was. */
  isOver(answered: T): boolean
  /** Called whenever it is about to emit something and is not over. */
  onEmit?(answered: T, unit: RequestUnit): void
}

export abstract class ServerHop extends RequestUnit implements OpenHop, EmitWatcher, SpanHolder {
  readonly context: Context
  readonly options: HopOptions
  openBefore: OpenHop | undefined = undefined
  openAfter: OpenHop | undefined = undefined
  #answer: Answer<unknown> | undefined = undefined
  #answered: unknown = undefined
  #hasHead = false

  constructor(options: HopOptions, begin: RequestUnitOptions, caller: Context) {
    super(begin)
    this.options = options
    this.context = withHop(caller, this)
    this.hop = this
    options.units?.onBegin(this, begin.grant)
  }

  abstract get span(): Span

  /** Ends the span and writes the completion record. Called once. */
  protected abstract leave(end: ResponseEnd): void

  /** What others know of the request. */
  get unit(): RequestUnit {
    return this
  }

  /** From now on the hop ends with this answer, or with the process. */
  answerWith<T>(answer: Answer<T>, answered: T): void {
    this.#answer = answer
    this.#answered = answered
    trackHop(this, this.startedMillis)
  }

  /** Whether our headers are still to be put into the answer's head. @returns true once */
  takeHead(): boolean {
    const isFirst = !this.#hasHead
    this.#hasHead = true
    return isFirst
  }

  onEmit(): boolean {
    const answer = this.#answer
    if (answer === undefined) return false
    if (answer.isOver(this.#answered)) this.finish(answer.end(this.#answered))
    else answer.onEmit?.(this.#answered, this)
    return this.#answer !== undefined
  }

  leaveUnseen(): void {
    if (this.hasEnded) return
    this.hasEnded = true
    untrackHop(this)
    this.#answer = undefined
    this.#answered = undefined
    this.#hasHead = true
    this.hop = undefined
    this.options.units?.onUnseen?.(this)
    this.forget()
  }

  finishNow(): void {
    this.finish(this.#answer?.end(this.#answered) ?? NO_ANSWER)
  }

  /** Ends the span and writes the completion record; only the first call counts. */
  finish(end: ResponseEnd): void {
    if (this.hasEnded) return
    this.hasEnded = true
    untrackHop(this)
    this.#answer = undefined
    this.#answered = undefined
    this.hop = undefined
    if (this.options.component !== undefined) this.component = this.options.component
    this.leave(end)
    this.forget()
  }

  /** The general way: a span that is an object, and a record that is one. */
  protected leaveRecorded(span: Span, response: ResponseEnd, clientAddress: string | undefined): void {
    const end = { ...this.endOf(response), clientAddress }
    endServerSpan(span, this, end)
    this.options.units?.onEnd(this, end)
    emitCompletion(this.options, this, end, this.context)
  }

  /** How it ended, in the words of its protocol. */
  protected endOf({ status, isComplete }: ResponseEnd): HopEnd {
    const isFailed = status !== undefined && status >= 500
    return {
      millis: this.elapsedMillis(),
      status,
      isAborted: !isComplete && !this.hasThrown,
      errorType: this.#errorType(status),
      clientAddress: undefined,
      failure: !this.hasThrown && (isFailed || this.hasFailedPart) ? this.failure : undefined,
    }
  }

  #errorType(status: number | undefined): string | undefined {
    if (this.hasThrown) return errorTypeOf(this.thrown)
    return status !== undefined && status >= 500 ? String(status) : undefined
  }

  /** What was thrown while the request was handled, and nobody caught. */
  recordThrown(error: unknown): void {
    if (this.hasThrown) return
    this.hasThrown = true
    this.thrown = error
    // Anything may be thrown: our spans take it as it is.
    this.span.recordException(error as Error)
  }
}

const NO_ANSWER: ResponseEnd = { status: undefined, isComplete: false }
