/**
 * Up to 2,048 decoded rows of one signal, column by column, until they are appended to a hot table.
 *
 * Text that came with the request points into it; text made here (JSON, repaired UTF-8) is collected in an arena and gets its
 * address when the batch is appended.
 */
import { isUtf8 } from 'node:buffer'

import { ByteArena } from './byte-arena.ts'
import { ColumnBuffer } from './column-buffer.ts'
import { CHUNK_ROWS, FIXED_COLUMNS } from './layout.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn } from './store.ts'

export class RowBatch {
  readonly signal: Signal
  readonly fixed: readonly ColumnBuffer[]
  /** The same by name; each reader knows which names its signal has. */
  readonly named: Readonly<Record<string, ColumnBuffer>>
  readonly attributes: ColumnBuffer[] = []
  readonly arena: ByteArena = new ByteArena()
  rows = 0
  /** Text in the arena: column, row, start, end; four entries each. */
  readonly #madeColumns: ColumnBuffer[] = []
  readonly #madePlaces: number[] = []

  constructor(signal: Signal) {
    this.signal = signal
    this.named = Object.fromEntries(
      FIXED_COLUMNS[signal].map(({ name, type, isNullable }) => [name, new ColumnBuffer(type, isNullable)]),
    )
    this.fixed = Object.values(this.named)
  }

  get isFull(): boolean {
    return this.rows === CHUNK_ROWS
  }

  addAttributeColumn(type: AttributeColumn['type']): number {
    return this.attributes.push(new ColumnBuffer(type, true)) - 1
  }

  /** Text that came in bytes which have an address. Bytes that are no UTF-8 are repaired. */
  // oxlint-disable-next-line max-params -- once per text of each record: an options object would be an allocation each
  setText(column: ColumnBuffer, row: number, bytes: Buffer, start: number, end: number, address: number): void {
    if (isPlainText(bytes, start, end)) column.setText(row, bytes, start, end, address)
    else {
      const from = this.arena.used
      this.arena.text(bytes.utf8Slice(start, end))
      this.setMadeText(column, row, from)
    }
    if (column.isNullable) column.markValid(row)
  }

  /** Text that was written to the arena, from `start` to its end. */
  setMadeText(column: ColumnBuffer, row: number, start: number): void {
    this.#madeColumns.push(column)
    this.#madePlaces.push(row, start, this.arena.used)
    if (column.isNullable) column.markValid(row)
  }

  /** Points the made text to where the arena has been copied. Before appending. */
  resolve(arenaAddress: number): void {
    const places = this.#madePlaces
    this.#madeColumns.forEach((column, i) => {
      const [row, start, end] = [places[3 * i], places[3 * i + 1], places[3 * i + 2]] as [number, number, number]
      column.setText(row, this.arena.bytes, start, end, arenaAddress)
    })
  }

  /** Forgets what was written of a row that turned out to be malformed. */
  forgetRow(): void {
    const row = this.rows
    for (const column of [...this.fixed, ...this.attributes]) column.forget(row)
    while (this.#madeColumns.length > 0 && this.#madePlaces.at(-3) === row) {
      this.#madeColumns.pop()
      this.#madePlaces.length -= 3
    }
  }

  clear(): void {
    for (const column of this.fixed) column.clear(this.rows)
    for (const column of this.attributes) column.clear(this.rows)
    this.arena.clear()
    this.#madeColumns.length = 0
    this.#madePlaces.length = 0
    this.rows = 0
  }
}

/** Plain ASCII is seen in one pass without a call; the rest is asked of Node. */
function isPlainText(bytes: Buffer, start: number, end: number): boolean {
  let high = 0
  for (let at = start; at < end; at++) high |= bytes[at] as number
  return high < 128 || isUtf8(bytes.subarray(start, end))
}
