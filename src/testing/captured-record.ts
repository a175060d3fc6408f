/**
 * A record as a test looks at it: flat, and in words where the wire has numbers.
 */
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { textOf } from '../model/flat-value.ts'
import { type InstrumentationScope, type LogRecord, timeOfRecord } from '../model/log-record.ts'
import { ATTR_BUFFERED } from '../model/semconv.ts'
import { type Level, levelOfSeverity, severityOf } from '../model/severity.ts'

/** One log record, as it leaves the process: secrets are hidden, the fields of its request are added. */
export interface CapturedRecord {
  readonly level: Level
  /** Its body as text; of a record without a body `''`. */
  readonly message: string
  readonly body: AnyValue | undefined
  readonly attributes: Attributes
  /** `''` for ordinary lines. */
  readonly eventName: string
  /** Who logged it: the logger's name, `console`, an instrumentation's. */
  readonly scope: string
  /** When it happened, to the millisecond. */
  readonly timestamp: Date
  /** 1 to 24; 0: nobody said. */
  readonly severityNumber: number
  /** The logger's own word for the level. */
  readonly severityText: string
  /** 32 hex digits; `''` outside of a trace. */
  readonly traceId: string
  /** 16 hex digits; `''` outside of a span. */
  readonly spanId: string
  /** No level lets it through: it was seen for the option `level`, and does not leave the process. */
  readonly isBelowLevel: boolean
  /** It was below the level, and leaves because its request failed: the flight recorder brought it. */
  readonly isRecovered: boolean
}

const NANOS_PER_MILLI = 1_000_000n

export function capturedRecord(record: LogRecord, scope: InstrumentationScope, isBelowLevel: boolean): CapturedRecord {
  const { body, attributes, eventName, severityNumber, severityText, traceId, spanId } = record
  return {
    level: levelOfSeverity(severityOf(severityNumber, severityText)),
    message: body === undefined ? '' : textOf(body),
    body,
    attributes,
    eventName,
    scope: scope.name,
    timestamp: new Date(Number(timeOfRecord(record) / NANOS_PER_MILLI)),
    severityNumber,
    severityText,
    traceId,
    spanId,
    isBelowLevel,
    isRecovered: attributes[ATTR_BUFFERED] === true,
  }
}
