/**
 * Which trace is meant by an id or its first digits, and all of its rows.
 */
import { EVENT_TASK_END, EVENT_TASK_START, SERVED_EVENTS } from '../../model/semconv.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import type { Store } from '../store/store.ts'
import { usage } from '../../query-text/page-limit.ts'
import { sqlTraceId } from './rows/sql-text.ts'
import type { StoredLog, StoredRows, StoredSpan } from './rows/stored-rows.ts'
import { rangeCondition, type TimeRange, unionOf } from './time-range.ts'
import { boundsOf, boundsOfPrefix, groupsOf, isOneOf, type TraceGroup } from './trace-bounds.ts'

export interface TraceRows {
  readonly traceId: string
  readonly logs: readonly StoredLog[]
  readonly spans: readonly StoredSpan[]
  /** Rows that are stored and were not read, because there are too many. */
  readonly leftOut: number
}

/** Rows of one trace that are read at most, of each signal. */
const MAX_TRACE_ROWS = 50_000
/** Rows of all traces that are read together at most, of each signal: they are in memory together. */
const MAX_ROWS = 100_000
/** Rows of which every request that has ended has at least one: they tell how it went, so they are read first. */
export const SERVING_LOGS: string = `event IN (${SERVED_EVENTS.map((event) => `'${event}'`).join(', ')})`
/** A task without a request above it is listed like one. */
export const TASK_LOGS: string = `event IN ('${EVENT_TASK_START}', '${EVENT_TASK_END}')`
export const SERVING_SPANS: string = `kind IN (${SPAN_KIND.server}, ${SPAN_KIND.consumer})`
/** A request that runs is known from its lines alone; one that has written none for so long is not looked for. Nanoseconds. */
export const RUNNING_NANOS = 3_600_000_000_000n
const SHORTEST_PREFIX = 8
/** Ids that are named at most where digits begin more than one. */
const NAMED_IDS = 4

/**
 * @returns undefined when nothing is stored for it
 * @throws TRACELOG_USAGE when the text is no id or prefix, or more than one trace begins with it
 */
export async function readTrace(store: Store, stored: StoredRows, id: string): Promise<TraceRows | undefined> {
  const digits = id.trim().replaceAll('-', '').toLowerCase()
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < SHORTEST_PREFIX || digits.length > 32) {
    throw usage(
      `The trace id is "${id.slice(0, 60)}", but must be 32 hex digits or at least the first ${SHORTEST_PREFIX}`,
    )
  }
  const bounds = await boundsOfPrefix(store, digits, NAMED_IDS)
  const ids = [...bounds.keys()]
  if (ids.length > 1) {
    throw usage(`The trace id begins with "${digits}", but must name one trace; these begin so: ${ids.join(', ')}`)
  }
  const [rows] = await readBounded(store, stored, { ids, bounds })
  return rows
}

/** The rows of several traces, in the order of the ids: of a trace that has too many, the first ones. */
export async function readTraces(store: Store, stored: StoredRows, ids: readonly string[]): Promise<TraceRows[]> {
  return await readBounded(store, stored, { ids, bounds: await boundsOf(store, ids) })
}

interface Bounded {
  readonly ids: readonly string[]
  readonly bounds: ReadonlyMap<string, TimeRange>
}

async function readBounded(store: Store, stored: StoredRows, { ids, bounds }: Bounded): Promise<TraceRows[]> {
  // Each trace has its share: one that is large must not take the late rows of the others away.
  const limit = Math.min(MAX_TRACE_ROWS, Math.floor(MAX_ROWS / ids.length))
  const groups = await Promise.all(groupsOf(bounds).map(async (group) => await readGroup(stored, group, limit)))
  const logsOf = Map.groupBy(
    groups.flatMap(({ logs }) => logs),
    ({ record }) => record.traceId,
  )
  const spansOf = Map.groupBy(
    groups.flatMap(({ spans }) => spans),
    ({ span }) => span.traceId,
  )
  const read = ids.map((traceId) => ({
    traceId,
    logs: logsOf.get(traceId) ?? [],
    spans: spansOf.get(traceId) ?? [],
    leftOut: 0,
  }))
  const full = read.filter((trace) => trace.logs.length >= limit || trace.spans.length >= limit)
  const totals = await countRows(store, full, bounds)
  return read.map((trace) => {
    const total = totals.get(trace.traceId)
    return total === undefined ? trace : { ...trace, leftOut: total - trace.logs.length - trace.spans.length }
  })
}

/** @param limit  rows of one trace at most, of each signal */
async function readGroup(
  stored: StoredRows,
  { ids, range }: TraceGroup,
  limit: number,
): Promise<Pick<TraceRows, 'logs' | 'spans'>> {
  const sql = `${rangeCondition(range)} AND ${isOneOf(ids)}`
  const [logs, spans] = await Promise.all([
    readShares({
      serving: SERVING_LOGS,
      limit,
      traces: ids.length,
      read: async (order) => await stored.logs({ sql, range, order }),
      traceOf: ({ record }) => record.traceId,
      timeOf: ({ time }) => time,
    }),
    readShares({
      serving: SERVING_SPANS,
      limit,
      traces: ids.length,
      read: async (order) => await stored.spans({ sql, range, order }),
      traceOf: ({ span }) => span.traceId,
      timeOf: ({ span }) => span.startTimeUnixNano,
    }),
  ])
  return { logs, spans }
}

interface Shares<Row> {
  /** What is read first of a trace that has too many. */
  readonly serving: string
  /** Rows of one trace at most. */
  readonly limit: number
  readonly traces: number
  readonly read: (order: string) => Promise<Row[]>
  readonly traceOf: (row: Row) => string
  readonly timeOf: (row: Row) => bigint
}

/** Rows in order of time. To pick and to sort in the question costs several times the reading: only where a trace has too many. */
async function readShares<Row extends { readonly row: bigint }>(shares: Shares<Row>): Promise<Row[]> {
  const { serving, limit, traces, read, traceOf, timeOf } = shares
  const rows = await read(`LIMIT ${limit * traces}`)
  if (rows.length < limit * traces && (traces === 1 || !hasMoreThan(limit, rows.map(traceOf)))) {
    return rows.toSorted((a, b) => {
      const [first, second] = [timeOf(a), timeOf(b)]
      return first === second ? (a.row < b.row ? -1 : 1) : first < second ? -1 : 1
    })
  }
  return await read(
    `QUALIFY row_number() OVER (PARTITION BY trace ORDER BY (${serving}) DESC, t, n) <= ${limit} ORDER BY t, n`,
  )
}

/** Whether a trace stands there more often. */
function hasMoreThan(limit: number, traces: readonly string[]): boolean {
  const counts = new Map<string, number>()
  for (const trace of traces) counts.set(trace, (counts.get(trace) ?? 0) + 1)
  return [...counts.values()].some((count) => count > limit)
}

async function countRows(
  store: Store,
  traces: readonly TraceRows[],
  bounds: ReadonlyMap<string, TimeRange>,
): Promise<ReadonlyMap<string, number>> {
  const ids = traces.map(({ traceId }) => traceId)
  const range = unionOf(ids.flatMap((id) => bounds.get(id) ?? []))
  if (range === undefined) return new Map()
  const where = `${rangeCondition(range)} AND ${isOneOf(ids)}`
  const { rows } = await store.read(
    `SELECT trace, count(*) FROM (SELECT trace FROM log_rows WHERE ${where} UNION ALL SELECT trace FROM span_rows WHERE ${where})
     GROUP BY trace`,
  )
  return new Map(rows.map(([trace, count]) => [sqlTraceId(trace), Number(count)]))
}
