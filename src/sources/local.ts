/**
 * Logs of the local backend, over its HTTP API (`tracelog dev`): the LogSource that is there without any set-up.
 */
import { TracelogError } from '../diag/errors.ts'
import type { LogRow, LogsPage, RequestRow, RequestsPage, TraceTree } from '../model/api.ts'
import { callBackend, NOT_FOUND, openBackend, unreachable, type BackendAddress, type Query } from './backend-client.ts'
import { createSource } from './create-source.ts'
import type {
  BackendStatus,
  LogSource,
  LogsQuery,
  OtlpLogsPage,
  SqlAnswer,
  TailEvent,
  TailOptions,
} from './log-source.ts'
import { pause } from './pause.ts'
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts'

/** Shorter ones fit too many traces. Source: the API's contract. */
export const MIN_PREFIX_LENGTH = 8

export function createLocalSource(address: BackendAddress): LogSource {
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
    tail: (text, options) => readTail(address, text, options),
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

/** Between two attempts to come back. Milliseconds. */
const RECONNECT_MILLIS = 500
/** So long a backend may be away (a restart) before the tail gives up. Milliseconds. */
const AWAY_MILLIS = 30_000

async function* readTail(address: BackendAddress, text: string, options: TailOptions): AsyncGenerator<TailEvent> {
  const { signal, onOpen } = options
  let lastId = ''
  let openedOnce = false
  let lostAt = 0
  while (!signal.aborted) {
    try {
      const body = await openTail(address, text, { signal, lastId })
      if (!openedOnce) onOpen?.()
      openedOnce = true
      lostAt = 0
      for await (const event of readServerSentEvents(body)) {
        if (event.id !== '') lastId = event.id
        const parsed = parseTailEvent(event)
        if (parsed !== undefined) yield parsed
      }
    } catch (error) {
      if (signal.aborted) return
      // At the first try there is nothing to come back to; a wrong query stays wrong.
      if (!openedOnce || isFinal(error)) throw error
      if (lostAt > 0 && Date.now() - lostAt > AWAY_MILLIS) throw error
    }
    if (lostAt === 0) lostAt = Date.now()
    await pause(RECONNECT_MILLIS, signal)
  }
}

async function openTail(
  address: BackendAddress,
  text: string,
  { signal, lastId }: { signal: AbortSignal; lastId: string },
): Promise<AsyncIterable<Uint8Array>> {
  const headers = { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) }
  const query = { q: text === '' ? undefined : text }
  const response = await openBackend(address, 'tail', { query, headers, signal })
  if (response.body === null || response.status === 404) throw unreachable(address, 'it has no /api/v1/tail')
  return response.body
}

/** @returns `undefined` for an event that this version does not know */
function parseTailEvent({ event, data }: ServerSentEvent): TailEvent | undefined {
  const value = JSON.parse(data) as unknown
  if (event === 'log') return { kind: 'log', row: value as LogRow }
  if (event === 'request') return { kind: 'request', row: value as RequestRow }
  if (event === 'gap') return { kind: 'gap', dropped: (value as { dropped: number }).dropped }
  return undefined
}

function isFinal(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'TRACELOG_QUERY_SYNTAX'
}
