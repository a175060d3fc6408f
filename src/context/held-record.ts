/**
 * A record that no level lets through and somebody keeps: as cheap as its source can make it, whole only when it leaves after all.
 */
import type { Context } from '@opentelemetry/api'

import { estimatedBytes } from '../model/estimated-bytes.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'

export interface HeldRecord {
  readonly scope: InstrumentationScope
  /** The context that it belongs to. */
  readonly active: Context
  /** In memory, estimated. */
  readonly bytes: number
  /** What it was when it was logged, whatever has changed since. Not yet redacted. */
  toRecord(): LogRecord
}

/** One that is whole already. */
export class WholeRecord implements HeldRecord {
  readonly scope: InstrumentationScope
  readonly active: Context
  readonly bytes: number
  readonly #record: LogRecord

  constructor(record: LogRecord, scope: InstrumentationScope, active: Context) {
    this.#record = record
    this.scope = scope
    this.active = active
    this.bytes = estimatedBytes(record)
  }

  toRecord(): LogRecord {
    return this.#record
  }
}
