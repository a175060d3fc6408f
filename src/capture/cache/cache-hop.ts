/**
 * One operation on a cache as a hop: its CLIENT span, its completion record, and the roll-up onto the request's unit.
 *
 * Values never; keys only as patterns, and only when asked for.
 */
import { context as contextApi, SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { monotonicMillis } from '../../diag/clock.ts'
import { withSpan } from '../../context/linked-context.ts'
import { unitOf, type RequestUnit } from '../../context/request-unit.ts'
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_ABORTED,
  ATTR_CACHE_HIT,
  ATTR_CACHE_KEY,
  ATTR_CACHE_NAME,
  ATTR_CACHE_OP,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_RESPONSE_TIME_MS,
  EVENT_CACHE_END,
} from '../../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO } from '../../model/severity.ts'
import { thrownAttributes } from '../../record/exception.ts'
import { classNameOf, errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { roundMillis } from '../hop/round-millis.ts'
import { QUIET } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { CACHE_SCOPE, type CacheOptions } from './cache-options.ts'

export interface CacheOperation {
  /** `redis`, or what the application calls it. */
  readonly name: string
  /** `get`, `set`, `delete`, ... */
  readonly op: string
  /** A read can hit or miss, and has a completion record. */
  readonly isRead: boolean
  /** What the span is called. */
  readonly spanName: string
  /** `user:*`; never a key. */
  readonly keyPattern: string | undefined
  /** Beside ours: `db.*`, `server.*`. */
  readonly attributes: Readonly<Record<string, AnyValue>>
}

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
  readonly #span: Span | undefined
  #hasEnded = false

  constructor(options: CacheOptions, operation: CacheOperation, { context, startedMillis }: CacheCaller) {
    this.#options = options
    this.#operation = operation
    this.#startedMillis = startedMillis
    this.#caller = context
    this.#unit = unitOf(context)
    this.#span = options.spans === 'off' ? undefined : startSpan(options, operation, { context, startedMillis })
    trackHop(this)
  }

  /** @param hit  of a read; `undefined` when its answer says neither (and for writes) */
  ended(hit: boolean | undefined): void {
    if (!this.#isFirstEnd()) return
    const millis = monotonicMillis() - this.#startedMillis
    const { isRead } = this.#operation
    if (isRead) this.#unit?.cache.add(hit, millis)
    if (hit !== undefined) this.#span?.setAttribute(ATTR_CACHE_HIT, hit)
    this.#span?.end()
    const severity = this.#options.recordSeverity ?? SEVERITY_INFO
    if (isRead) this.#emit(severity, millis, hit === undefined ? {} : { [ATTR_CACHE_HIT]: hit })
  }

  /** Taken, and answered later with others: the span ends, nothing was looked up. */
  queued(): void {
    if (!this.#isFirstEnd()) return
    this.#span?.end()
  }

  /** The cache is down, or refused. Whether the request goes on is the application's affair. */
  failed(error: unknown): void {
    if (!this.#isFirstEnd()) return
    const millis = monotonicMillis() - this.#startedMillis
    if (this.#operation.isRead) this.#unit?.cache.add(undefined, millis)
    const type = errorTypeOf(error)
    this.#span?.setAttribute(ATTR_ERROR_TYPE, type)
    this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) })
    this.#span?.end()
    this.#emit(SEVERITY_ERROR, millis, {
      [ATTR_ERROR_TYPE]: type,
      ...thrownAttributes(error),
      [ATTR_EXCEPTION_TYPE]: classNameOf(error) ?? type,
    })
  }

  /** The process ends, and the cache has not answered. */
  finishNow(): void {
    if (!this.#isFirstEnd()) return
    this.#span?.setAttribute(ATTR_ABORTED, true)
    this.#span?.end()
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

  #emit(severityNumber: number, millis: number, outcome: Record<string, AnyValue>): void {
    const { records } = this.#options
    if (severityNumber > 24) return
    const verdict = records.levels.judge(severityNumber, CACHE_SCOPE.name, this.#unit)
    if (verdict === 'drop') return
    const { name, op } = this.#operation
    records.emit(
      {
        severityNumber,
        eventName: EVENT_CACHE_END,
        body: `${name} ${op} ${resultOf(outcome)}`.trimEnd(),
        attributes: {
          ...commonAttributes(this.#options, this.#operation),
          [ATTR_RESPONSE_TIME_MS]: roundMillis(millis),
          ...outcome,
        },
        context: this.#span === undefined ? this.#caller : withSpan(this.#caller, this.#span),
      },
      CACHE_SCOPE,
      verdict,
    )
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
  if (isTracingSuppressed(caller.context) || caller.context.getValue(QUIET) === true) return undefined
  return new CacheHop(options, operation, caller)
}

/** Below this the start counts as now. Milliseconds. */
const JUST_NOW = 1

function startSpan(options: CacheOptions, operation: CacheOperation, { context, startedMillis }: CacheCaller): Span {
  const attributes = commonAttributes(options, operation)
  const { tracer } = options
  if (monotonicMillis() - startedMillis < JUST_NOW)
    return tracer.startHopSpan(operation.spanName, SpanKind.CLIENT, attributes, context)
  const late = { kind: SpanKind.CLIENT, startTime: startedMillis }
  return tracer.startSpan(operation.spanName, late, context).setAttributes(attributes)
}

function commonAttributes(
  { keys = 'off' }: CacheOptions,
  { name, op, keyPattern, attributes }: CacheOperation,
): Record<string, AnyValue> {
  const common: Record<string, AnyValue> = { ...attributes }
  common[ATTR_COMPONENT] = 'cache'
  common[ATTR_CACHE_NAME] = name
  common[ATTR_CACHE_OP] = op
  if (keys === 'pattern' && keyPattern !== undefined) common[ATTR_CACHE_KEY] = keyPattern
  return common
}
