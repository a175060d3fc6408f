/**
 * Logs of the local backend, over its HTTP API (`tracelog dev`): the LogSource that is there without any set-up.
 */
import { TracelogError } from '../diag/errors.ts'
import type { LogsPage, RequestsPage, TraceTree } from '../model/api.ts'
import { callBackend, NOT_FOUND, unreachable, type BackendAddress, type Query } from './backend-client.ts'
import { createSource } from './create-source.ts'
import type { BackendStatus, LogSource, LogsQuery, OtlpLogsPage, SqlAnswer } from './log-source.ts'
import { tailBackend } from './local-tail.ts'

/** Shorter ones fit too many traces. Source: the API's contract. */
export const MIN_PREFIX_LENGTH = 8

/**
 * @param findAgain  where the backend is now: one that was started again may have other ports and another token. Undefined when
 *   none runs at the moment
 */
export function createLocalSource(
  address: BackendAddress,
  findAgain: () => BackendAddress | undefined = () => undefined,
): LogSource {
  /** For paths that every backend has: without them it is none of ours. */
  async function read<T>(path: string, query: Query = {}): Promise<T> {
    const answer = await callBackend<T>(address, path, { query })
    if (answer === NOT_FOUND) throw unreachable(address, `it has no /api/v1/${path}`)
    return answer
  }
  return createSource('local', {
    logs: (query) => read<LogsPage>('logs', queryOf(query)),
    logsOtlp: (query) => read<OtlpLogsPage>('logs', { ...queryOf(query), format: 'otlp' }),
    requests: (query) => read<RequestsPage>('requests', queryOf(query)),
    trace: (idOrPrefix) => readTrace(address, idOrPrefix),
    tail: (text, options) => tailBackend(address, findAgain, { ...options, text }),
    status: () => read<BackendStatus>('status'),
    async sql(statement) {
      const answer = await callBackend<SqlAnswer>(address, 'sql', { body: { sql: statement } })
      if (answer === NOT_FOUND) throw unreachable(address, 'it has no /api/v1/sql')
      return answer
    },
  })
}

function queryOf({ text, since, until, order, limit, cursor }: LogsQuery): Query {
  return { q: text === '' ? undefined : text, since, until, order, limit, cursor }
}

async function readTrace(address: BackendAddress, idOrPrefix: string): Promise<TraceTree | undefined> {
  if (idOrPrefix.length < MIN_PREFIX_LENGTH) {
    throw new TracelogError(`the id is "${idOrPrefix}", but must have at least ${MIN_PREFIX_LENGTH} characters`, {
      code: 'TRACELOG_USAGE',
      hint: 'Give the trace id, or more of its first characters.',
    })
  }
  const tree = await callBackend<TraceTree>(address, `traces/${encodeURIComponent(idOrPrefix)}`)
  return tree === NOT_FOUND ? undefined : tree
}
