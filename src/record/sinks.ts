/**
 * What record/ hands finished records and spans to. app/ passes in the chain redact -> export.
 */
import type { RequestUnit } from '../context/request-unit.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { Kept } from './levels.ts'

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface LogSink {
  /**
   * @param verdict  what levels.ts has answered; nobody asks again
   * @param unit  the request that the record belongs to
   */
  emit(record: LogRecord, scope: InstrumentationScope, verdict: Kept, unit: RequestUnit | undefined): void
}

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface SpanSink {
  emit(span: SpanRecord, scope: InstrumentationScope): void
}
