/**
 * Appends batches to one hot table: a copy per column, no call per value.
 */
import type { ColumnBuffer } from './column-buffer.ts'
import type { DuckdbBindings, Handle } from './duckdb-module.ts'
import type { RowBatch } from './row-batch.ts'
import type { TextMemory } from './text-memory.ts'

export interface ChunkAppenderOptions {
  readonly bindings: DuckdbBindings
  readonly connection: Handle
  /** In the in-memory database `live`. */
  readonly table: string
  /** A batch of the table's columns. */
  readonly batch: RowBatch
  readonly memory: TextMemory
}

export class ChunkAppender {
  readonly #bindings: DuckdbBindings
  readonly #appender: Handle
  readonly #chunk: Handle
  readonly #memory: TextMemory

  constructor({ bindings, connection, table, batch, memory }: ChunkAppenderOptions) {
    this.#bindings = bindings
    this.#memory = memory
    this.#appender = bindings.appender_create_ext(connection, 'live', 'main', table)
    const columns = [...batch.fixed, ...batch.attributes]
    this.#chunk = bindings.create_data_chunk(
      columns.map((column) => bindings.create_logical_type(bindings.Type[column.type] as number)),
    )
  }

  /** Appends the batch's rows, numbered from `firstRow`, and empties it. Visible after `flush`. */
  append(batch: RowBatch, firstRow: number): void {
    const bindings = this.#bindings
    batch.resolve(this.#memory.hold(batch.arena.bytes.subarray(0, batch.arena.used)))
    number(batch.named['n'] as ColumnBuffer, batch.rows, firstRow)
    bindings.data_chunk_reset(this.#chunk)
    bindings.data_chunk_set_size(this.#chunk, batch.rows)
    let index = 0
    for (const column of batch.fixed) this.#copy(column, index++, batch.rows)
    for (const column of batch.attributes) this.#copy(column, index++, batch.rows)
    bindings.append_data_chunk(this.#appender, this.#chunk)
    batch.clear()
  }

  flush(): void {
    this.#bindings.appender_flush_sync(this.#appender)
  }

  close(): void {
    this.#bindings.appender_close_sync(this.#appender)
  }

  #copy(column: ColumnBuffer, index: number, rows: number): void {
    const bindings = this.#bindings
    const vector = bindings.data_chunk_get_vector(this.#chunk, index)
    if (column.isNullable) {
      const { validity } = column
      bindings.vector_ensure_validity_writable(vector)
      // DuckDB's masks are words of 64 bits.
      bindings.copy_data_to_vector_validity(vector, 0, validity.buffer as ArrayBuffer, 0, Math.ceil(rows / 64) * 8)
      if (!column.hasValues) return
    }
    bindings.copy_data_to_vector(vector, 0, column.buffer, 0, rows * column.width)
  }
}

function number(column: ColumnBuffer, rows: number, first: number): void {
  for (let row = 0; row < rows; row++) {
    const value = first + row
    column.u32[2 * row] = value % 4_294_967_296
    column.u32[2 * row + 1] = value / 4_294_967_296
  }
}
