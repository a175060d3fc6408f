/**
 * One call to a database as a hop: its CLIENT span, and its part of the request's roll-up. No completion record.
 *
 * Values never: neither those of the question nor those that an error quotes.
 */
import { SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { unitOf, type RequestUnit } from '../../context/request-unit.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import { ATTR_ABORTED, ATTR_DB_RESPONSE_STATUS_CODE, ATTR_ERROR_TYPE } from '../../model/semconv.ts'
import { QUIET } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import type { PlainSpan } from '../hop/plain-span.ts'
import type { DatabaseFailure } from './database-failure.ts'
import type { DatabaseOperation } from './database-operation.ts'
import type { DatabaseOptions } from './database-options.ts'

/** Who asks. */
export interface DatabaseCaller {
  readonly context: Context
  /** `performance.now()`. */
  readonly startedMillis: number
}

export class DatabaseHop implements OpenHop {
  readonly #options: DatabaseOptions
  readonly #operation: DatabaseOperation
  readonly #startedMillis: number
  readonly #unit: RequestUnit | undefined
  /** The span, while it is no object. */
  readonly #plain: PlainSpan | undefined
  #span: Span | undefined
  #hasEnded = false

  constructor(options: DatabaseOptions, operation: DatabaseOperation, { context, startedMillis }: DatabaseCaller) {
    this.#options = options
    this.#operation = operation
    this.#startedMillis = startedMillis
    this.#unit = unitOf(context)
    this.#plain = options.templates?.begin(context, startedMillis)
    if (this.#plain === undefined) this.#span = startSpan(options, operation, { context, startedMillis })
    trackHop(this)
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  ended(): void {
    if (!this.#isFirstEnd()) return
    const endedMillis = monotonicMillis()
    this.#unit?.rollUp.addDbCall(endedMillis - this.#startedMillis)
    const plain = this.#plain
    if (plain !== undefined && this.#options.templates?.write(plain, this.#operation, endedMillis) === true) return
    this.#recorded()?.end()
  }

  /** Whether the request goes on is the application's affair. */
  failed({ type, code, message }: DatabaseFailure): void {
    if (!this.#isFirstEnd()) return
    this.#unit?.rollUp.addDbCall(monotonicMillis() - this.#startedMillis)
    const span = this.#recorded()
    span?.setAttribute(ATTR_ERROR_TYPE, type)
    if (code !== undefined) span?.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, code)
    span?.setStatus({ code: SpanStatusCode.ERROR, message })
    span?.end()
  }

  /** The process ends, and the database has not answered. */
  finishNow(): void {
    if (!this.#isFirstEnd()) return
    const span = this.#recorded()
    span?.setAttribute(ATTR_ABORTED, true)
    span?.end()
  }

  /** The span as an object. */
  #recorded(): Span | undefined {
    this.#span ??= this.#plain?.record(this.#options.tracer, {
      name: this.#operation.spanName,
      kind: SpanKind.CLIENT,
      attributes: { ...this.#operation.attributes },
    })
    return this.#span
  }

  #isFirstEnd(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    untrackHop(this)
    return true
  }
}

/** Below this the start counts as now. Milliseconds. */
const JUST_NOW = 1

function startSpan(
  { tracer }: DatabaseOptions,
  { spanName, attributes }: DatabaseOperation,
  { context, startedMillis }: DatabaseCaller,
): Span {
  if (monotonicMillis() - startedMillis < JUST_NOW)
    return tracer.startHopSpan(spanName, SpanKind.CLIENT, { ...attributes }, context)
  return tracer.startSpan(spanName, { kind: SpanKind.CLIENT, startTime: startedMillis, attributes }, context)
}

/** @returns `undefined` where nothing is to be recorded */
export function beginDatabaseHop(
  options: DatabaseOptions,
  operation: DatabaseOperation,
  caller: DatabaseCaller,
): DatabaseHop | undefined {
  if (isTracingSuppressed(caller.context) || caller.context.getValue(QUIET) === true) return undefined
  return new DatabaseHop(options, operation, caller)
}
