/**
 * A span as a test looks at it: flat, and in words where the wire has numbers.
 */
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import { SPAN_KIND, STATUS_CODE, type SpanRecord } from '../model/span-record.ts'
import { roundedMillis } from '../model/time.ts'

/** One ended span, as it leaves the process: secrets are hidden. */
export interface CapturedSpan {
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  readonly status: 'unset' | 'ok' | 'error'
  /** `''`: nobody said. */
  readonly statusMessage: string
  readonly attributes: Attributes
  readonly events: readonly CapturedEvent[]
  /** Who made it: a tracer's name, an instrumentation's. */
  readonly scope: string
  /** When it began, to the millisecond. */
  readonly timestamp: Date
  readonly durationMillis: number
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  /** `''` where the trace begins. */
  readonly parentSpanId: string
}

/** What a span tells of a moment: an exception. */
export interface CapturedEvent {
  readonly name: string
  readonly attributes: Attributes
}

const NANOS_PER_MILLI = 1_000_000

export function capturedSpan(span: SpanRecord, scope: InstrumentationScope): CapturedSpan {
  const { name, attributes, statusMessage, traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano } = span
  return {
    name,
    kind: KINDS[span.kind] ?? 'internal',
    status: STATUSES[span.statusCode] ?? 'unset',
    statusMessage,
    attributes,
    events: span.events.map((event) => ({ name: event.name, attributes: event.attributes })),
    scope: scope.name,
    timestamp: new Date(Number(startTimeUnixNano / BigInt(NANOS_PER_MILLI))),
    durationMillis: roundedMillis(Number(endTimeUnixNano - startTimeUnixNano) / NANOS_PER_MILLI),
    traceId,
    spanId,
    parentSpanId,
  }
}

const KINDS: Readonly<Record<number, CapturedSpan['kind']>> = {
  [SPAN_KIND.internal]: 'internal',
  [SPAN_KIND.server]: 'server',
  [SPAN_KIND.client]: 'client',
  [SPAN_KIND.producer]: 'producer',
  [SPAN_KIND.consumer]: 'consumer',
}

const STATUSES: Readonly<Record<number, CapturedSpan['status']>> = {
  [STATUS_CODE.unset]: 'unset',
  [STATUS_CODE.ok]: 'ok',
  [STATUS_CODE.error]: 'error',
}
