/**
 * Which rows a hot table may hold: whether any, and from when to when. Told by whoever appends and empties, so that questions
 * leave out tables without such rows; it may name more than there is, never less.
 */
import type { ColumnBuffer } from './column-buffer.ts'
import type { RowBatch } from './row-batch.ts'
import { extremeOf } from './stored-counts.ts'

export class HotTimes {
  readonly table: string
  #from: bigint | undefined
  #to: bigint | undefined

  constructor(table: string) {
    this.table = table
  }

  /** Before the rows are appended. */
  add({ rows, named }: RowBatch): void {
    if (rows === 0) return
    const times = named['t'] as ColumnBuffer
    const [from, to] = [extremeOf(times, rows, -1), extremeOf(times, rows, 1)]
    if (this.#from === undefined || from < this.#from) this.#from = from
    if (this.#to === undefined || to > this.#to) this.#to = to
  }

  /** After the table is empty. */
  clear(): void {
    this.#from = this.#to = undefined
  }

  /** @param range  undefined: any time */
  mayHold(range: { readonly from: bigint; readonly to: bigint } | undefined): boolean {
    if (this.#from === undefined || this.#to === undefined) return false
    return range === undefined || (this.#from <= range.to && this.#to >= range.from)
  }
}
