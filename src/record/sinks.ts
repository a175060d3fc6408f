/**
 * What record/ hands finished records and spans to. app/ passes in the chain redact -> export.
 */
import type { Context } from '@opentelemetry/api'

import type { HeldRecord } from '../context/held-record.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { Kept } from './levels.ts'

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface LogSink {
  /**
   * @param verdict  what levels.ts has answered; nobody asks again
   * @param active  the context that the record belongs to
   */
  emit(record: LogRecord, scope: InstrumentationScope, verdict: Kept, active: Context): void
  /** A record that is held, and no object yet. Default: held records come as objects. */
  hold?(record: HeldRecord, severityNumber: number): void
}

/** Implementations MUST NOT throw, block or keep the process alive. */
export interface SpanSink {
  emit(span: SpanRecord, scope: InstrumentationScope): void
}
