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

/** @returns undefined: nothing is stored of that time */
export async function countedRange(store: Store, query: CountedQuery): Promise<TimeRange | undefined> {
  const { request, expression, traces, nowMillis } = query
  const { sinceUnixNano, untilUnixNano, of = 'logs' } = request
  const stored =
    of === 'logs' && traces !== undefined
      ? unionOf((await boundsOf(store, traces)).values())
      : await storedRange(store, of)
  if (stored === undefined) return undefined
  // Of requests the bounds in the text are about the records that match, and not about when the request began.
  const { since, until } = of === 'logs' ? timesOf(expression, nowMillis) : { since: undefined, until: undefined }
  let { from, to } = stored
  for (const bound of [sinceUnixNano, since]) if (bound !== undefined && bound > from) from = bound
  for (const bound of [untilUnixNano, until]) if (bound !== undefined && bound - 1n < to) to = bound - 1n
  return from <= to ? { from, to } : undefined
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
