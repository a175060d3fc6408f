/**
 * Which trace is meant by an id or its first digits, and all of its rows.
 */
import type { Store } from '../store/store.ts'
import { traceRange } from './filters/id.ts'
import { usage } from './page-window.ts'
import { sqlTraceId } from './rows/sql-text.ts'
import type { StoredLog, StoredRows, StoredSpan } from './rows/stored-rows.ts'

export interface TraceRows {
  readonly traceId: string
  readonly logs: readonly StoredLog[]
  readonly spans: readonly StoredSpan[]
}

/** Rows of one trace that are read at most. */
const MAX_TRACE_ROWS = 50_000
const SHORTEST_PREFIX = 8

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
  const traceId = digits.length === 32 ? digits : await completeId(store, digits)
  if (traceId === undefined) return undefined
  const [rows] = await readTraces(stored, [traceId])
  return rows !== undefined && rows.logs.length + rows.spans.length > 0 ? rows : undefined
}

/** All rows of several traces, in the order of the ids. */
export async function readTraces(stored: StoredRows, ids: readonly string[]): Promise<TraceRows[]> {
  if (ids.length === 0) return []
  const list = ids.map((id) => `'${traceRange(id)[0]}'::UUID`).join(', ')
  const condition = ids.length === 1 ? `trace = ${list}` : `trace IN (${list})`
  const sql = `${condition} ORDER BY t, n LIMIT ${MAX_TRACE_ROWS * Math.min(ids.length, 4)}`
  const [logs, spans] = await Promise.all([stored.logs({ sql }), stored.spans({ sql })])
  const logsOf = Map.groupBy(logs, ({ record }) => record.traceId)
  const spansOf = Map.groupBy(spans, ({ span }) => span.traceId)
  return ids.map((traceId) => ({ traceId, logs: logsOf.get(traceId) ?? [], spans: spansOf.get(traceId) ?? [] }))
}

async function completeId(store: Store, digits: string): Promise<string | undefined> {
  const [low, high] = traceRange(digits)
  const range = `trace BETWEEN '${low}'::UUID AND '${high}'::UUID`
  const { rows } = await store.read(
    `SELECT DISTINCT trace FROM (SELECT trace FROM log_rows WHERE ${range} UNION ALL SELECT trace FROM span_rows WHERE ${range})
     LIMIT 4`,
  )
  const ids = rows.map(([trace]) => sqlTraceId(trace))
  if (ids.length <= 1) return ids[0]
  throw usage(`The trace id begins with "${digits}", but must name one trace; these begin so: ${ids.join(', ')}`)
}
