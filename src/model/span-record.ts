/**
 * A finished span as all stages speak it, on both sides of the wire.
 */
import type { Attributes } from './any-value.ts'

/** OTLP's SpanKind numbers (the API's are one lower). */
export const SPAN_KIND = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const
/** OTLP's Status.StatusCode. */
export const STATUS_CODE = { unset: 0, ok: 1, error: 2 } as const

export interface SpanEvent {
  readonly timeUnixNano: bigint
  readonly name: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly traceFlags: number
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

/** One span. Ids are lowercase hex; absent text is `''`. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  /** `''` for a root span. */
  readonly parentSpanId: string
  readonly traceState: string
  /** W3C flags in the low 8 bits, and OTLP's "is remote" bits 8 and 9. */
  readonly flags: number
  readonly name: string
  /** 0 to 5, OTLP's numbers. */
  readonly kind: number
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly events: readonly SpanEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
  /** 0 to 2. */
  readonly statusCode: number
  readonly statusMessage: string
}
