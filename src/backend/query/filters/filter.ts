/**
 * What each kind of filter gives: a condition for stored rows, and the same question for a row that has just arrived.
 */
import type { AttributeColumn, Signal, SqlParameter } from '../../store/store.ts'

/** What a condition may refer to. */
export interface FilterContext {
  readonly signal: Signal
  readonly columns: readonly AttributeColumn[]
  /** For `since:15m`. Milliseconds since the epoch. */
  readonly nowMillis: number
}

/** SQL over `log_rows` or `span_rows`; what a user wrote is only ever in `parameters`. */
export interface Condition {
  readonly sql: string
  readonly parameters: readonly SqlParameter[]
}

/** A flat line as an object (LogRow, or a span's fields under the same names). */
export type FlatRow = Readonly<Record<string, unknown>>

export interface Filter {
  condition(context: FilterContext): Condition
  matches(row: FlatRow): boolean
}

export const NEVER: Condition = { sql: 'false', parameters: [] }
