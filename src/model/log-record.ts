/**
 * The record that all stages speak, on both sides of the wire, and the limits it is held to.
 */
import type { AnyValue, Attributes } from './any-value.ts'

/** One log record. Absent text is `''`, absent time `0n`, so that the shape never changes. */
export interface LogRecord {
  /** When it happened. Nanoseconds since the epoch; `0n` = unknown. */
  readonly timeUnixNano: bigint
  /** When it was seen. Nanoseconds since the epoch. */
  readonly observedTimeUnixNano: bigint
  /** 1 to 24; 0 = unspecified. */
  readonly severityNumber: number
  /** The logger's own word for the level. */
  readonly severityText: string
  readonly eventName: string
  readonly body: AnyValue | undefined
  readonly attributes: Attributes
  /** 32 lowercase hex digits, or `''`. */
  readonly traceId: string
  /** 16 lowercase hex digits, or `''`. */
  readonly spanId: string
  /** W3C trace flags, 0 to 255. */
  readonly traceFlags: number
  readonly droppedAttributesCount: number
}

/** When it happened, else when it was seen. Nanoseconds since the epoch; `0n` = neither is known. */
export function timeOfRecord({ timeUnixNano, observedTimeUnixNano }: LogRecord): bigint {
  return timeUnixNano === 0n ? observedTimeUnixNano : timeUnixNano
}

/** A record that is nothing but a text, and when it was seen: nanoseconds since the epoch, `0n` = unknown. */
export function recordOfText(body: string, observedTimeUnixNano: bigint): LogRecord {
  return {
    timeUnixNano: observedTimeUnixNano,
    observedTimeUnixNano,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}

/** Which library emitted. */
export interface InstrumentationScope {
  readonly name: string
  /** `''` when unknown. */
  readonly version: string
  readonly attributes?: Attributes
}

/** Who emits: `service.name`, `service.instance.id`, ... */
export interface Resource {
  readonly attributes: Attributes
}

/** Attributes in one record; the first keys are kept. Source: OTEL_ATTRIBUTE_COUNT_LIMIT's default. */
export const MAX_ATTRIBUTES = 128
/** Bytes of one encoded record before its longest values are cut. Source: spec, bridges rule 4. */
export const MAX_RECORD_BYTES = 32_768
/** Levels of nesting kept in a value; deeper ones are cut and the record is marked. */
export const MAX_DEPTH = 6
/** Characters kept behind a cut, so that a secret across it can be found: who redacts makes the final cut. Source: decision 6. */
export const CUT_MARGIN = 4096
/** Tags and lengths around each value on the wire, about: lists of small numbers fill a record too. */
export const NODE_BYTES = 8
