/**
 * The rows of one signal on their way into the file: a batch being decoded, two hot tables in memory in turn, the cold table.
 *
 * Invariants: rows are numbered in order of acknowledgement; a hot table holds at most 122,880 of them; while one is rolled the
 * other fills; a rolled table is emptied once its roll is committed (who reads then: reader-pool.ts).
 * All methods are called by the engine's one pump, never two at once, except `roll`, which runs beside it.
 */
import type { AttributeKeys } from './attribute-keys.ts'
import { ChunkAppender } from './chunk-appender.ts'
import type { DuckdbBindings, Handle } from './duckdb-module.ts'
import { HotTimes } from './hot-times.ts'
import { CHUNK_ROWS, ROW_GROUP_ROWS } from './layout.ts'
import { findMixed, pickNewColumns } from './new-columns.ts'
import { RowBatch } from './row-batch.ts'
import { columnList, insertColumn, keptTables, quote, tableStem, type RolledPosition } from './schema.ts'
import type { RunSql } from './serial-connection.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn, RowsQuestion } from './store.ts'
import type { StoredCounts } from './stored-counts.ts'
import { TextMemory } from './text-memory.ts'
import { indexStatement } from './trace-roots.ts'
import { countMinutes, logsView, rollStatement, rowsView, spansView } from './views.ts'

/** A new store looks for common keys once so early, so that little lands in `rest`. Rows. */
const FIRST_LOOK_ROWS = 8_192
/** Text copies that a batch may point into before it is appended although it is not full. Bytes. */
const MAX_HELD_BYTES = 4 * 1024 * 1024

export interface SignalTableOptions {
  readonly signal: Signal
  readonly bindings: DuckdbBindings
  /** The connection of the appenders. */
  readonly connection: Handle
  /** Runs statements in one transaction, on a connection that no roll uses. */
  readonly run: RunSql
  readonly keys: AttributeKeys
  readonly columns: readonly AttributeColumn[]
  readonly position: RolledPosition
  /** Hears of each row. */
  readonly counts: StoredCounts
}

/** A roll that has been begun: what it will commit. */
export interface BegunRoll {
  readonly table: string
  readonly statements: readonly string[]
  readonly position: RolledPosition
}

export class SignalTable {
  readonly signal: Signal
  readonly batch: RowBatch
  readonly memory: TextMemory
  readonly keys: AttributeKeys
  readonly #options: SignalTableOptions
  #columns: AttributeColumn[]
  #appenders: ChunkAppender[] = []
  readonly #hotTimes: readonly HotTimes[]
  #current = 0
  /** Rows in the current hot table, flushed or not. */
  #hotRows = 0
  #nextRow: number
  #visibleRows: number
  #unflushed = false
  #rowsSinceLook = 0
  #hasLooked: boolean
  /** Settles when the other hot table is empty again. */
  #other: Promise<void> = Promise.resolve()

  constructor(options: SignalTableOptions) {
    this.#options = options
    this.signal = options.signal
    this.keys = options.keys
    this.batch = new RowBatch(options.signal)
    this.#hotTimes = [0, 1].map((i) => new HotTimes(this.#hot(i)))
    this.memory = new TextMemory(options.bindings)
    this.#columns = [...options.columns]
    this.#nextRow = this.#visibleRows = options.position.nextRow
    this.#hasLooked = options.position.nextRow > 0
    for (const column of this.#columns) this.#useColumn(column)
  }

  get columns(): readonly AttributeColumn[] {
    return this.#columns
  }
  /** The number that the next row of the batch will have. */
  get nextRow(): number {
    return this.#nextRow + this.batch.rows
  }
  get hotRows(): number {
    return this.#hotRows + this.batch.rows
  }
  /** How many rows have become visible to readers so far. */
  get visibleRows(): number {
    return this.#visibleRows
  }
  /** Rows not yet visible to readers. */
  get hasUnflushed(): boolean {
    return this.#unflushed || this.batch.rows > 0
  }
  /** The batch may be filled to this many rows. */
  get batchLimit(): number {
    return Math.min(CHUNK_ROWS, ROW_GROUP_ROWS - this.#hotRows)
  }
  get isHotFull(): boolean {
    return this.#hotRows >= ROW_GROUP_ROWS
  }
  /** The batch should be appended before another request is read into it. */
  get isHoldingMuch(): boolean {
    return this.memory.isFull || this.memory.heldBytes > MAX_HELD_BYTES
  }

  /** The hot tables that may hold rows of these times. */
  hotTables(range: RowsQuestion['range']): string[] {
    return this.#hotTimes.filter((times) => times.mayHold(range)).map(({ table }) => table)
  }

  /** Makes the hot tables and the views. */
  async open(): Promise<void> {
    for (const i of [0, 1]) {
      await this.#options.run(`CREATE TABLE live.${this.#hot(i)}(${columnList(this.signal, this.#columns, false)})`)
    }
    await this.#makeView()
    this.#openAppenders()
  }

  /** Appends the batch to the hot table; visible after `flush`. The text it points into may be freed afterwards. */
  append(): void {
    const { rows } = this.batch
    if (rows === 0) return
    this.#options.counts.add(this.batch)
    this.#hotTimes[this.#current]?.add(this.batch)
    this.#appender().append(this.batch, this.#nextRow)
    this.#nextRow += rows
    this.#hotRows += rows
    this.#rowsSinceLook += rows
    this.#unflushed = true
  }

  /** Makes all rows visible. */
  flush(): void {
    this.append()
    if (!this.#unflushed) return
    this.#appender().flush()
    this.#visibleRows = this.#nextRow
    this.#unflushed = false
  }

  /** Adds columns for keys that have become common, when it is time to look: early in a new store, then at each roll. */
  async look(isRoll: boolean): Promise<void> {
    if (!isRoll && (this.#hasLooked || this.#rowsSinceLook < FIRST_LOOK_ROWS)) return
    // No roll may be running: adding a column to a table that another transaction appends to is a conflict.
    await this.#other
    this.#hasLooked = true
    const added = pickNewColumns(this.keys.all(), this.#rowsSinceLook, this.#columns)
    this.#rowsSinceLook = 0
    if (added.length === 0) return
    await this.#addColumns(added)
    await this.#makeView()
  }

  /** Before a flush: columns of which some values went into `rest` are read from both places from now on. */
  async noteMixed(): Promise<void> {
    if (!this.keys.hasMismatch) return
    this.keys.hasMismatch = false
    const mixed = findMixed(this.keys.all(), this.#columns)
    if (mixed.size === 0) return
    const list = [...mixed].map(quote).join(', ')
    await this.#options.run(
      `UPDATE store.attribute_column SET mixed = true WHERE signal = '${this.signal}' AND key IN (${list})`,
    )
    this.#columns = this.#columns.map((column) => (mixed.has(column.key) ? { ...column, isMixed: true } : column))
    await this.#makeView()
  }

  /** Waits until the other hot table is free. */
  async otherIsFree(): Promise<void> {
    await this.#other
  }

  /**
   * Turns to the other hot table; the caller commits what is returned and then calls `rolled`. After `flush` and `otherIsFree`.
   *
   * @param reached  how far the requests of this signal are in the rows so far
   */
  beginRoll(reached: Omit<RolledPosition, 'nextRow'>): BegunRoll {
    const table = this.#hot(this.#current)
    const statement = rollStatement(this.signal, this.#columns, table)
    const traces = indexStatement(this.signal, { table: `live.${table}`, isHot: true, columns: this.#columns })
    const minutes = this.signal === 'logs' ? [countMinutes(`live.${table}`)] : []
    this.#current = 1 - this.#current
    this.#hotRows = 0
    return { table, statements: [statement, traces, ...minutes], position: { ...reached, nextRow: this.#nextRow } }
  }

  /** The roll of `table` is running; its rows are dropped from memory when it is committed. */
  rolling(table: string, committed: Promise<void>): void {
    this.#other = committed.then(async () => {
      await this.#options.run(`TRUNCATE live.${table}`)
      this.#hotTimes.find((times) => times.table === table)?.clear()
    })
    // A failed roll is handled by who runs it; it never settles this promise as rejected there.
    this.#other.catch(() => undefined)
  }

  close(): void {
    for (const appender of this.#appenders) appender.close()
    this.#appenders = []
  }

  #hot(index: number): string {
    return `${tableStem(this.signal)}_hot_${index}`
  }

  #appender(): ChunkAppender {
    return this.#appenders[this.#current] as ChunkAppender
  }

  #openAppenders(): void {
    const { bindings, connection } = this.#options
    this.#appenders = [0, 1].map(
      (i) => new ChunkAppender({ bindings, connection, table: this.#hot(i), batch: this.batch, memory: this.memory }),
    )
  }

  #useColumn({ key, type }: AttributeColumn): void {
    this.keys.named(key).column = this.batch.addAttributeColumn(type)
  }

  async #addColumns(added: readonly AttributeColumn[]): Promise<void> {
    const { run } = this.#options
    this.flush()
    this.close()
    await run(
      ...keptTables(this.signal).flatMap((table) => added.map((column) => addColumn(table, column))),
      ...added.map((column) => insertColumn(this.signal, column)),
    )
    await run(...[0, 1].flatMap((i) => added.map((column) => addColumn(`live.${this.#hot(i)}`, column))))
    for (const column of added) this.#useColumn(column)
    this.#columns = [...this.#columns, ...added]
    this.#openAppenders()
  }

  async #makeView(): Promise<void> {
    const { run } = this.#options
    const named = this.signal === 'logs' ? logsView(this.#columns) : spansView(this.#columns)
    await run(rowsView(this.signal, this.#columns), named)
  }
}

function addColumn(table: string, { column, type }: AttributeColumn): string {
  return `ALTER TABLE ${table} ADD COLUMN ${column} ${type}`
}
