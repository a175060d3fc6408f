/**
 * A page of records out of Loki: what it sends is held against the query, until the page is full.
 */
import type { LogRow, LogsPage } from '../../model/api.ts'
import { roundedMillis } from '../../model/time.ts'
import type { StackServer } from '../stack-client.ts'
import type { LogsQuery } from '../log-source.ts'
import { checkLimit, usage } from '../../query-text/page-limit.ts'
import { checkTime } from '../page-request.ts'
import { compileLokiQuery, type LokiQuery } from './loki-query.ts'
import { compareKeys, readEntries, sortKey, type SortKey } from './read-entries.ts'
import type { LokiEntry } from './loki-client.ts'
import { entryRow, matchedFields } from './read-entry.ts'

/** How far one question looks back without `since`: as far as Loki lets it. */
const DEFAULT_RANGE_MILLIS = 30 * 86_400_000
/** Clocks may be ahead. */
const AHEAD_MILLIS = 3_600_000
const NANOS_PER_MILLI = 1_000_000n

/** @throws QuerySyntaxError, TRACELOG_USAGE, TRACELOG_BACKEND_UNREACHABLE */
export async function lokiLogsPage(loki: StackServer, query: LogsQuery): Promise<LogsPage> {
  const started = performance.now()
  const limit = checkLimit(query.limit)
  const logs: LogRow[] = []
  let last: LokiEntry | undefined
  let hasMore = false
  // One more tells that there are more; those of the last time are asked for again.
  const expected = limit + 1 + Math.ceil(limit / 10)
  for await (const { entry, row } of matchingEntries(loki, query, { expected })) {
    if (logs.length === limit) {
      hasMore = true
      break
    }
    logs.push(row)
    last = entry
  }
  return {
    logs,
    next_cursor: hasMore && last !== undefined ? cursorOf(last) : null,
    took_ms: roundedMillis(performance.now() - started),
  }
}

export interface MatchingOptions {
  readonly expected?: number
  /** A further condition on labels, of this program. */
  readonly more?: string
  readonly signal?: AbortSignal
}

/** @yields records that match, after the query's cursor, in its order */
export async function* matchingEntries(
  loki: StackServer,
  query: LogsQuery,
  { expected, more, signal }: MatchingOptions = {},
): AsyncGenerator<{ readonly entry: LokiEntry; readonly row: LogRow }> {
  const nowMillis = Date.now()
  const compiled = compileLokiQuery(query.text, nowMillis, more)
  const order = query.order ?? 'desc'
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  let { from, to } = rangeOf(query, compiled, nowMillis)
  if (cursor !== undefined && order === 'desc' && cursor[0] + 1n < to) to = cursor[0] + 1n
  if (cursor !== undefined && order === 'asc' && cursor[0] > from) from = cursor[0]
  const question = { logql: compiled.logql, from, to, order, signal, ...(expected === undefined ? {} : { expected }) }
  for await (const entry of readEntries(loki, question)) {
    if (cursor !== undefined && !isBeyond(sortKey(entry), cursor, order)) continue
    const row = entryRow(entry)
    if (compiled.matches(matchedFields(entry, row))) yield { entry, row }
  }
}

function isBeyond(one: SortKey, cursor: SortKey, order: 'asc' | 'desc'): boolean {
  const side = compareKeys(one, cursor)
  return order === 'asc' ? side > 0 : side < 0
}

/** The time to look at: of the request and of the text, whichever is narrower; else the last 30 days. */
export function rangeOf(
  { since, until }: LogsQuery,
  { since: textSince, until: textUntil }: Pick<LokiQuery, 'since' | 'until'>,
  nowMillis: number,
): { readonly from: bigint; readonly to: bigint } {
  const starts = [checkTime('since', since, nowMillis), textSince].filter((time) => time !== undefined)
  const ends = [checkTime('until', until, nowMillis), textUntil].filter((time) => time !== undefined)
  const now = BigInt(nowMillis) * NANOS_PER_MILLI
  const to = ends.length === 0 ? now + BigInt(AHEAD_MILLIS) * NANOS_PER_MILLI : ends.reduce((a, b) => (b < a ? b : a))
  const from =
    starts.length === 0 ? to - BigInt(DEFAULT_RANGE_MILLIS) * NANOS_PER_MILLI : starts.reduce((a, b) => (b > a ? b : a))
  return { from: from < 0n ? 0n : from, to }
}

export function cursorOf(entry: LokiEntry): string {
  return sortKey(entry).join('-')
}

function parseCursor(text: string): SortKey {
  const match = /^(\d{1,20})-(\d{1,20})-(\d{1,20})-([0-9a-f]{16})$/.exec(text)
  if (match === null) throw usage(`cursor is "${text.slice(0, 80)}", but must be the next_cursor of a page`)
  const [, time = '', observed = '', seq = '', hash = ''] = match
  return [BigInt(time), BigInt(observed), BigInt(seq), hash]
}
