/**
 * Which kinds of messages are there, and how often each: records that say the same in other words are one.
 */
import type { Patterns } from '../../model/api.ts'
import { patternText } from '../../model/pattern.ts'
import { formatTimestamp } from '../../model/time.ts'
import { floorTo } from '../../model/time-step.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { countedRange, type CountRequest, DEFAULT_BUDGET_MILLIS } from './count-request.ts'
import { compileExpression } from './filters/compile.ts'
import { tracesOf } from './filters/traces-of.ts'
import { LOG_LEVEL } from './filters/value.ts'
import { hintsOf } from './key-hints.ts'
import { newestFirst } from './newest-first.ts'
import { sqlText } from './rows/sql-text.ts'
import { rangeCondition, type TimeRange } from './time-range.ts'

export interface PatternsRequest extends Omit<CountRequest, 'of'> {
  /** 1 to 500; default 50. */
  readonly limit?: number
  /** A pattern that was first seen then or later is new. Nanoseconds since the epoch. */
  readonly newSinceUnixNano?: bigint
}

export const DEFAULT_PATTERNS = 50
export const MAX_PATTERNS = 500
/** Numbers of a sparkline. */
const SPARK = 24
const NANOS_PER_MILLI = 1_000_000n

/** @throws QuerySyntaxError */
export async function patterns(store: Store, request: PatternsRequest): Promise<Patterns> {
  const { q, budgetMillis = DEFAULT_BUDGET_MILLIS, limit = DEFAULT_PATTERNS, newSinceUnixNano } = request
  const nowMillis = Date.now()
  const expression = parseQueryText(q ?? '')
  const traces = expression === undefined ? undefined : tracesOf(expression)
  const query = { request: { ...request, of: 'logs' as const }, expression, traces, nowMillis }
  const [range, hints] = await Promise.all([countedRange(store, query), hintsOf(store, expression)])
  if (range === undefined) {
    const now = formatTimestamp(request.sinceUnixNano ?? BigInt(nowMillis) * NANOS_PER_MILLI)
    return { patterns: [], complete: true, covered_from: now, ...hints }
  }
  const context = { signal: 'logs', columns: store.columns('logs'), nowMillis } as const
  const condition = compileExpression(expression, nowMillis).condition(context)
  const covered = await newestFirst(store, { range, budgetMillis, align: wholeMillis }, async (part, timeoutMillis) => {
    const { rows } = await store.read(
      perPattern(part, condition.sql, limit),
      condition.parameters,
      timeoutMillis === undefined ? {} : { timeoutMillis },
    )
    return rows
  })
  return {
    patterns: await patternRows(store, covered.answer, newSinceUnixNano),
    complete: covered.isComplete,
    covered_from: formatTimestamp(covered.from),
    ...hints,
  }
}

function wholeMillis(time: bigint): bigint {
  return floorTo(time, NANOS_PER_MILLI)
}

function perPattern(range: TimeRange, condition: string, limit: number): string {
  const length = (range.to - range.from) / BigInt(SPARK) + 1n
  return `WITH counted AS MATERIALIZED (
      SELECT pattern, (t - ${range.from}) // ${length} AS part, count(*) AS c, min(t) AS first, max(t) AS last, max(n) AS newest
      FROM log_rows WHERE pattern IS NOT NULL AND ${rangeCondition(range)} AND ${condition} GROUP BY ALL),
    top AS (
      SELECT pattern, sum(c)::BIGINT AS c, min(first) AS first, max(last) AS last, max(newest) AS newest,
        map_from_entries(list((part, c))) AS spark
      FROM counted GROUP BY pattern ORDER BY c DESC, pattern LIMIT ${limit})
    SELECT pattern, c, first, last, [coalesce(spark[i::BIGINT], 0)::BIGINT FOR i IN range(0, ${SPARK})] AS parts, newest
    FROM top ORDER BY c DESC, pattern`
}

/** The newest record of each pattern. */
async function readExamples(store: Store, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, readonly SqlValue[]>> {
  if (ids.length === 0) return new Map()
  const [low, high] = ids.reduce(([a, b], id) => [id < a ? id : a, id > b ? id : b], [ids[0], ids[0]] as [
    bigint,
    bigint,
  ])
  const { rows } = await store.read(
    `SELECT n, coalesce(body, event), ${LOG_LEVEL}, (SELECT service FROM resources WHERE id = res)
     FROM log_rows WHERE n BETWEEN ${low} AND ${high} AND n IN (${ids.join(', ')})`,
  )
  return new Map(rows.map(([n, ...values]) => [n as bigint, values]))
}

type Rows = readonly (readonly SqlValue[])[]

async function patternRows(store: Store, rows: Rows, newSince: bigint | undefined): Promise<Patterns['patterns']> {
  const examples = await readExamples(
    store,
    rows.map((row) => row.at(-1) as bigint),
  )
  return rows.map(([pattern, count, first, last, spark, newest]) => {
    const [example, level, service] = examples.get(newest as bigint) ?? []
    return {
      pattern: patternText(Number(pattern)),
      example: sqlText(example),
      count: Number(count),
      first_at: formatTimestamp(first as bigint),
      last_at: formatTimestamp(last as bigint),
      level: sqlText(level),
      service: sqlText(service),
      spark: (spark as readonly SqlValue[]).map(Number),
      ...(newSince !== undefined && (first as bigint) >= newSince ? { new: true } : {}),
    }
  })
}
