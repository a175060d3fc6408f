/**
 * A column of span ids as texts: read by halves, because a number of 64 bits per row costs more than its text; lines of one span
 * follow each other.
 */
import type { ColumnValues } from '../../store/row-blocks.ts'

export class SpanIds {
  readonly #halves: Uint32Array
  #low = 0
  #high = 0
  #text = ''

  /** @param column  UBIGINT, without nulls; 0: none */
  constructor(column: ColumnValues) {
    if (column.kind !== 'numbers') throw new Error(`A column of ids is "${column.kind}", but must be "numbers"`)
    const { buffer, byteOffset, length } = column.values
    this.#halves = new Uint32Array(buffer, byteOffset, length * 2)
  }

  /** @returns 16 hex digits; `''`: none */
  at(row: number): string {
    const low = this.#halves[row * 2] as number
    const high = this.#halves[row * 2 + 1] as number
    if (low !== this.#low || high !== this.#high) {
      this.#low = low
      this.#high = high
      this.#text = low === 0 && high === 0 ? '' : hex(high) + hex(low)
    }
    return this.#text
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0')
}
