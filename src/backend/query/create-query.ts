/**
 * The query core over a store.
 */
import type { RunRow, TraceTree } from '../../model/api.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { SqlValue, Store } from '../store/store.ts'
import type { CountRequest } from './count-request.ts'
import { errors } from './errors.ts'
import { facets, type FacetsRequest } from './facets.ts'
import { fields as listFields, type FieldsRequest } from './fields.ts'
import { histogram, type HistogramRequest } from './histogram.ts'
import { listedLogsPage, logsPage, otlpLogsPage } from './logs-page.ts'
import { readAround, readLog } from './one-log.ts'
import { serviceMap } from './map.ts'
import { withRunIds } from './named-runs.ts'
import type { PatternsRequest } from './pattern-groups.ts'
import { patterns } from './patterns.ts'
import type { PageRequest, Query, SqlAnswer } from './query.ts'
import { requestsPage } from './requests-page.ts'
import { otlpLogs, otlpSpans } from './rows/otlp-rows.ts'
import { StoredRows } from './rows/stored-rows.ts'
import { runDiff } from './run-diff.ts'
import { findRun, listRuns } from './runs.ts'
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
  /** A question whose query may name runs. */
  const asked =
    <R extends { readonly q?: string }, T>(ask: (request: R) => Promise<T>) =>
    async (request: R): Promise<T> =>
      await whole(async () => await ask(await withRunIds(store, request)))
  const requests = asked(async (request: PageRequest) => await requestsPage(store, stored, request))
  const run = async (name: string): Promise<RunRow | undefined> => await whole(async () => await findRun(store, name))
  return {
    logs: asked(async (request: PageRequest) => await logsPage(store, stored, request)),
    listedLogs: async (request, fields) =>
      await asked(async (named: PageRequest) => await listedLogsPage({ store, stored }, named, fields))(request),
    log: async (id) => await whole(async () => await readLog(stored, id)),
    logsAround: async (request) => await whole(async () => await readAround(store, stored, request)),
    logsOtlp: asked(async (request: PageRequest) => await otlpLogsPage(store, stored, request)),
    requests,
    trace,
    diff: async (a, b) => {
      const [first, second] = await Promise.all([trace(a), trace(b)])
      return first === undefined || second === undefined ? undefined : diffTrees(first, second)
    },
    baseline: async (id) =>
      await findBaseline({ trace, requests: async (q, limit) => (await requests({ q, limit })).requests }, id),
    runs: async (limit) => await whole(async () => await listRuns(store, limit)),
    run,
    diffRuns: async (a, b) => {
      const [first, second] = await Promise.all([run(a), run(b)])
      return first === undefined || second === undefined ? undefined : await runDiff(store, first, second)
    },
    withRunIds: async (q) => await whole(async () => (await withRunIds(store, q === undefined ? {} : { q })).q),
    traceOtlp: async (id) => {
      const rows = await whole(async () => await readTrace(store, stored, id))
      if (rows === undefined) return undefined
      return { resourceLogs: otlpLogs(rows.logs), resourceSpans: otlpSpans(rows.spans) }
    },
    map: asked(async (request: CountRequest) => await serviceMap(store, request)),
    histogram: asked(async (request: HistogramRequest) => await histogram(store, request)),
    facets: asked(async (request: FacetsRequest) => await facets(store, request)),
    fields: asked(async (request: FieldsRequest) => await listFields(store, request)),
    patterns: asked(async (request: PatternsRequest) => await patterns(store, request)),
    errors: asked(async (request: PatternsRequest) => await errors(store, request)),
    services: async () => await whole(async () => await listServices(store)),
    sql: async (text) => await whole(async () => await runSql(store, text)),
    clear: async (before) => await store.clear(before),
    stored: async () => {
      const { logs, spans, traces, bytes, undecodedBytes, oldestUnixNano, newestUnixNano } = await store.stats()
      const times = { oldest: timeText(oldestUnixNano), newest: timeText(newestUnixNano) }
      return { logs, spans, traces, bytes, waiting_bytes: undecodedBytes, ...times }
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
