/**
 * What arrives, while it arrives: records that match at once, requests when they are first seen and when they change.
 */
import { guarded } from '../../diag/guarded.ts'
import type { LogRow, RequestRow } from '../../model/api.ts'
import { rowId } from '../../model/log-row.ts'
import type { LiveBatch, Store } from '../store/store.ts'
import { compileQuery } from './filters/compile.ts'
import type { Filter } from './filters/filter.ts'
import { type ArrivedRows, arrivedRows, runOf } from './live-rows.ts'
import { storedLogRow } from './logs-page.ts'
import { usage } from '../../query-text/page-limit.ts'
import type { TailListener } from './query.ts'
import type { StoredRows } from './rows/stored-rows.ts'
import { MAX_REPLAYED, newestRow, readReplay } from './tail-replay.ts'
import { readTraces } from './trace-rows.ts'
import { treeInput } from './tree-input.ts'
import { buildRequests } from '../../tree/build-tree.ts'

/** Requests are looked at this often at most. Milliseconds. */
const REQUESTS_MILLIS = 200
/** Traces looked at in one go; more wait for the next. */
const MAX_TRACES = 50
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
  if (afterId !== undefined && !/^(?:-1|\d{1,18})$/.test(afterId))
    throw usage(`The id is "${afterId.slice(0, 40)}", but must be a row's id`)
  const hasQuery = (options.q ?? '').trim() !== ''
  const tail = new Tail({ store, stored, filter, hasQuery, listener: safeListener(listener) })
  if (afterId === undefined) tail.begin()
  else void tail.beginAfter(BigInt(afterId))
  return () => tail.stop()
}

/** Called from timers and from answers of the store: what fails in a listener must end nothing else. */
function safeListener(listener: TailListener): TailListener {
  const seam = 'a follower of the tail'
  return {
    open: guarded(seam, (reached: string) => listener.open(reached)),
    log: guarded(seam, (row: LogRow, reached?: string) => listener.log(row, reached)),
    request: guarded(seam, (row: RequestRow) => listener.request(row)),
    gap: guarded(seam, (dropped: number) => listener.gap(dropped)),
  }
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
  /** Set while what came before is being read: what arrives waits here, so that the order stays. */
  #held: ArrivedRows[] | undefined
  #heldRows = 0
  /** Rows for which there was no room. */
  #unheldRows = 0
  #hasSaid = false
  #isStopped = false

  constructor(parts: TailParts) {
    this.#parts = parts
    this.#unsubscribe = () => undefined
  }

  begin(): void {
    this.#listen()
    void this.#tellStart()
  }

  /** Listens first, so that nothing falls between. Reads again when more arrived meanwhile than may wait. */
  async beginAfter(lastRow: bigint): Promise<void> {
    const { store, stored, filter, listener } = this.#parts
    this.#held = []
    this.#listen()
    let after = lastRow
    let isWhole = true
    do {
      this.#held = []
      this.#heldRows = this.#unheldRows = 0
      // oxlint-disable-next-line no-await-in-loop -- each reading goes on where the one before ended
      const replay = await readReplay(store, stored, filter, after)
      if (this.#isStopped) return
      isWhole = replay.isWhole
      const missed = isWhole ? replay.missed : replay.missed + this.#unheldRows
      if (missed > 0) listener.gap(missed)
      this.#say(replay)
      after = replay.reached
    } while (this.#unheldRows > 0 && isWhole)
    const held: readonly ArrivedRows[] = this.#held
    this.#held = undefined
    for (const one of held) this.#say({ ...one, rows: one.rows.filter((row) => BigInt(rowId(row)) > after) })
  }

  /** A listener that has heard nothing yet can resume from here. Its failure only means that it cannot. */
  async #tellStart(): Promise<void> {
    const { store, listener } = this.#parts
    const newest = await store
      .flush()
      .then(() => newestRow(store))
      .catch(() => undefined)
    // What was said meanwhile has told a later place.
    if (newest !== undefined && !this.#hasSaid && !this.#isStopped) listener.open(String(newest))
  }

  #listen(): void {
    this.#unsubscribe = this.#parts.store.onLive((batch) => this.#hear(batch))
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    clearTimeout(this.#timer)
  }

  #hear(batch: LiveBatch): void {
    const { filter, listener } = this.#parts
    for (const { record } of batch.logs) if (record.traceId !== '') this.#changed.add(record.traceId)
    for (const { span } of batch.spans) if (span.traceId !== '') this.#changed.add(span.traceId)
    const arrived = arrivedRows(batch, filter.matches)
    if (arrived.missed > 0) listener.gap(arrived.missed)
    if (this.#held === undefined) this.#say(arrived)
    else this.#hold(arrived)
    if (this.#changed.size > 0) this.#timer ??= setTimeout(() => void this.#sendRequests(), REQUESTS_MILLIS)
  }

  /** More than may wait is read from the store instead. */
  #hold(arrived: ArrivedRows): void {
    const { length } = arrived.rows
    if (this.#heldRows + length > MAX_REPLAYED || this.#unheldRows > 0) this.#unheldRows += length
    else {
      this.#heldRows += length
      this.#held?.push(arrived)
    }
  }

  #say({ rows, reached }: Pick<ArrivedRows, 'rows' | 'reached'>): void {
    const last = rows.length - 1
    rows.forEach((row, i) => this.#parts.listener.log(row, i === last ? String(reached) : undefined))
    if (rows.length > 0) this.#hasSaid = true
  }

  async #sendRequests(): Promise<void> {
    const { stored, listener, store, filter, hasQuery } = this.#parts
    const ids = [...this.#changed].slice(0, MAX_TRACES)
    for (const id of ids) this.#changed.delete(id)
    try {
      await store.flush()
      for (const trace of await readTraces(store, stored, ids)) {
        // Without a query everything matches, also a trace of spans alone.
        if (hasQuery && !trace.logs.some((log) => filter.matches(storedLogRow(log), runOf(log.origin.resource))))
          continue
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
