/**
 * What may be asked of redaction by who writes a record straight to bytes, part by part? Here, because record/ and capture/ ask and
 * process/ answers.
 */
import type { Attributes } from './any-value.ts'
import type { InstrumentationScope } from './log-record.ts'

/** Hides secrets in parts of a record as process/ would in the whole. Never throws. */
export interface PartRedaction {
  /** A text value under a plain key, or the body. Longer than `maxText`: for the general path. */
  text(text: string): string
  /** Whether `text` changes neither this text nor any part of it. A no may be a false alarm. */
  isClean(text: string): boolean
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
