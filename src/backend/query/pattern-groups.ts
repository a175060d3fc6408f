/**
 * How are records counted by what they say? The one core of patterns and errors: which records, how far back, and their sparklines.
 */
import type { Covered } from '../../model/api.ts'
import { formatTimestamp } from '../../model/time.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { countedRange, type CountRequest, DEFAULT_BUDGET_MILLIS } from './count-request.ts'
import { compileExpression } from './filters/compile.ts'
import type { FilterContext } from './filters/filter.ts'
import { tracesOf } from './filters/traces-of.ts'
import { hintsOf } from './key-hints.ts'
import { newestFirst, wholeMillis } from './newest-first.ts'
import { rangeCondition, type TimeRange } from './time-range.ts'

export interface PatternsRequest extends Omit<CountRequest, 'of'> {
  /** 1 to 500; default 50. */
  readonly limit?: number
  /** What was first seen then or later is new. Nanoseconds since the epoch. */
  readonly newSinceUnixNano?: bigint
}

export const DEFAULT_PATTERNS = 50
export const MAX_PATTERNS = 500
/** Numbers of a sparkline. */
const SPARK = 24
const NANOS_PER_MILLI = 1_000_000n

export interface PatternGroups extends Covered {
  readonly rows: readonly (readonly SqlValue[])[]
}

/** A SELECT of the groups: of the records for which `where` holds, which has the parameters of the query and no others. */
export type GroupsSql = (range: TimeRange, where: string, context: FilterContext) => string

/** @throws QuerySyntaxError */
export async function patternGroups(store: Store, request: PatternsRequest, sqlOf: GroupsSql): Promise<PatternGroups> {
  const { q, budgetMillis = DEFAULT_BUDGET_MILLIS } = request
  const nowMillis = Date.now()
  const expression = parseQueryText(q ?? '')
  const traces = expression === undefined ? undefined : tracesOf(expression)
  const query = { request: { ...request, of: 'logs' as const }, expression, traces, nowMillis }
  const [range, hints] = await Promise.all([countedRange(store, query), hintsOf(store, expression)])
  if (range === undefined) {
    const now = formatTimestamp(request.sinceUnixNano ?? BigInt(nowMillis) * NANOS_PER_MILLI)
    return { rows: [], complete: true, covered_from: now, ...hints }
  }
  const context = { signal: 'logs', columns: store.columns('logs'), nowMillis } as const
  const condition = compileExpression(expression, nowMillis).condition(context)
  const covered = await newestFirst(store, { range, budgetMillis, align: wholeMillis }, async (part, timeoutMillis) => {
    const where = `pattern IS NOT NULL AND ${rangeCondition(part)} AND ${condition.sql}`
    const options = timeoutMillis === undefined ? {} : { timeoutMillis }
    const { rows } = await store.read(sqlOf(part, where, context), condition.parameters, options)
    return rows
  })
  return {
    rows: covered.answer,
    complete: covered.isComplete,
    covered_from: formatTimestamp(covered.from),
    ...hints,
  }
}

/** In which part of the time a row lies. */
export function sparkPart({ from, to }: TimeRange): string {
  return `(t - ${from}) // ${(to - from) / BigInt(SPARK) + 1n}`
}

/** @param map  SQL: from a part to how many */
export function sparkList(map: string): string {
  return `[coalesce(${map}[i::BIGINT], 0)::BIGINT FOR i IN range(0, ${SPARK})]`
}

export function sparkOf(value: SqlValue | undefined): number[] {
  return (value as readonly SqlValue[]).map(Number)
}

/** What some records have, by their numbers. @param columns  SQL over log_rows */
export async function readByNumber(
  store: Store,
  numbers: readonly bigint[],
  columns: readonly string[],
): Promise<ReadonlyMap<bigint, readonly SqlValue[]>> {
  if (numbers.length === 0) return new Map()
  const first = numbers[0] as bigint
  const low = numbers.reduce((least, n) => (n < least ? n : least), first)
  const high = numbers.reduce((most, n) => (n > most ? n : most), first)
  const { rows } = await store.read(
    `SELECT n, ${columns.join(', ')} FROM log_rows WHERE n BETWEEN ${low} AND ${high} AND n IN (${numbers.join(', ')})`,
  )
  return new Map(rows.map(([n, ...values]) => [n as bigint, values]))
}
