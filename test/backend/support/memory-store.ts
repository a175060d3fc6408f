/**
 * A Store and a Query that keep requests in memory: what the stages before them are tested with.
 */
import type { Query, TailListener } from '../../../src/backend/query/query.ts'
import type { Store, StoreRequest } from '../../../src/backend/store/store.ts'
import { TracelogError } from '../../../src/diag/errors.ts'
import type { LogRow, RequestRow, TraceTree } from '../../../src/model/api.ts'
import { listedRow } from '../../../src/model/listed-row.ts'
import { decodeLogsRequest } from '../../../src/model/otlp-decode.ts'
import { diffTrees } from '../../../src/tree/diff.ts'

export interface MemoryStages {
  readonly store: Store
  readonly query: Query
  readonly requests: readonly StoreRequest[]
  /** Bodies of the log records, in order. */
  bodies(): readonly unknown[]
  readonly tails: ReadonlySet<TailListener>
  rolls: number
  /** Makes `room` wait until it is false again. */
  isFull: boolean
}

const AT = '2026-11-20T14:32:06.981Z'
const counts = { spans: 1, inferred: 0, logs: 1, errors: 1, recovered: 0 }
/** Text that would be markup if anybody let it. */
export const HOSTILE = '<script>alert(1)</script>"\'&\u202e'

export const requestRow: RequestRow = {
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  started_at: '2026-11-20T14:32:06.981Z',
  duration_ms: 41.2,
  outcome: 'error',
  method: 'GET',
  path: HOSTILE,
  status: 500,
  error_type: 'TypeError',
  error_message: HOSTILE,
  services: ['lb', HOSTILE],
  counts,
  strip: [{ kind: 'service', service: 'lb', at: 0, length: 1 }],
}
export const logRow: LogRow = {
  _id: '7',
  time_ns: '1',
  observed_ns: '1',
  timestamp: '2026-11-20T14:32:06.981Z',
  level: 'ERROR',
  service: HOSTILE,
  message: HOSTILE,
  trace_id: requestRow.trace_id,
  [HOSTILE]: HOSTILE,
}
export const tree: TraceTree = {
  trace_id: requestRow.trace_id,
  sentence: HOSTILE,
  started_at: requestRow.started_at,
  duration_ms: 41.2,
  outcome: 'error',
  services: ['lb', HOSTILE],
  counts,
  skew: [{ from: 'lb', to: HOSTILE, ahead_ms: -1, bound_ms: 0.4 }],
  rows: [
    {
      kind: 'span',
      depth: 0,
      at_ms: 0,
      service: 'lb',
      name: HOSTILE,
      status: 500,
      took_ms: 41.2,
      fields: { [HOSTILE]: HOSTILE, cache_hit: true },
    },
    { kind: 'gap', depth: 1, at_ms: 0.3, message: HOSTILE, took_ms: 3 },
    {
      kind: 'log',
      depth: 1,
      at_ms: 3,
      service: HOSTILE,
      level: 'ERROR',
      message: HOSTILE,
      recovered: true,
      error: { type: HOSTILE, message: HOSTILE, stack: `Error\n    at ${HOSTILE} (a.ts:1:1)` },
    },
    { kind: 'span', depth: 2, at_ms: 4, service: HOSTILE, name: HOSTILE, inferred: true, unfinished: true },
  ],
}

function unused(): never {
  throw new Error('not asked here')
}

export function memoryStages(): MemoryStages {
  const requests: StoreRequest[] = []
  const tails = new Set<TailListener>()
  let committed = 0
  const listeners = new Set<(sequence: number) => void>()
  const commit = (): void => {
    committed = requests.at(-1)?.sequence ?? committed
    for (const listener of listeners) listener(committed)
  }
  const stages = { rolls: 0, isFull: false }
  const store: Store = {
    start: () => Promise.resolve({ committedSequence: 0, lastSequence: 0 }),
    append: (request) => void requests.push(request),
    async room() {
      while (stages.isFull) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    onCommitted: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onLive: unused,
    flush: () => Promise.resolve(),
    caughtUp: () => Promise.resolve(),
    clear: () => Promise.resolve({ logs: 0, spans: 0, traces: 0 }),
    roll: () => {
      stages.rolls += 1
      commit()
      return Promise.resolve()
    },
    read: unused,
    readRows: unused,
    readUser: unused,
    columns: unused,
    stats: unused,
    stop: () => {
      commit()
      return Promise.resolve()
    },
  }
  const syntaxError = Object.assign(
    new TracelogError('"=" at column 3, but expected a value', { code: 'TRACELOG_QUERY_SYNTAX', hint: 'Write one.' }),
    { at: 2 },
  )
  const check = (q: string | undefined): void => {
    if (q === 'a=') throw syntaxError
  }
  const query: Query = {
    logs: async ({ q }) => {
      check(q)
      return { logs: [logRow], next_cursor: 'next', took_ms: 1 }
    },
    listedLogs: async ({ q }, fields) => {
      check(q)
      return { logs: [listedRow(logRow, fields)], next_cursor: 'next', took_ms: 1 }
    },
    log: async (id) => (id === logRow._id ? logRow : undefined),
    logsAround: async ({ id }) => (id === logRow._id ? { logs: [{ ...logRow, anchor: true }] } : undefined),
    logsOtlp: async () => ({ resourceLogs: [], next_cursor: null }),
    requests: async ({ q }) => {
      check(q)
      return { requests: [requestRow], next_cursor: 'next', took_ms: 1 }
    },
    trace: async (id) => (id === tree.trace_id ? tree : undefined),
    diff: async (a, b) => (a === tree.trace_id && b === tree.trace_id ? diffTrees(tree, tree) : undefined),
    baseline: async (id) => (id === tree.trace_id ? requestRow : undefined),
    runs: async () => [],
    run: async () => undefined,
    diffRuns: async () => undefined,
    withRunIds: async (q) => {
      check(q)
      return q
    },
    traceOtlp: async () => ({ resourceLogs: [], resourceSpans: [] }),
    histogram: async ({ q }) => {
      check(q)
      return { from: AT, to: AT, step_ms: 1, series: { ERROR: [1] }, complete: true, covered_from: AT }
    },
    facets: async ({ q }) => {
      check(q)
      return {
        facets: { service: [{ value: HOSTILE, count: 1 }] },
        other: {},
        missing: {},
        complete: true,
        covered_from: AT,
      }
    },
    fields: async ({ q }) => {
      check(q)
      return { fields: [], complete: true, covered_from: AT }
    },
    patterns: async ({ q }) => {
      check(q)
      return { patterns: [], complete: true, covered_from: AT }
    },
    errors: async ({ q }) => {
      check(q)
      return { errors: [], complete: true, covered_from: AT }
    },
    map: async ({ q }) => {
      check(q)
      return { nodes: [], edges: [], to: AT, complete: true, covered_from: AT }
    },
    services: async () => [],
    sql: async () => ({ columns: [{ name: 'a', type: 'INTEGER' }], rows: [[1]], truncated: false }),
    clear: async () => ({ logs: 1, spans: 2, traces: 3 }),
    stored: async () => ({ logs: 0, spans: 0, traces: 0, bytes: 0, waiting_bytes: 0, oldest: null, newest: null }),
    tail: ({ q }, listener) => {
      check(q)
      tails.add(listener)
      return () => tails.delete(listener)
    },
  }
  const bodies = (): readonly unknown[] =>
    requests
      .filter((request) => request.signal === 'logs')
      .flatMap((request) => decodeLogsRequest(request.bytes))
      .flatMap((resource) => resource.scopes)
      .flatMap((scope) => scope.records)
      .map((record) => record.body)
  return Object.assign(stages, { store, query, requests, bodies, tails })
}
