/**
 * A page of root requests out of Loki and Tempo: the traces of records that match, each built as a tree and summed up.
 *
 * A request is known by its completion record: Loki is searched for those (without a query) or for what the query says. A trace
 * stands where its first matching record is met, in the order of reading; the cursor is the last record that was looked at.
 */
import type { RequestRow, RequestsPage } from '../../model/api.ts'
import { SERVED_EVENTS } from '../../model/semconv.ts'
import { roundedMillis } from '../../model/time.ts'
import { buildRequests } from '../../tree/build-tree.ts'
import type { LogsQuery } from '../log-source.ts'
import { oneOf } from './logql.ts'
import { checkLimit } from '../../query-text/page-limit.ts'
import { cursorOf, matchingEntries, rangeOf } from './logs-page.ts'
import { compileLokiQuery } from './loki-query.ts'
import type { LokiEntry } from './loki-client.ts'
import { compareEntries } from './read-entries.ts'
import { entryRow, matchedFields } from './read-entry.ts'
import { readTraces, type FoundTrace, type TraceServers } from './read-traces.ts'

/** Traces that are built at a time. */
const TRACES_AT_A_TIME = 50
/** Times that more traces are read for one page: many may be no requests (jobs). What is still missing is on the next page. */
const MAX_ROUNDS = 10
const SERVED = oneOf('event_name', SERVED_EVENTS)

/** @throws QuerySyntaxError, TRACELOG_USAGE, TRACELOG_BACKEND_UNREACHABLE */
export async function lokiRequestsPage(servers: TraceServers, query: LogsQuery): Promise<RequestsPage> {
  const started = performance.now()
  const limit = checkLimit(query.limit)
  const pages = new RequestPages(servers, query)
  const requests: RequestRow[] = []
  let cursor: string | null = null
  let rounds = 0
  for await (const { rows, lastEntry } of pages.batches(limit)) {
    requests.push(...rows)
    cursor = lastEntry === undefined ? null : cursorOf(lastEntry)
    if (requests.length >= limit || ++rounds === MAX_ROUNDS) break
  }
  // Met by a record of theirs, told by their beginning.
  requests.sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at))
  if (query.order !== 'asc') requests.reverse()
  return { requests, next_cursor: cursor, took_ms: roundedMillis(performance.now() - started) }
}

interface Batch {
  readonly rows: readonly RequestRow[]
  /** Where the next page goes on; undefined: there is none. */
  readonly lastEntry: LokiEntry | undefined
}

class RequestPages {
  readonly #servers: TraceServers
  readonly #query: LogsQuery
  readonly #hasText: boolean

  constructor(servers: TraceServers, query: LogsQuery) {
    this.#servers = servers
    this.#query = query
    this.#hasText = (query.text ?? '').trim() !== ''
  }

  async *batches(limit: number): AsyncGenerator<Batch> {
    const size = Math.min(limit, TRACES_AT_A_TIME)
    const seen = new Set<string>()
    let met = new Map<string, LokiEntry>()
    let last: LokiEntry | undefined
    const more = this.#hasText ? 'trace_id!=""' : SERVED
    for await (const { entry } of matchingEntries(this.#servers.loki, this.#query, { more, expected: size * 4 })) {
      const traceId = entry.fields['trace_id'] ?? ''
      if (/^[0-9a-f]{32}$/.test(traceId) && !seen.has(traceId)) {
        if (met.size === size) {
          yield { rows: await this.#rows(met), lastEntry: last }
          met = new Map()
        }
        seen.add(traceId)
        met.set(traceId, entry)
      }
      last = entry
    }
    yield { rows: await this.#rows(met), lastEntry: undefined }
  }

  async #rows(met: ReadonlyMap<string, LokiEntry>): Promise<RequestRow[]> {
    const times = [...met.values()].map(({ time }) => time)
    if (times.length === 0) return []
    const from = times.reduce((a, b) => (b < a ? b : a))
    const to = times.reduce((a, b) => (b > a ? b : a)) + 1n
    const traces = await readTraces(this.#servers, [...met.keys()], { from, to })
    return traces.flatMap((trace) => {
      const entry = met.get(trace.traceId)
      return entry === undefined || this.#wasOnPageBefore(trace, entry) ? [] : buildRequests(trace)
    })
  }

  /** A later page meets the older records of a trace that has been listed: one that matches stands before this one. */
  #wasOnPageBefore(trace: FoundTrace, met: LokiEntry): boolean {
    if (this.#query.cursor === undefined) return false
    const nowMillis = Date.now()
    const compiled = compileLokiQuery(this.#query.text, nowMillis)
    const { from, to } = rangeOf(this.#query, compiled, nowMillis)
    return trace.entries.some((entry) => {
      const side = compareEntries(entry, met)
      const isBefore = this.#query.order === 'asc' ? side < 0 : side > 0
      if (!isBefore || entry.time < from || entry.time >= to) return false
      return this.#hasText ? compiled.matches(matchedFields(entry, entryRow(entry))) : isServed(entry)
    })
  }
}

function isServed({ fields }: LokiEntry): boolean {
  return SERVED_EVENTS.includes(fields['event_name'] ?? '')
}
