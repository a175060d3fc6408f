/**
 * Which kinds of messages are in a file, and how often each: it is read twice, for the sparklines need to know its times.
 */
import type { PatternRow, Patterns } from '../../model/api.ts'
import { patternOfRow, patternText } from '../../model/pattern.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { PatternsQuery } from '../log-source.ts'
import { checkTime } from '../page-request.ts'
import { createEntryFilter } from './find-entries.ts'
import { readEntries } from './read-entries.ts'

export const DEFAULT_PATTERNS = 50
export const SPARK = 24
/** Patterns that are told apart: a file that has more has none worth the name. */
export const MAX_KNOWN = 100_000

interface Known {
  count: number
  first: bigint
  last: bigint
  newest: Readonly<Record<string, unknown>>
  readonly spark: number[]
}

/** @throws QuerySyntaxError, TRACELOG_USAGE */
export async function jsonlPatterns(path: string, query: PatternsQuery): Promise<Patterns> {
  const { limit = DEFAULT_PATTERNS, newSince } = query
  const isNewFrom = checkTime('new_since', newSince, Date.now())
  const range = await timesOf(path, query)
  const known = new Map<number, Known>()
  const part = (range.to - range.from) / BigInt(SPARK) + 1n
  for await (const { time, fields } of matching(path, query)) {
    if (time < range.from || time > range.to) continue
    const pattern = patternOfRow(fields)
    const one = known.get(pattern) ?? {
      count: 0,
      first: time,
      last: time,
      newest: fields,
      spark: Array.from({ length: SPARK }, () => 0),
    }
    if (!known.has(pattern) && known.size >= MAX_KNOWN) continue
    known.set(pattern, one)
    one.count++
    if (time < one.first) one.first = time
    if (time >= one.last) Object.assign(one, { last: time, newest: fields })
    const at = Number((time - range.from) / part)
    one.spark[at] = (one.spark[at] ?? 0) + 1
  }
  const rows = [...known].toSorted(([a, x], [b, y]) => y.count - x.count || a - b).slice(0, limit)
  return {
    patterns: rows.map(([pattern, one]) => rowOf(pattern, one, isNewFrom)),
    complete: true,
    covered_from: formatTimestamp(range.from),
  }
}

function rowOf(
  pattern: number,
  { count, first, last, newest, spark }: Known,
  isNewFrom: bigint | undefined,
): PatternRow {
  const textOf = (key: string): string => (typeof newest[key] === 'string' ? newest[key] : '')
  return {
    pattern: patternText(pattern),
    example: textOf('message'),
    count,
    first_at: formatTimestamp(first),
    last_at: formatTimestamp(last),
    level: textOf('level'),
    service: textOf('service'),
    spark,
    ...(isNewFrom !== undefined && first >= isNewFrom ? { new: true } : {}),
  }
}

/** From when to when it has records that match. */
export async function timesOf(
  path: string,
  query: PatternsQuery,
): Promise<{ readonly from: bigint; readonly to: bigint }> {
  let from: bigint | undefined
  let to = 0n
  for await (const { time } of matching(path, query)) {
    if (from === undefined || time < from) from = time
    if (time > to) to = time
  }
  return { from: from ?? 0n, to }
}

export async function* matching(
  path: string,
  { text, since, until }: PatternsQuery,
): AsyncGenerator<{ readonly time: bigint; readonly fields: Readonly<Record<string, unknown>> }> {
  const filter = createEntryFilter({
    ...(text === undefined ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  })
  for await (const { entries } of readEntries(path)) yield* entries.filter((entry) => filter.matches(entry))
}
