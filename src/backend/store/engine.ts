/**
 * The store at work, inside its worker: requests become rows, rows become visible, full hot tables go into the file.
 *
 * One pump does everything that changes rows, one step after the other, and lets readers in between (every few milliseconds).
 */
import { statSync } from 'node:fs'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'

import { AttributeKeys } from './attribute-keys.ts'
import { clearBefore } from './clear.ts'
import { openDatabase, readCounts, type Database } from './database.ts'
import { decodeLive } from './live-decode.ts'
import { OtlpReader } from './otlp-reader.ts'
import { Progress } from './progress.ts'
import { ReaderPool } from './reader-pool.ts'
import { Roller } from './roller.ts'
import { SIGNALS } from './schema.ts'
import { SignalTable } from './signal-table.ts'
import { firstOf, lastOf, StoredCounts } from './stored-counts.ts'
import { StoredDictionaries } from './stored-dictionaries.ts'
import { TraceEstimate } from './trace-estimate.ts'
import type { Cleared } from '../../model/api.ts'
import { requestTimesView } from './trace-roots.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn, LiveBatch, StorePosition, StoreRequest, StoreStats } from './store.ts'
import { LOG_MINUTES_VIEW, ROLLED_VIEW, TRACE_TIMES_VIEW, TRACES_VIEW } from './views.ts'
import type { WorkerOptions } from './worker-protocol.ts'

/** Readers see a record at most this long after it was decoded, under load. Milliseconds. */
const FLUSH_MILLIS = 90
/** When nothing else is waiting, rows become visible this soon. Milliseconds. */
const IDLE_FLUSH_MILLIS = 15
/** The pump works this long before readers get a turn. Milliseconds. */
const TURN_MILLIS = 8
/**
 * A question waits this long for what came before it. Milliseconds. 32 MiB of undecoded requests take less than half of it;
 * longer is only a disk that takes no roll, and then an answer without the last rows is better than none.
 */
const CATCH_UP_MILLIS = 1_000

/** No row is of a later time. */
const LAST_TIME = 2n ** 63n - 1n

/** What the engine tells its owner. */
export interface EngineListener {
  decoded(bytes: number): void
  committed(sequence: number): void
  live(batch: LiveBatch): void
  columns(signal: Signal, columns: readonly AttributeColumn[]): void
  /** Something went wrong that is not lost: said once by the owner. */
  failed(what: string, error: unknown): void
}

export class Engine {
  readonly #listener: EngineListener
  readonly #database: Database
  readonly #progress: Progress
  readonly #dictionaries: StoredDictionaries
  readonly #tables: Readonly<Record<Signal, SignalTable>>
  readonly #readers: Readonly<Record<Signal, OtlpReader>>
  readonly #counts: Readonly<Record<Signal, StoredCounts>>
  readonly #roller: Roller
  readonly #tasks: (() => Promise<void>)[] = []
  readonly pool: ReaderPool
  readonly #estimate: TraceEstimate
  isLive = false
  #isPumping = false
  #flushTimer: NodeJS.Timeout | undefined
  #lastFlush = performance.now()
  #lastTurn = performance.now()
  #corruptRequests = 0
  #reported = 0

  static async open(options: WorkerOptions, listener: EngineListener): Promise<Engine> {
    const database = await openDatabase(options)
    const engine = new Engine(database, listener)
    await engine.#openTables()
    return engine
  }

  private constructor(database: Database, listener: EngineListener) {
    const { state } = database
    this.#database = database
    this.#listener = listener
    this.#progress = new Progress(state.positions)
    const dictionaries = new StoredDictionaries(state)
    this.#dictionaries = dictionaries
    this.#roller = new Roller({
      connection: database.rolls,
      saved: dictionaries.sizes,
      committed: (signal, { position }) => {
        this.#progress.committed(signal, position)
        this.#reportCommitted()
      },
      failed: (error) => listener.failed('roll', error),
    })
    this.#counts = { logs: new StoredCounts(state.counts.logs), spans: new StoredCounts(state.counts.spans) }
    this.#tables = { logs: this.#makeTable('logs'), spans: this.#makeTable('spans') }
    this.#readers = {
      logs: new OtlpReader('logs', this.#tables.logs.keys, dictionaries),
      spans: new OtlpReader('spans', this.#tables.spans.keys, dictionaries),
    }
    this.pool = new ReaderPool(database, ({ signal, range }) => this.#tables[signal].hotTables(range))
    this.#estimate = new TraceEstimate(this.pool)
  }

  get position(): StorePosition {
    const { startSequence: committedSequence, lastSequence } = this.#progress
    return { committedSequence, lastSequence }
  }

  append(request: StoreRequest): void {
    this.#progress.appended(request.sequence)
    this.#do(async () => await this.#read(request))
  }

  /** Resolves when all that was appended before is visible. */
  async flush(): Promise<void> {
    await this.#done(async () => await this.#flush())
  }

  /** Resolves when all that was appended before is visible, or when that takes too long. Never rejects. */
  async caughtUp(): Promise<void> {
    const isClean = !this.#isPumping && !SIGNALS.some((signal) => this.#tables[signal].hasUnflushed)
    if (isClean) return
    const flushed = this.flush().catch((error: unknown) => this.#listener.failed('flush', error))
    const late = new AbortController()
    await Promise.race([flushed, wait(CATCH_UP_MILLIS, undefined, { signal: late.signal })])
    late.abort()
  }

  /** Resolves when all that was appended before is in the file, and no longer in memory. */
  async roll(): Promise<void> {
    await this.#done(async () => {
      for (const signal of SIGNALS) if (this.#hasUncommitted(signal)) await this.#startRoll(this.#tables[signal])
    })
    await this.#roller.finished()
    for (const signal of SIGNALS) await this.#tables[signal].otherIsFree()
  }

  /** Forgets what was appended before and happened before that time. Whoever appends meanwhile comes after it. */
  async clear(before: bigint = LAST_TIME): Promise<Cleared> {
    let cleared: Cleared = { logs: 0, spans: 0, traces: 0 }
    await this.#done(async () => {
      for (const signal of SIGNALS) if (this.#hasUncommitted(signal)) await this.#startRoll(this.#tables[signal])
      await this.#roller.finished()
      for (const signal of SIGNALS) await this.#tables[signal].otherIsFree()
      cleared = await clearBefore(this.#database.rolls, before)
      for (const signal of SIGNALS) this.#counts[signal].restart(await readCounts(this.#database.rolls, signal))
      this.#estimate.forget()
    })
    return cleared
  }

  /** Rows, or only requests without rows: their numbers are to be remembered too. */
  #hasUncommitted(signal: Signal): boolean {
    return this.#tables[signal].hotRows > 0 || this.#progress.hasMoved(signal)
  }

  async stats(): Promise<Omit<StoreStats, 'undecodedBytes' | 'undecodedRequests'>> {
    const { logs, spans } = this.#counts
    const visibleRows = this.#tables.logs.visibleRows + this.#tables.spans.visibleRows
    return {
      logs: logs.rows,
      spans: spans.rows,
      traces: await this.#estimate.traces(visibleRows),
      oldestUnixNano: firstOf(logs.oldest, spans.oldest),
      newestUnixNano: lastOf(logs.newest, spans.newest),
      bytes: fileBytes(this.#database.file),
      corruptRequests: this.#corruptRequests,
      failedRolls: this.#roller.failedRolls,
      committedSequence: this.#progress.committedSequence(),
    }
  }

  async stop(): Promise<void> {
    this.#roller.stop()
    // What cannot be rolled is in the journal, and has been said.
    await this.roll().catch(() => undefined)
    clearTimeout(this.#flushTimer)
    for (const signal of SIGNALS) this.#tables[signal].close()
    await this.pool.close()
    await this.#database.rolls
      .run('CHECKPOINT store')
      .catch((error: unknown) => this.#listener.failed('checkpoint', error))
    await this.#database.rolls.close()
    await this.#database.definitions.close()
    this.#database.instance.closeSync()
  }

  #makeTable(signal: Signal): SignalTable {
    const { duckdb, appendHandle, definitions, state } = this.#database
    return new SignalTable({
      signal,
      bindings: duckdb.bindings,
      connection: appendHandle,
      run: definitions.run,
      keys: new AttributeKeys(),
      columns: state.columns[signal],
      position: state.positions[signal],
      counts: this.#counts[signal],
    })
  }

  async #openTables(): Promise<void> {
    for (const signal of SIGNALS) {
      await this.#tables[signal].open()
      this.#listener.columns(signal, this.#tables[signal].columns)
    }
    await this.#database.definitions.run(
      TRACES_VIEW,
      TRACE_TIMES_VIEW,
      ROLLED_VIEW,
      LOG_MINUTES_VIEW,
      requestTimesView({ logs: this.#tables.logs.columns, spans: this.#tables.spans.columns }),
    )
  }

  #do(task: () => Promise<void>): void {
    this.#tasks.push(task)
    void this.#pump()
  }

  async #done(task: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#do(async () => await task().then(resolve, reject))
    })
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    this.#isPumping = true
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      try {
        await task()
        if (performance.now() - this.#lastFlush > FLUSH_MILLIS) await this.#flush()
      } catch (error) {
        this.#listener.failed('store', error)
      }
    }
    this.#isPumping = false
    if (SIGNALS.some((signal) => this.#tables[signal].hasUnflushed)) this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#flushTimer !== undefined) return
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined
      this.#do(async () => await this.#flush())
    }, IDLE_FLUSH_MILLIS)
  }

  /** Reads a request into rows, in as many batches as it takes. */
  async #read(request: StoreRequest): Promise<void> {
    const { signal, sequence } = request
    const skipRows = this.#progress.rowsToSkip(signal, sequence)
    if (skipRows !== undefined) {
      if (this.isLive) this.#sendLive(request, skipRows)
      try {
        await this.#readRows(request, skipRows)
      } catch (error) {
        this.#corruptRequests++
        this.#tables[signal].batch.forgetRow()
        this.#listener.failed('corrupt request', error)
      }
    }
    this.#progress.finished(signal, sequence)
    const table = this.#tables[signal]
    if (table.isHoldingMuch) table.append()
    if (table.batch.rows === 0) table.memory.clear()
    this.#listener.decoded(request.bytes.length)
    this.#reportCommitted()
  }

  async #readRows(request: StoreRequest, skipRows: number): Promise<void> {
    const { signal, sequence } = request
    const table = this.#tables[signal]
    const reader = this.#readers[signal]
    if (table.isHoldingMuch) {
      table.append()
      table.memory.clear()
    }
    reader.open({ request, address: table.memory.hold(request.bytes), skipRows })
    let rows = skipRows
    for (let isDone = false; !isDone;) {
      const before = table.batch.rows
      try {
        isDone = reader.fill(table.batch, table.batchLimit)
      } finally {
        rows += table.batch.rows - before
        if (table.batch.rows > before) this.#progress.readRows(signal, sequence, rows)
      }
      if (table.batch.rows >= table.batchLimit) await this.#appendFull(table, request, reader)
      await this.#giveTurn()
    }
  }

  async #appendFull(table: SignalTable, request: StoreRequest, reader: OtlpReader): Promise<void> {
    table.append()
    await table.look(false).catch((error: unknown) => this.#listener.failed('new columns', error))
    this.#listener.columns(table.signal, table.columns)
    if (table.isHotFull) await this.#startRoll(table)
    if (!table.memory.isFull) return
    table.memory.clear()
    reader.moveTo(table.memory.hold(request.bytes))
  }

  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#lastTurn < TURN_MILLIS) return
    await nextTurn()
    this.#lastTurn = performance.now()
    if (this.#lastTurn - this.#lastFlush > FLUSH_MILLIS) await this.#flush()
  }

  async #flush(): Promise<void> {
    await this.#dictionaries.save(this.#database)
    for (const signal of SIGNALS) {
      const table = this.#tables[signal]
      if (table.keys.hasMismatch) {
        await table.noteMixed()
        this.#listener.columns(signal, table.columns)
      }
      table.flush()
    }
    this.#lastFlush = performance.now()
  }

  /** Hands the hot table over to a roll, which runs beside the pump. Waits while the roll before is still running. */
  async #startRoll(table: SignalTable): Promise<void> {
    await this.#flush()
    await table.look(true).catch((error: unknown) => this.#listener.failed('new columns', error))
    this.#listener.columns(table.signal, table.columns)
    await table.otherIsFree()
    const begun = table.beginRoll(this.#progress.reached(table.signal))
    table.rolling(begun.table, this.#roller.roll(table.signal, begun, this.#dictionaries.sizes))
  }

  #reportCommitted(): void {
    const sequence = this.#progress.committedSequence()
    if (sequence <= this.#reported) return
    this.#reported = sequence
    this.#listener.committed(sequence)
  }

  #sendLive(request: StoreRequest, skipRows: number): void {
    const batch = decodeLive(request, this.#tables[request.signal].nextRow, skipRows)
    if (batch !== undefined) this.#listener.live(batch)
  }
}

function fileBytes(file: string): number {
  const sizes = [file, `${file}.wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
  return sizes.reduce((sum, size) => sum + size, 0)
}
