/**
 * A page of root requests: the traces with anything that matches, newest first, each built as a tree and summed up.
 */
import type { RequestRow, RequestsPage } from '../../model/api.ts'
import { roundedMillis } from '../../model/time.ts'
import type { Store } from '../store/store.ts'
import { compileQuery } from './filters/compile.ts'
import type { Filter } from './filters/filter.ts'
import { checkLimit } from '../../query-text/page-limit.ts'
import { parseCursor } from './page-window.ts'
import type { PageRequest } from './query.ts'
import { sqlTraceId } from './rows/sql-text.ts'
import type { StoredRows } from './rows/stored-rows.ts'
import { rangeCondition, unionOf } from './time-range.ts'
import { boundsOf } from './trace-bounds.ts'
import { readTraces, RUNNING_NANOS } from './trace-rows.ts'
import { treeInput } from './tree-input.ts'
import { buildRequests } from '../../tree/build-tree.ts'

/** Traces that are built at a time: their rows are in memory together. */
const TRACES_AT_A_TIME = 100
/** Times that more traces are read for one page; what is still missing is on the next page. */
const MAX_ROUNDS = 10

export async function requestsPage(store: Store, stored: StoredRows, request: PageRequest): Promise<RequestsPage> {
  const started = performance.now()
  const limit = checkLimit(request.limit)
  const found: RequestRow[] = []
  let cursor = parseCursor(request.cursor)
  let hasMore = true
  for (let round = 0; found.length < limit && hasMore && round < MAX_ROUNDS; round++) {
    // oxlint-disable-next-line no-await-in-loop -- the next traces are only read when these were not enough
    const traces = await newestTraces(store, request, cursor, Math.min(limit - found.length, TRACES_AT_A_TIME))
    hasMore = traces.hasMore
    // oxlint-disable-next-line no-await-in-loop -- as above
    for (const trace of await readTraces(store, stored, traces.ids)) {
      const { leftOut } = trace
      const rows = buildRequests(treeInput(trace))
      found.push(...(leftOut === 0 ? rows : rows.map((row) => ({ ...row, truncated: leftOut }))))
    }
    cursor = traces.last ?? cursor
    if (traces.ids.length === 0) break
  }
  return {
    requests: found,
    next_cursor: hasMore && cursor !== undefined ? `${cursor.t}-${cursor.n}` : null,
    took_ms: roundedMillis(performance.now() - started),
  }
}

interface FoundTraces {
  readonly ids: readonly string[]
  readonly last: { readonly t: bigint; readonly n: bigint } | undefined
  readonly hasMore: boolean
}

/** Traces by the time of their first row that matches, without a query by that of their request; the cursor is that time and how many of the same time were passed. */
async function newestTraces(
  store: Store,
  request: PageRequest,
  cursor: FoundTraces['last'],
  limit: number,
): Promise<FoundTraces> {
  const filter = compileQuery(request.q)
  const nowMillis = Date.now()
  const ofLogs = filter.condition({ signal: 'logs', columns: store.columns('logs'), nowMillis })
  const ofSpans = filter.condition({ signal: 'spans', columns: store.columns('spans'), nowMillis })
  const [direction, beyond] = request.order === 'asc' ? ['ASC', '>'] : ['DESC', '<']
  const within = await conditionOfTraces(store, filter)
  const range = `${rangeOf(request)} AND ${within}`
  const running = `span <> 0 AND t >= ${BigInt(nowMillis) * 1_000_000n - RUNNING_NANOS}`
  const ofRequests = `trace IN (SELECT trace FROM request_times UNION ALL SELECT trace FROM log_rows WHERE ${within} AND ${running})`
  const isAll = (request.q ?? '').trim() === ''
  const found = isAll
    ? `SELECT trace, t FROM request_times WHERE ${range}
      UNION ALL SELECT trace, t FROM log_rows WHERE trace IS NOT NULL AND ${range} AND ${running}`
    : `SELECT trace, t FROM log_rows WHERE trace IS NOT NULL AND ${range} AND ${ofLogs.sql} AND ${ofRequests}
      UNION ALL SELECT trace, t FROM span_rows WHERE trace IS NOT NULL AND ${range} AND ${ofSpans.sql} AND ${ofRequests}`
  const after =
    cursor === undefined
      ? ''
      : `HAVING min(t) ${beyond} ${cursor.t} OR (min(t) = ${cursor.t} AND hash(trace) > ${cursor.n}::UBIGINT)`
  const sql = `SELECT trace, min(t) AS first, hash(trace) AS h FROM (${found})
    GROUP BY trace ${after} ORDER BY first ${direction}, h LIMIT ${limit + 1}`
  const { rows } = await store.read(sql, isAll ? [] : [...ofLogs.parameters, ...ofSpans.parameters])
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return {
    ids: kept.map(([trace]) => sqlTraceId(trace)),
    last: last === undefined ? undefined : { t: last[1] as bigint, n: last[2] as bigint },
    hasMore: rows.length > limit,
  }
}

/** Rows outside of these times are of none of the traces that are asked for. */
async function conditionOfTraces(store: Store, { traces }: Filter): Promise<string> {
  if (traces === undefined) return 'true'
  const range = unionOf((await boundsOf(store, traces)).values())
  return range === undefined ? 'false' : rangeCondition(range)
}

function rangeOf({ sinceUnixNano, untilUnixNano }: PageRequest): string {
  const parts: string[] = []
  if (sinceUnixNano !== undefined) parts.push(`t >= ${sinceUnixNano}`)
  if (untilUnixNano !== undefined) parts.push(`t < ${untilUnixNano}`)
  return parts.length === 0 ? 'true' : parts.join(' AND ')
}
