/**
 * Which kinds of messages are there, and how often each: records that say the same in other words are one.
 */
import type { Patterns } from '../../model/api.ts'
import { patternText } from '../../model/pattern.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { LOG_LEVEL } from './filters/value.ts'
import {
  DEFAULT_PATTERNS,
  patternGroups,
  type PatternsRequest,
  readByNumber,
  sparkList,
  sparkOf,
  sparkPart,
} from './pattern-groups.ts'
import { sqlText } from './rows/sql-text.ts'

/** @throws QuerySyntaxError */
export async function patterns(store: Store, request: PatternsRequest): Promise<Patterns> {
  const { limit = DEFAULT_PATTERNS, newSinceUnixNano } = request
  const { rows, ...covered } = await patternGroups(
    store,
    request,
    (range, where) => `WITH counted AS MATERIALIZED (
      SELECT pattern, ${sparkPart(range)} AS part, count(*) AS c, min(t) AS first, max(t) AS last, max(n) AS newest
      FROM log_rows WHERE ${where} GROUP BY ALL),
    top AS (
      SELECT pattern, sum(c)::BIGINT AS c, min(first) AS first, max(last) AS last, max(newest) AS newest,
        map_from_entries(list((part, c))) AS spark
      FROM counted GROUP BY pattern ORDER BY c DESC, pattern LIMIT ${limit})
    SELECT pattern, c, first, last, ${sparkList('spark')} AS parts, newest FROM top ORDER BY c DESC, pattern`,
  )
  return { patterns: await patternRows(store, rows, newSinceUnixNano), ...covered }
}

/** What the newest record of each says. */
const EXAMPLE = ['coalesce(body, event)', LOG_LEVEL, '(SELECT service FROM resources WHERE id = res)']

type Rows = readonly (readonly SqlValue[])[]

async function patternRows(store: Store, rows: Rows, newSince: bigint | undefined): Promise<Patterns['patterns']> {
  const examples = await readByNumber(
    store,
    rows.map((row) => row.at(-1) as bigint),
    EXAMPLE,
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
      spark: sparkOf(spark),
      ...(newSince !== undefined && (first as bigint) >= newSince ? { new: true } : {}),
    }
  })
}
