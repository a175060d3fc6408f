/**
 * Straight to bytes: how does a record whose shape is known beforehand reach the open batch without an object in between?
 *
 * One strategy, chosen once for each signal by who composes the stages (app/sinks.ts): only where nobody between here and
 * the bytes wants to see a record. Writers write what the general path would: property tests hold the decoded records of
 * both against each other. What a writer cannot do it leaves to the general path, at any time before it returns.
 */
import type { AnchoredClock } from '../diag/clock.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import type { PartRedaction } from '../model/part-redaction.ts'
import type { Signal } from '../model/signal.ts'

/** What is known of a record beside its bytes. Kept by its caller: one for each severity and scope, not one for each record. */
export interface EncodedKind {
  readonly signal: Signal
  readonly scope: InstrumentationScope
  /** 1 to 24; of a span 17 for an error, 9 for all others. */
  readonly severityNumber: number
}

/** MUST NOT throw into the application. */
export interface EncodedSink {
  readonly redaction: PartRedaction
  /** The clock of all records and spans. */
  readonly clock: AnchoredClock
  /** Whether records of this signal may be written by `append` now. Levels are asked before, where records are (RecordEmitter). */
  takes(signal: Signal): boolean
  /**
   * Adds one record, whole or not at all. Ask `takes` before.
   *
   * @returns false: nothing was written or counted, the general path has to write it
   */
  append<T>(kind: EncodedKind, subject: T, write: WriteFields<T>): boolean
}
