/**
 * One operation on a cache as a hop: its CLIENT span, its completion record, and the roll-up onto the request's unit.
 *
 * Values never; keys only as patterns, and only when asked for.
 */
import { context as contextApi, SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { monotonicMillis } from '../../diag/clock.ts'
import { recordNodeOf } from '../../context/current-task-node.ts'
import { withSpan } from '../../context/linked-context.ts'
import { unitOf, type RequestUnit } from '../../context/request-unit.ts'
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_ABORTED,
  ATTR_CACHE_HIT,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_RESPONSE_TIME_MS,
  EVENT_CACHE_END,
} from '../../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO } from '../../model/severity.ts'
import { thrownAttributes } from '../../record/exception.ts'
import { classNameOf, errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { roundMillis } from '../hop/round-millis.ts'
import { IDLE, QUIET } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import type { PlainSpan } from '../hop/plain-span.ts'
import { countingUnit } from './look-up-context.ts'
import { bodyOf, commonAttributes, type CacheOperation } from './cache-operation.ts'
import { CACHE_SCOPE, type CacheOptions } from './cache-options.ts'
import type { WrittenLookUp } from './cache-template.ts'

/** Who asked, and when, where that was not here and now. */
export interface CacheCaller {
  readonly context: Context
  /** `performance.now()` at the call. */
  readonly startedMillis: number
}

export class CacheHop implements OpenHop {
  readonly #options: CacheOptions
  readonly #operation: CacheOperation
  readonly #startedMillis: number
  readonly #caller: Context
  readonly #unit: RequestUnit | undefined
  /** Where a look-up counts. */
  readonly #counting: RequestUnit | undefined
  /** The span, while it is no object. */
  #plain: PlainSpan | undefined
  #span: Span | undefined
  #hasEnded = false

  constructor(options: CacheOptions, operation: CacheOperation, { context, startedMillis }: CacheCaller) {
    this.#options = options
    this.#operation = operation
    this.#startedMillis = startedMillis
    this.#caller = context
    this.#unit = unitOf(context)
    this.#counting = operation.isRead ? countingUnit(context) : undefined
    if (options.spans !== 'off') {
      this.#plain = options.templates?.()?.begin(context, startedMillis)
      if (this.#plain === undefined) this.#span = startSpan(options, operation, { context, startedMillis })
    }
    trackHop(this)
  }

  /** @param hit  of a read; `undefined` when its answer says neither (and for writes) */
  ended(hit: boolean | undefined): void {
    if (!this.#isFirstEnd()) return
    const endedMillis = monotonicMillis()
    const millis = endedMillis - this.#startedMillis
    const { isRead } = this.#operation
    this.#counting?.rollUp.addCacheRead(hit, millis)
    const written = this.#written(hit, endedMillis)
    if (written === undefined) {
      const span = this.#recorded()
      if (hit !== undefined) span?.setAttribute(ATTR_CACHE_HIT, hit)
      span?.end()
    }
    const severity = this.#options.recordSeverity ?? SEVERITY_INFO
    if (isRead) this.#emit(severity, millis, hit === undefined ? {} : { [ATTR_CACHE_HIT]: hit }, written)
  }

  /** It was none: nothing is recorded of it. */
  forgotten(): void {
    this.#isFirstEnd()
  }

  /** Taken, and answered later with others: the span ends, nothing was looked up. */
  queued(): void {
    if (!this.#isFirstEnd()) return
    this.#recorded()?.end()
  }

  /** Most look-ups end so that a template can write their span. */
  #written(hit: boolean | undefined, endedMillis: number): WrittenLookUp | undefined {
    const plain = this.#plain
    if (plain === undefined) return undefined
    return this.#options.templates?.()?.writeSpan(plain, this.#operation, { hit, endedMillis })
  }

  /** The span as an object. */
  #recorded(): Span | undefined {
    this.#span ??= this.#plain?.record(this.#options.tracer, {
      name: this.#operation.spanName,
      kind: SpanKind.CLIENT,
      attributes: commonAttributes(this.#operation, this.#options.keys),
    })
    return this.#span
  }

  /** The cache is down, or refused. Whether the request goes on is the application's affair. */
  failed(error: unknown): void {
    if (!this.#isFirstEnd()) return
    const millis = monotonicMillis() - this.#startedMillis
    this.#counting?.rollUp.addCacheRead(undefined, millis)
    const type = errorTypeOf(error)
    const span = this.#recorded()
    span?.setAttribute(ATTR_ERROR_TYPE, type)
    span?.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) })
    span?.end()
    this.#emit(SEVERITY_ERROR, millis, {
      [ATTR_ERROR_TYPE]: type,
      ...thrownAttributes(error),
      [ATTR_EXCEPTION_TYPE]: classNameOf(error) ?? type,
    })
  }

  /** The process ends, and the cache has not answered. */
  finishNow(): void {
    if (!this.#isFirstEnd()) return
    const span = this.#recorded()
    span?.setAttribute(ATTR_ABORTED, true)
    span?.end()
    if (!this.#operation.isRead) return
    const millis = monotonicMillis() - this.#startedMillis
    this.#emit(this.#options.recordSeverity ?? SEVERITY_INFO, millis, { [ATTR_ABORTED]: true })
  }

  #isFirstEnd(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    untrackHop(this)
    return true
  }

  #emit(severityNumber: number, millis: number, outcome: Record<string, AnyValue>, written?: WrittenLookUp): void {
    const { records, templates, keys } = this.#options
    if (severityNumber > 24) return
    const verdict = records.levels.judge(severityNumber, CACHE_SCOPE.name, this.#unit)
    if (verdict === 'drop') return
    const isAlone =
      this.#unit?.fields === undefined &&
      this.#unit?.returning === undefined &&
      recordNodeOf(this.#caller, this.#unit) === undefined
    const isPlain = written !== undefined && verdict === 'export' && isAlone
    if (isPlain && templates?.()?.writeRecord(written) === true) return
    records.emit(
      {
        severityNumber,
        eventName: EVENT_CACHE_END,
        body: bodyOf(this.#operation, resultOf(outcome)),
        attributes: {
          ...commonAttributes(this.#operation, keys),
          [ATTR_RESPONSE_TIME_MS]: roundMillis(millis),
          ...outcome,
        },
        context: this.context,
      },
      CACHE_SCOPE,
      verdict,
    )
  }

  /** With the span in it. */
  get context(): Context {
    const span = this.#span ?? (this.#plain && trace.wrapSpanContext(this.#plain.spanContext))
    return span === undefined ? this.#caller : withSpan(this.#caller, span)
  }
}

function resultOf(outcome: Readonly<Record<string, AnyValue>>): string {
  if (outcome[ATTR_ABORTED] === true) return 'aborted'
  if (outcome[ATTR_ERROR_TYPE] !== undefined) return 'failed'
  const hit = outcome[ATTR_CACHE_HIT]
  return hit === undefined ? '' : hit === true ? 'hit' : 'miss'
}

/**
 * The hop of an operation, or `undefined` where nothing is to be recorded.
 *
 * @param caller  default: the operation is made here and now
 */
export function beginCacheHop(
  options: CacheOptions,
  operation: CacheOperation,
  caller: CacheCaller = { context: contextApi.active(), startedMillis: monotonicMillis() },
): CacheHop | undefined {
  return isUnheardIn(caller.context) ? undefined : new CacheHop(options, operation, caller)
}

/** Nothing is to be recorded of what is done there. */
export function isUnheardIn(context: Context): boolean {
  return isTracingSuppressed(context) || context.getValue(QUIET) === true || context.getValue(IDLE) === true
}

/** Below this the start counts as now. Milliseconds. */
const JUST_NOW = 1

function startSpan(options: CacheOptions, operation: CacheOperation, { context, startedMillis }: CacheCaller): Span {
  const attributes = commonAttributes(operation, options.keys)
  const { tracer } = options
  if (monotonicMillis() - startedMillis < JUST_NOW)
    return tracer.startHopSpan(operation.spanName, SpanKind.CLIENT, attributes, context)
  const late = { kind: SpanKind.CLIENT, startTime: startedMillis }
  return tracer.startSpan(operation.spanName, late, context).setAttributes(attributes)
}
