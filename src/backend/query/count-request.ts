/**
 * What every question for counts takes, and of which time it is: what was asked for, cut to what is stored.
 */
import type { Expression } from '../../query-text/expression.ts'
import { timesOf } from '../../query-text/top-terms.ts'
import type { Store } from '../store/store.ts'
import { boundsOf } from './trace-bounds.ts'
import { type TimeRange, unionOf } from './time-range.ts'

/** What is counted: records, or requests with a record or span that matches. */
export type Counted = 'logs' | 'requests'

export interface CountRequest {
  readonly q?: string
  /** Included, and excluded. Nanoseconds since the epoch; a `since:` in the text narrows them further. */
  readonly sinceUnixNano?: bigint
  readonly untilUnixNano?: bigint
  /** Default: `logs`. */
  readonly of?: Counted
  /** How long may be counted before what there is is answered. Milliseconds; default 250. */
  readonly budgetMillis?: number
}

export const DEFAULT_BUDGET_MILLIS = 250
export const MAX_BUDGET_MILLIS = 10_000

export interface CountedQuery {
  readonly request: CountRequest
  readonly expression: Expression | undefined
  /** Of everything that matches; undefined: any. */
  readonly traces: readonly string[] | undefined
  readonly nowMillis: number
}

/** What is stored of the time that was asked for. */
export interface CountedRange extends TimeRange {
  /** The bounds that were asked for, the narrowest; undefined: there is none. `until` is excluded. */
  readonly since: bigint | undefined
  readonly until: bigint | undefined
}

/** @returns undefined: nothing is stored of that time */
export async function countedRange(store: Store, query: CountedQuery): Promise<CountedRange | undefined> {
  const { request, expression, traces, nowMillis } = query
  const { sinceUnixNano, untilUnixNano, of = 'logs' } = request
  const stored =
    of === 'logs' && traces !== undefined
      ? unionOf((await boundsOf(store, traces)).values())
      : await storedRange(store, of)
  if (stored === undefined) return undefined
  // Of requests the bounds in the text are about the records that match, and not about when the request began.
  const inText = of === 'logs' ? timesOf(expression, nowMillis) : { since: undefined, until: undefined }
  const since = narrowest([sinceUnixNano, inText.since], (a, b) => a > b)
  const until = narrowest([untilUnixNano, inText.until], (a, b) => a < b)
  const from = since !== undefined && since > stored.from ? since : stored.from
  const to = until !== undefined && until - 1n < stored.to ? until - 1n : stored.to
  return from <= to ? { from, to, since, until } : undefined
}

function narrowest(
  bounds: readonly (bigint | undefined)[],
  isNarrower: (a: bigint, b: bigint) => boolean,
): bigint | undefined {
  return bounds.reduce((a, b) => (a === undefined || (b !== undefined && isNarrower(b, a)) ? b : a))
}

async function storedRange(store: Store, of: Counted): Promise<TimeRange | undefined> {
  const ranges = await Promise.all(
    (of === 'logs' ? ['log_rows'] : ['log_rows', 'span_rows']).map(async (table) => {
      const { rows } = await store.read(`SELECT min(t), max(t) FROM ${table}`)
      const [from, to] = rows[0] ?? []
      return typeof from === 'bigint' && typeof to === 'bigint' ? [{ from, to }] : []
    }),
  )
  return unionOf(ranges.flat())
}
