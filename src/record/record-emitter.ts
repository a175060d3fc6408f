/**
 * How capture/ writes a record down: an input in our words, joined here with time and the active span.
 *
 * The OTel Logs API (logger-provider.ts) goes through the same door.
 */
import type { Context } from '@opentelemetry/api'

import type { AnyValue, Attributes } from '../model/any-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import type { PlainRecord } from './plain-fields.ts'
import type { Kept, Levels, Verdict } from './levels.ts'

/** What a bridge knows of a record. Everything is optional but the severity. */
export interface RecordInput {
  readonly severityNumber: number
  readonly severityText?: string
  /** When it happened. Nanoseconds since the epoch; default: now. */
  readonly timeUnixNano?: bigint
  /** When it was seen. Nanoseconds since the epoch; default: now. */
  readonly observedTimeUnixNano?: bigint
  /**
   * The time was cut to its millisecond on the way here (a logger's own timestamp). When it is of just now, the part that was cut
   * is put back, so that lines stay in order with spans; its millisecond never changes. Default false: taken as it is.
   */
  readonly isTimeCut?: boolean
  readonly eventName?: string
  readonly body?: AnyValue
  readonly attributes?: Attributes
  /** Attributes left out already. Default 0. */
  readonly droppedAttributesCount?: number
  /** Whose span the record belongs to; default: the active context. */
  readonly context?: Context
}

/** A record that is a text and plain fields, as nearly all are. */
export interface PlainInput extends PlainRecord {
  /** A logger's own timestamp in whole milliseconds since the epoch: `timeUnixNano` with `isTimeCut`, cheaper. */
  readonly timeMillis?: number | undefined
  readonly timeUnixNano?: bigint | undefined
  readonly isTimeCut?: boolean
  readonly context?: Context | undefined
}

/** MUST NOT throw into the application. */
export interface RecordEmitter {
  /** For those who have the unit at hand, or know the scope only later. */
  readonly levels: Levels
  /**
   * Asked once per record, before any work is done; `emit` takes the answer.
   *
   * @param at  whose request the record belongs to; default: the active context
   * @param isPrinted  see `Levels.judge`
   */
  judge(severityNumber: number, scopeName: string, at?: Context, isPrinted?: boolean): Verdict
  emit(input: RecordInput, scope: InstrumentationScope, verdict: Kept): void
  /**
   * The same as `emit`, several times as fast, for what may be plain.
   *
   * @returns false: it is not, or somebody wants to see records as objects. Nothing was written; `emit` does it
   */
  emitPlain(input: PlainInput, scope: InstrumentationScope, verdict: Kept): boolean
  /** For records that are written down later than they happen. Nanoseconds since the epoch. */
  nowUnixNano(): bigint
}
