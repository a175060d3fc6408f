/**
 * Straight to bytes: how does a record whose shape is known beforehand reach the open batch without an object in between?
 *
 * One strategy, chosen once for each signal by who composes the stages (app/sinks.ts): only where nobody between here and
 * the bytes wants to see a record. Writers write what the general path would: property tests hold the decoded records of
 * both against each other. What a writer cannot do it leaves to the general path, at any time before it returns.
 */
import type { AnchoredClock } from '../diag/clock.ts'
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import type { Signal } from '../model/signal.ts'

/** What is known of a record beside its bytes. Kept by its caller: one for each severity and scope, not one for each record. */
export interface EncodedKind {
  readonly signal: Signal
  readonly scope: InstrumentationScope
  /** 1 to 24; of a span 17 for an error, 9 for all others. */
  readonly severityNumber: number
}

/** Hides secrets in parts of a record as process/ would in the whole. Never throws. */
export interface PartRedaction {
  /** A text value under a plain key, or the body. Longer than `maxText`: for the general path. */
  text(text: string): string
  /** The value of `url.query`; as `text`. */
  query(query: string): string
  /** The value of `url.full`; as `text`. @param origin  few, and remembered */
  url(origin: string, target: string): string
  /** All that a span says the same way each time. */
  spanAttributes(attributes: Attributes): Attributes
  /** All that a record says the same way each time. */
  logAttributes(attributes: Attributes): Attributes
  /** The same object for the same scope. */
  scope(scope: InstrumentationScope): InstrumentationScope
  /** Neither the key itself nor, for its sake, its values have to be hidden. Numbers of 13 digits and more are for the general path. */
  isPlainKey(key: string): boolean
  /** Texts up to this length are never cut: a few in one record. Characters. */
  readonly maxText: number
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
