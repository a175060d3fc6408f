/**
 * Logs of the local backend, over its HTTP API (`tracelog dev`): the LogSource that is there without any set-up.
 */
import { TracelogError } from '../diag/errors.ts'
import type {
  Errors,
  Facets,
  Fields,
  Histogram,
  LogsAround,
  LogsPage,
  Patterns,
  RequestRow,
  RequestsPage,
  ServiceMap,
  RunDiff,
  RunRow,
  ServiceRow,
  TraceTree,
  TreeDiff,
} from '../model/api.ts'
import {
  callBackend,
  NOT_FOUND,
  unreachable,
  type BackendAddress,
  type CallOptions,
  type Query,
} from './backend-client.ts'
import { createSource } from './create-source.ts'
import type {
  BackendStatus,
  CountQuery,
  LogSource,
  LogsQuery,
  OtlpLogsPage,
  OtlpTrace,
  SqlAnswer,
} from './log-source.ts'
import { tailBackend } from './local-tail.ts'

/** Shorter ones fit too many traces. Source: the API's contract. */
export const MIN_PREFIX_LENGTH = 8

/**
 * @param findAgain  where the backend is now: one that was started again may have other ports and another token. Undefined when
 *   none runs at the moment
 * @param signal  ends what is asked; default: each question ends after 30 s
 */
export function createLocalSource(
  address: BackendAddress,
  findAgain: () => BackendAddress | undefined = () => undefined,
  signal?: AbortSignal,
): LogSource {
  const taken = signal === undefined ? {} : { signal }
  /** For paths that every backend has: without them it is none of ours. */
  async function read<T>(path: string, query: Query = {}): Promise<T> {
    const answer = await callBackend<T>(address, path, { query, ...taken })
    if (answer === NOT_FOUND) throw unreachable(address, `it has no /api/v1/${path}`)
    return answer
  }
  return createSource('local', {
    logs: (query) => read<LogsPage>('logs', queryOf(query)),
    logsOtlp: (query) => read<OtlpLogsPage>('logs', { ...queryOf(query), format: 'otlp' }),
    requests: (query) => read<RequestsPage>('requests', queryOf(query)),
    async logsAround({ id, before, after }) {
      const path = `logs/${encodeURIComponent(id)}/around`
      return known(await callBackend<LogsAround>(address, path, { query: { before, after }, ...taken }))
    },
    services: () => read<readonly ServiceRow[]>('services'),
    trace: (idOrPrefix) => readTrace<TraceTree>(address, idOrPrefix, taken),
    traceOtlp: (idOrPrefix) => readTrace<OtlpTrace>(address, idOrPrefix, { ...taken, query: { format: 'otlp' } }),
    diff: async (a, b) => known(await callBackend<TreeDiff>(address, 'diff', { query: { a, b }, ...taken })),
    baseline: (idOrPrefix) => readTrace<RequestRow>(address, idOrPrefix, taken, '/baseline'),
    runs: (limit) => read<readonly RunRow[]>('runs', { limit }),
    diffRuns: async (a, b) =>
      known(await callBackend<RunDiff>(address, 'diff', { query: { run_a: a, run_b: b }, ...taken })),
    tail: (text, options) => tailBackend(address, findAgain, { ...options, text }),
    histogram: ({ by, buckets, stepMillis, ...query }) =>
      read<Histogram>('histogram', { ...countQueryOf(query), by, buckets, step_ms: stepMillis }),
    facets: ({ fields, limit, ...query }) =>
      read<Facets>('facets', { ...countQueryOf(query), fields: fields.join(','), limit }),
    patterns: ({ limit, newSince, ...query }) =>
      read<Patterns>('patterns', { ...countQueryOf(query), limit, new_since: newSince }),
    errors: ({ limit, newSince, ...query }) =>
      read<Errors>('errors', { ...countQueryOf(query), limit, new_since: newSince }),
    map: (query) => read<ServiceMap>('map', countQueryOf(query)),
    fields: ({ text, prefix }) => read<Fields>('fields', { ...queryOf(text === undefined ? {} : { text }), prefix }),
    status: () => read<BackendStatus>('status'),
    async sql(statement) {
      const answer = await callBackend<SqlAnswer>(address, 'sql', { body: { sql: statement }, ...taken })
      if (answer === NOT_FOUND) throw unreachable(address, 'it has no /api/v1/sql')
      return answer
    },
  })
}

function queryOf({ text, since, until, order, limit, cursor }: LogsQuery): Query {
  return { q: text === '' ? undefined : text, since, until, order, limit, cursor }
}

function countQueryOf({ of, budgetMillis, ...query }: CountQuery): Query {
  return { ...queryOf(query), of, budget_ms: budgetMillis }
}

function known<T>(answer: T | typeof NOT_FOUND): T | undefined {
  return answer === NOT_FOUND ? undefined : answer
}

/** @param below  what is asked of it: `/baseline`. Default: the trace itself */
async function readTrace<T>(
  address: BackendAddress,
  idOrPrefix: string,
  options: CallOptions,
  below = '',
): Promise<T | undefined> {
  if (idOrPrefix.length < MIN_PREFIX_LENGTH) {
    throw new TracelogError(`the id is "${idOrPrefix}", but must have at least ${MIN_PREFIX_LENGTH} characters`, {
      code: 'TRACELOG_USAGE',
      hint: 'Give the trace id, or more of its first characters.',
    })
  }
  return known(await callBackend<T>(address, `traces/${encodeURIComponent(idOrPrefix)}${below}`, options))
}
