/**
 * What arrives, while it arrives: records that match at once, requests when they are first seen and when they change.
 */
import type { LogRow, RequestRow } from '../../model/api.ts'
import { timeOfRecord } from '../../model/log-record.ts'
import { ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import type { LiveBatch, LiveLog, Store } from '../store/store.ts'
import { compileQuery } from './filters/compile.ts'
import type { Filter } from './filters/filter.ts'
import { storedLogRow } from './logs-page.ts'
import { usage } from './page-window.ts'
import type { TailListener } from './query.ts'
import { rowId, toLogRow } from '../../model/log-row.ts'
import type { StoredRows } from './rows/stored-rows.ts'
import { readTraces } from './trace-rows.ts'
import { treeInput } from './tree-input.ts'
import { buildRequests } from '../../tree/build-tree.ts'

/** Requests are looked at this often at most. Milliseconds. */
const REQUESTS_MILLIS = 200
/** Traces looked at in one go; more wait for the next. */
const MAX_TRACES = 50
/** Records replayed after `afterId` at most. */
const MAX_REPLAYED = 5_000
/** Requests whose last row is remembered, so that it is sent again only when it changed. */
const MAX_REMEMBERED = 2_000

export interface TailOptions {
  readonly q?: string
  readonly afterId?: string
}

/** @returns how to stop. @throws TRACELOG_QUERY_SYNTAX, TRACELOG_USAGE (afterId) */
export function startTail(store: Store, stored: StoredRows, options: TailOptions, listener: TailListener): () => void {
  const filter = compileQuery(options.q)
  const { afterId } = options
  if (afterId !== undefined && !/^\d{1,18}$/.test(afterId))
    throw usage(`The id is "${afterId.slice(0, 40)}", but must be a row's id`)
  const tail = new Tail({ store, stored, filter, hasQuery: (options.q ?? '').trim() !== '', listener })
  if (afterId === undefined) tail.begin()
  else void tail.beginAfter(BigInt(afterId))
  return () => tail.stop()
}

interface TailParts {
  readonly store: Store
  readonly stored: StoredRows
  readonly filter: Filter
  /** False: no query text, everything matches. */
  readonly hasQuery: boolean
  readonly listener: TailListener
}

class Tail {
  readonly #parts: TailParts
  readonly #changed = new Set<string>()
  readonly #sent = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: () => void
  /** Set while what came before is being read: rows wait here so that the order stays. */
  #held: LogRow[] | undefined
  #isStopped = false

  constructor(parts: TailParts) {
    this.#parts = parts
    this.#unsubscribe = () => undefined
  }

  begin(): void {
    this.#unsubscribe = this.#parts.store.onLive((batch) => this.#hear(batch))
  }

  async beginAfter(row: bigint): Promise<void> {
    this.#held = []
    this.begin()
    const { store, stored, filter, listener } = this.#parts
    try {
      await store.flush()
      const condition = filter.condition({ signal: 'logs', columns: store.columns('logs'), nowMillis: Date.now() })
      const where = `n > ${row} AND ${condition.sql}`
      const count = await store.read(`SELECT count(*) FROM log_rows WHERE ${where}`, condition.parameters)
      const total = Number(count.rows[0]?.[0] ?? 0)
      if (total > MAX_REPLAYED) listener.gap(total - MAX_REPLAYED)
      const newest = await stored.logs({
        sql: `${where} ORDER BY n DESC LIMIT ${MAX_REPLAYED}`,
        parameters: condition.parameters,
      })
      const replayed = newest.toReversed().map(storedLogRow)
      const last = replayed.length === 0 ? row : BigInt(rowId(replayed.at(-1)!))
      for (const one of replayed) if (!this.#isStopped) listener.log(one)
      for (const one of this.#held) if (!this.#isStopped && BigInt(rowId(one)) > last) listener.log(one)
    } catch {
      // The store is being stopped: the tail ends with it.
    }
    this.#held = undefined
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    clearTimeout(this.#timer)
  }

  #hear(batch: LiveBatch): void {
    const { filter, listener } = this.#parts
    for (const log of batch.logs) {
      const row = liveRow(log)
      if (log.record.traceId !== '') this.#changed.add(log.record.traceId)
      if (!filter.matches(row)) continue
      if (this.#held === undefined) listener.log(row)
      else if (this.#held.push(row) > MAX_REPLAYED) this.#held.shift()
    }
    for (const { span } of batch.spans) if (span.traceId !== '') this.#changed.add(span.traceId)
    if (batch.dropped > 0) listener.gap(batch.dropped)
    if (this.#changed.size > 0) this.#timer ??= setTimeout(() => void this.#sendRequests(), REQUESTS_MILLIS)
  }

  async #sendRequests(): Promise<void> {
    const { stored, listener, store, filter, hasQuery } = this.#parts
    const ids = [...this.#changed].slice(0, MAX_TRACES)
    for (const id of ids) this.#changed.delete(id)
    try {
      await store.flush()
      for (const trace of await readTraces(stored, ids)) {
        // Without a query everything matches, also a trace of spans alone.
        if (hasQuery && !trace.logs.some((log) => filter.matches(storedLogRow(log)))) continue
        for (const row of buildRequests(treeInput(trace))) this.#sendIfNew(row, listener)
      }
    } catch {
      // The store is being stopped, or the question took too long: the next change asks again.
    }
    this.#timer = undefined
    if (!this.#isStopped && this.#changed.size > 0)
      this.#timer = setTimeout(() => void this.#sendRequests(), REQUESTS_MILLIS)
  }

  #sendIfNew(row: RequestRow, listener: TailListener): void {
    const name = `${row.trace_id}/${row.span_id}`
    const text = JSON.stringify(row)
    if (this.#isStopped || this.#sent.get(name) === text) return
    if (this.#sent.size >= MAX_REMEMBERED) {
      const [oldest] = this.#sent.keys()
      if (oldest !== undefined) this.#sent.delete(oldest)
    }
    this.#sent.set(name, text)
    listener.request(row)
  }
}

function liveRow({ row, record, resource, scope }: LiveLog): LogRow {
  const time = timeOfRecord(record)
  const observed = record.observedTimeUnixNano === 0n ? time : record.observedTimeUnixNano
  const name = resource[ATTR_SERVICE_NAME]
  const service = typeof name === 'string' ? name : 'unknown_service'
  return toLogRow({
    id: String(row),
    time,
    observed,
    record,
    resource: { attributes: resource },
    service,
    scope: { name: scope, version: '' },
  })
}
