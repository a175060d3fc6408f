/**
 * The lines that the list has, newest first: in chunks, so that one more at either end costs the same whatever is there. Beyond a bound the
 * oldest chunk goes, and the last row says so. Pure.
 */
import type { RowSource } from '../row-source.ts'

const CHUNK = 1_000

export class ChunkedRows<T> implements RowSource<T> {
  readonly #most: number
  readonly #lastRow: (dropped: number) => T
  readonly #chunks = new Map<number, T[]>()
  /** Places of the newest row and behind the oldest. Newer ones have smaller places, below 0 too. */
  #first = 0
  #end = 0
  #dropped = 0

  /**
   * @param most  rows at most; whole chunks of 1,000 go
   * @param lastRow  what stands at the end once some were dropped
   */
  constructor(most: number, lastRow: (dropped: number) => T) {
    this.#most = most
    this.#lastRow = lastRow
  }

  get length(): number {
    return this.#end - this.#first + (this.#dropped > 0 ? 1 : 0)
  }

  /** Whether the end was cut, so that nothing older can follow. */
  get isCut(): boolean {
    return this.#dropped > 0
  }

  at(index: number): T | undefined {
    const place = this.#first + index
    if (place === this.#end && this.#dropped > 0) return this.#lastRow(this.#dropped)
    return place < this.#end
      ? this.#chunks.get(Math.floor(place / CHUNK))?.[place - Math.floor(place / CHUNK) * CHUNK]
      : undefined
  }

  /** One above all others. */
  addNewer(row: T): void {
    this.#put(--this.#first, row)
    while (this.#end - this.#first > this.#most) this.#dropOldest()
  }

  /** One below all others. */
  addOlder(row: T): void {
    this.#put(this.#end++, row)
  }

  #put(place: number, row: T): void {
    const key = Math.floor(place / CHUNK)
    let chunk = this.#chunks.get(key)
    if (chunk === undefined) this.#chunks.set(key, (chunk = Array.from({ length: CHUNK })))
    chunk[place - key * CHUNK] = row
  }

  #dropOldest(): void {
    const key = Math.floor((this.#end - 1) / CHUNK)
    const start = Math.max(this.#first, key * CHUNK)
    this.#dropped += this.#end - start
    this.#end = start
    this.#chunks.delete(key)
  }
}
