/**
 * The query core over a store.
 */
import type { RequestsPage, TraceTree } from '../../model/api.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { errors } from './errors.ts'
import { facets } from './facets.ts'
import { fields as listFields } from './fields.ts'
import { histogram } from './histogram.ts'
import { listedLogsPage, logsPage, otlpLogsPage } from './logs-page.ts'
import { readAround, readLog } from './one-log.ts'
import { serviceMap } from './map.ts'
import { patterns } from './patterns.ts'
import type { PageRequest, Query, SqlAnswer } from './query.ts'
import { requestsPage } from './requests-page.ts'
import { otlpLogs, otlpSpans } from './rows/otlp-rows.ts'
import { StoredRows } from './rows/stored-rows.ts'
import { listServices } from './services.ts'
import { startTail } from './tail.ts'
import { readTrace, type TraceRows } from './trace-rows.ts'
import { treeInput } from './tree-input.ts'
import { findBaseline } from '../../query-text/like-request.ts'
import { buildTree } from '../../tree/build-tree.ts'
import { diffTrees } from '../../tree/diff.ts'

/** Rows of a user's SQL at most, and its time. */
const SQL_ROWS = 10_000
const SQL_MILLIS = 10_000

export function createQuery(store: Store): Query {
  const stored = new StoredRows(store)
  // What was acknowledged before the question is in its answer.
  const whole = async <T>(ask: () => Promise<T>): Promise<T> => await store.caughtUp().then(ask)
  const trace = async (id: string): Promise<TraceTree | undefined> => {
    const rows = await whole(async () => await readTrace(store, stored, id))
    return rows === undefined ? undefined : treeOf(rows)
  }
  const requests = async (request: PageRequest): Promise<RequestsPage> =>
    await whole(async () => await requestsPage(store, stored, request))
  return {
    logs: async (request) => await whole(async () => await logsPage(store, stored, request)),
    listedLogs: async (request, fields) =>
      await whole(async () => await listedLogsPage({ store, stored }, request, fields)),
    log: async (id) => await whole(async () => await readLog(stored, id)),
    logsAround: async (request) => await whole(async () => await readAround(store, stored, request)),
    logsOtlp: async (request) => await whole(async () => await otlpLogsPage(store, stored, request)),
    requests,
    trace,
    diff: async (a, b) => {
      const [first, second] = await Promise.all([trace(a), trace(b)])
      return first === undefined || second === undefined ? undefined : diffTrees(first, second)
    },
    baseline: async (id) =>
      await findBaseline({ trace, requests: async (q, limit) => (await requests({ q, limit })).requests }, id),
    traceOtlp: async (id) => {
      const rows = await whole(async () => await readTrace(store, stored, id))
      if (rows === undefined) return undefined
      return { resourceLogs: otlpLogs(rows.logs), resourceSpans: otlpSpans(rows.spans) }
    },
    histogram: async (request) => await whole(async () => await histogram(store, request)),
    facets: async (request) => await whole(async () => await facets(store, request)),
    fields: async (request) => await whole(async () => await listFields(store, request)),
    patterns: async (request) => await whole(async () => await patterns(store, request)),
    errors: async (request) => await whole(async () => await errors(store, request)),
    map: async (request) => await whole(async () => await serviceMap(store, request)),
    services: async () => await whole(async () => await listServices(store)),
    sql: async (text) => await whole(async () => await runSql(store, text)),
    stored: async () => {
      const { logs, spans, traces, bytes, oldestUnixNano, newestUnixNano } = await store.stats()
      return { logs, spans, traces, bytes, oldest: timeText(oldestUnixNano), newest: timeText(newestUnixNano) }
    },
    tail: (options, listener) => startTail(store, stored, options, listener),
  }
}

/** What is left out is said: a tree that is cut must not look whole. */
function treeOf(rows: TraceRows): TraceTree | undefined {
  const tree = buildTree(treeInput(rows))
  if (tree === undefined || rows.leftOut === 0) return tree
  const sentence = `${tree.sentence} The trace has ${rows.leftOut} more rows than are shown.`
  return { ...tree, sentence, truncated: rows.leftOut }
}

function timeText(time: bigint | undefined): string | null {
  return time === undefined ? null : formatTimestamp(time)
}

async function runSql(store: Store, text: string): Promise<SqlAnswer> {
  const { columns, rows, truncated } = await store.readUser(text, { timeoutMillis: SQL_MILLIS, maxRows: SQL_ROWS })
  return { columns, rows: rows.map((row) => row.map(jsonValue)), truncated }
}

/** 64-bit numbers as numbers where JSON holds them exactly, else as text. */
function jsonValue(value: SqlValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return value.map(jsonValue)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonValue(inner)]))
  }
  return value
}
