/**
 * How does a trace travel in the headers of Zipkin? `b3`, or the older `x-b3-*`: parse all or drop. Source: OpenTelemetry specification,
 * "Propagators API", B3 requirements, and openzipkin/b3-propagation.
 *
 * Read in either form, the single header first; written in the form that is asked for. The id of the parent is never written: no span
 * of ours has the id of its caller's.
 */
import { createContextKey, TraceFlags, type Context, type SpanContext } from '@opentelemetry/api'

import { FLAG_SAMPLED, isTraceId, isSpanId } from '../model/trace-context.ts'

export type B3Name = 'b3' | 'b3multi'

const SINGLE = 'b3'
const TRACE_ID = 'x-b3-traceid'
const SPAN_ID = 'x-b3-spanid'
const SAMPLED = 'x-b3-sampled'
const FLAGS = 'x-b3-flags'
const PARENT_SPAN_ID = 'x-b3-parentspanid'

/** What each form writes. */
export const B3_FIELDS: Readonly<Record<B3Name, readonly string[]>> = {
  b3: [SINGLE],
  b3multi: [TRACE_ID, SPAN_ID, SAMPLED, FLAGS],
}
/** All that either form may hold. */
export const ALL_B3_FIELDS: readonly string[] = [SINGLE, TRACE_ID, SPAN_ID, SAMPLED, FLAGS, PARENT_SPAN_ID]

/** The SDK's own key: the caller wants this request recorded whatever the sampling, and all whom it calls. */
const DEBUG = createContextKey('OpenTelemetry Context Key B3 Debug Flag')

/** Trace id of 64 or 128 bits, span id, perhaps the sampling, perhaps the parent. At most 68 characters. */
const SINGLE_SHAPE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?$/i
const MAX_SINGLE = 68
const ID_SHAPE = /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i

export interface B3Parent {
  readonly spanContext: SpanContext
  readonly isDebug: boolean
}

/**
 * @param header  by its name in lower case; `undefined` for none and for one that is there twice
 * @returns undefined when there is no caller, or none that can be understood
 */
export function readB3(header: (name: string) => string | undefined): B3Parent | undefined {
  const single = header(SINGLE)
  return single === undefined ? readMulti(header) : readSingle(single)
}

/** A decision without ids (`b3: 0`) names no caller: the request is ours to decide about. */
function readSingle(text: string): B3Parent | undefined {
  const match = text.length > MAX_SINGLE ? null : SINGLE_SHAPE.exec(text)
  if (match === null) return undefined
  const [, traceId = '', spanId = '', state] = match
  return parentOf({ traceId, spanId, isSampled: state === '1', isDebug: state?.toLowerCase() === 'd' })
}

function readMulti(header: (name: string) => string | undefined): B3Parent | undefined {
  const traceId = header(TRACE_ID) ?? ''
  const spanId = header(SPAN_ID) ?? ''
  const isSampled = sampledOf(header(SAMPLED))
  if (isSampled === undefined || !ID_SHAPE.test(traceId) || !ID_SHAPE.test(spanId)) return undefined
  return parentOf({ traceId, spanId, isSampled, isDebug: header(FLAGS) === '1' })
}

/** Nothing said: left to others, which is "no" as the SDK reads it. `true` and `false` are of the time before the standard. */
function sampledOf(text: string | undefined): boolean | undefined {
  if (text === undefined || /^(?:0|false)$/i.test(text)) return false
  return /^(?:1|true)$/i.test(text) ? true : undefined
}

interface Parts {
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
  readonly isDebug: boolean
}

function parentOf({ isSampled, isDebug, ...ids }: Parts): B3Parent | undefined {
  const traceId = ids.traceId.toLowerCase().padStart(32, '0')
  const spanId = ids.spanId.toLowerCase()
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined
  const traceFlags = isSampled || isDebug ? TraceFlags.SAMPLED : TraceFlags.NONE
  return { spanContext: { traceId, spanId, traceFlags, isRemote: true }, isDebug }
}

export function withDebug(context: Context): Context {
  return context.setValue(DEBUG, 'd')
}

/** The headers of one form. */
export function b3Headers(name: B3Name, span: SpanContext, context: Context): readonly (readonly [string, string])[] {
  const isDebug = context.getValue(DEBUG) !== undefined
  const sampled = (span.traceFlags & FLAG_SAMPLED) === 0 ? '0' : '1'
  if (name === 'b3') return [[SINGLE, `${span.traceId}-${span.spanId}-${isDebug ? 'd' : sampled}`]]
  return [
    [TRACE_ID, span.traceId],
    [SPAN_ID, span.spanId],
    // Debug says "sampled" by itself.
    isDebug ? [FLAGS, '1'] : [SAMPLED, sampled],
  ]
}
