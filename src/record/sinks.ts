/**
 * What record/ hands finished records and spans to. app/ passes in the chain gate -> redact -> export.
 */
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SpanRecord } from '../model/span-record.ts'

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface LogSink {
  /** Cheap; asked before a record is built. `severityNumber` 0 counts as INFO. */
  isEnabled(severityNumber: number, scopeName: string): boolean
  /**
   * The lowest SeverityNumber that is exported from the scope, 25 for none; `undefined`: no level is set, so that a bridge
   * exports what the application itself prints.
   */
  thresholdOf(scopeName: string): number | undefined
  /** The lowest threshold of any scope; `undefined` when no level is set at all. For those who know the scope only later. */
  lowestThreshold(): number | undefined
  emit(record: LogRecord, scope: InstrumentationScope): void
}

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface SpanSink {
  emit(span: SpanRecord, scope: InstrumentationScope): void
}
