/**
 * Finds the rows of one page by time: the newest N by walking windows back, each four times as long as the one before.
 *
 * Two columns are read until the page is full; whoever shows the rows reads the others for these rows alone.
 */
import { checkLimit, usage } from '../../query-text/page-limit.ts'
import type { Condition, Filter } from './filters/filter.ts'
import type { PageRequest } from './query.ts'
import { rowsOf } from '../store/row-blocks.ts'
import type { Store } from '../store/store.ts'
import { rangeCondition, type TimeRange, unionOf } from './time-range.ts'
import { boundsOf } from './trace-bounds.ts'

/** The first window is this share of the whole range. Measured: 28 ms instead of 52 to 141 for a plain ORDER BY (1 M rows). */
const FIRST_SHARE = 256n
const GROWTH = 4n

export interface PageRow {
  readonly n: bigint
  readonly t: bigint
}
export interface FoundPage {
  readonly rows: readonly PageRow[]
  readonly nextCursor: string | null
}

/** Where a page is looked for. */
export interface Searched extends Pick<Filter, 'traces'> {
  readonly table: 'log_rows' | 'span_rows'
  readonly condition: Condition
}

/** @throws TRACELOG_USAGE when the limit or the cursor is not what it must be */
export async function findPage(store: Store, searched: Searched, request: PageRequest): Promise<FoundPage> {
  const limit = checkLimit(request.limit)
  const isDescending = request.order !== 'asc'
  const cursor = parseCursor(request.cursor)
  const { table, condition, traces } = searched
  const range = await timeRange(store, searched, request)
  if (range === undefined) return { rows: [], nextCursor: null }
  const found: PageRow[] = []
  // Few rows are of certain traces: no window fills a page sooner than another.
  const firstShare = traces === undefined ? FIRST_SHARE : 1n
  for (const window of windows(range, firstShare, isDescending)) {
    const missing = limit + 1 - found.length
    // oxlint-disable-next-line no-await-in-loop -- each window is asked only when the one before did not fill the page
    found.push(...(await askWindow(store, { table, condition, range: window, limit: missing, isDescending, cursor })))
    if (found.length > limit) break
  }
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows, nextCursor: found.length > limit && last !== undefined ? `${last.t}-${last.n}` : null }
}

export function parseCursor(text: string | undefined): PageRow | undefined {
  if (text === undefined) return undefined
  const match = /^(-?\d{1,19})-(\d{1,20})$/.exec(text)
  if (match === null) throw usage(`cursor is "${text.slice(0, 60)}", but must be the next_cursor of a page`)
  return { t: BigInt(match[1] as string), n: BigInt(match[2] as string) }
}

async function timeRange(
  store: Store,
  { table, traces }: Searched,
  request: PageRequest,
): Promise<TimeRange | undefined> {
  const { sinceUnixNano, untilUnixNano } = request
  const isDescending = request.order !== 'asc'
  const cursor = parseCursor(request.cursor)
  const stored =
    traces === undefined ? await wholeRange(store, table) : unionOf((await boundsOf(store, traces)).values())
  if (stored === undefined) return undefined
  let { from, to } = stored
  if (sinceUnixNano !== undefined && sinceUnixNano > from) from = sinceUnixNano
  if (untilUnixNano !== undefined && untilUnixNano - 1n < to) to = untilUnixNano - 1n
  if (cursor !== undefined && isDescending && cursor.t < to) to = cursor.t
  if (cursor !== undefined && !isDescending && cursor.t > from) from = cursor.t
  return from <= to ? { from, to } : undefined
}

async function wholeRange(store: Store, table: string): Promise<TimeRange | undefined> {
  const { rows } = await store.read(`SELECT min(t), max(t) FROM ${table}`)
  const [from, to] = rows[0] ?? []
  return typeof from === 'bigint' && typeof to === 'bigint' ? { from, to } : undefined
}

function* windows({ from, to }: TimeRange, firstShare: bigint, isDescending: boolean): Iterable<TimeRange> {
  let length = (to - from) / firstShare + 1n
  if (isDescending) {
    for (let end = to; end >= from; length *= GROWTH) {
      const start = end - length + 1n > from ? end - length + 1n : from
      yield { from: start, to: end }
      end = start - 1n
    }
  } else {
    for (let start = from; start <= to; length *= GROWTH) {
      const end = start + length - 1n < to ? start + length - 1n : to
      yield { from: start, to: end }
      start = end + 1n
    }
  }
}

interface Window {
  readonly table: string
  readonly condition: Condition
  readonly range: TimeRange
  readonly limit: number
  readonly isDescending: boolean
  readonly cursor: PageRow | undefined
}

async function askWindow(store: Store, window: Window): Promise<PageRow[]> {
  const { table, condition, range, limit, isDescending, cursor } = window
  const [direction, beyond] = isDescending ? ['DESC', '<'] : ['ASC', '>']
  const after =
    cursor === undefined ? '' : ` AND (t ${beyond} ${cursor.t} OR (t = ${cursor.t} AND n ${beyond} ${cursor.n}))`
  const blocks = await store.readRows({
    signal: table === 'log_rows' ? 'logs' : 'spans',
    columns: ['n', 't'],
    where: { sql: `${rangeCondition(range)} AND ${condition.sql}${after}`, parameters: condition.parameters },
    range,
    order: `ORDER BY t ${direction}, n ${direction} LIMIT ${limit}`,
  })
  return rowsOf(blocks).map(([n, t]) => ({ n: n as bigint, t: t as bigint }))
}

/** What follows WHERE to read all columns of these rows. */
export function rowsCondition(rows: readonly PageRow[]): string {
  const times = rows.map(({ t }) => t)
  const numbers = rows.map(({ n }) => n)
  return `t BETWEEN ${lowest(times)} AND ${highest(times)} AND n BETWEEN ${lowest(numbers)} AND ${highest(numbers)}
    AND n IN (${numbers.join(', ')})`
}

function lowest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a))
}

function highest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a))
}
