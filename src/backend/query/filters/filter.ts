/**
 * What each kind of filter gives: a condition for stored rows. What it means for a row that has just arrived: query-text/match.ts.
 */
import type { Matcher } from '../../../query-text/match.ts'
import type { Signal } from '../../../model/signal.ts'
import type { AttributeColumn, SqlParameter } from '../../store/store.ts'

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

/** One term. */
export interface TermFilter {
  condition(context: FilterContext): Condition
}

/** A whole query text. */
export interface Filter extends TermFilter {
  readonly matches: Matcher
  /** Everything that matches is of one of these traces (32 hex digits); undefined: of any, or of none. */
  readonly traces: readonly string[] | undefined
}

export const NEVER: Condition = { sql: 'false', parameters: [] }
