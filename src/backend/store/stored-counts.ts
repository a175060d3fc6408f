/**
 * How many rows of a signal are stored, and from when to when? Counted as they are appended; the file is asked once, at the start.
 */
import type { ColumnBuffer } from './column-buffer.ts'
import type { RowBatch } from './row-batch.ts'
import { tableStem } from './schema.ts'
import type { Signal } from '../../model/signal.ts'

export interface SignalCounts {
  readonly rows: number
  /** Begin of the first and end of the last. Nanoseconds since the epoch; undefined when there are none. */
  readonly oldest: bigint | undefined
  readonly newest: bigint | undefined
}

/** One row: the counts of what is in the file. */
export function countsInFile(signal: Signal): string {
  const end = signal === 'logs' ? 't' : 't + took'
  return `SELECT count(*), min(t), max(${end}) FROM store.${tableStem(signal)}_cold`
}

export class StoredCounts implements SignalCounts {
  #rows = 0
  #oldest: bigint | undefined
  #newest: bigint | undefined

  constructor(counts: SignalCounts) {
    this.restart(counts)
  }

  /** Rows were removed: what there is now. */
  restart({ rows, oldest, newest }: SignalCounts): void {
    this.#rows = rows
    this.#oldest = oldest
    this.#newest = newest
  }

  get rows(): number {
    return this.#rows
  }
  get oldest(): bigint | undefined {
    return this.#oldest
  }
  get newest(): bigint | undefined {
    return this.#newest
  }

  /** Counts the rows of a batch that is about to be appended. */
  add({ signal, rows, named }: RowBatch): void {
    if (rows === 0) return
    const begins = named['t'] as ColumnBuffer
    const ends = signal === 'logs' ? begins : (named['took'] as ColumnBuffer)
    const [oldest, newest] = [extremeOf(begins, rows, -1), extremeOf(ends, rows, 1)]
    this.#rows += rows
    if (this.#oldest === undefined || oldest < this.#oldest) this.#oldest = oldest
    if (this.#newest === undefined || newest > this.#newest) this.#newest = newest
  }
}

/**
 * The lowest (`sign` -1) or highest (1) of the first `rows` values, none of which is negative. By halves: each row is compared,
 * so no bigint is made for it.
 */
export function extremeOf({ u32 }: ColumnBuffer, rows: number, sign: -1 | 1): bigint {
  let [low, high] = [u32[0] as number, u32[1] as number]
  for (let at = 2; at < 2 * rows; at += 2) {
    const [otherLow, otherHigh] = [u32[at] as number, u32[at + 1] as number]
    if (sign * (otherHigh - high || otherLow - low) > 0) [low, high] = [otherLow, otherHigh]
  }
  return (BigInt(high) << 32n) | BigInt(low)
}

/** The earlier, or the later, of two times that may be missing. */
export function firstOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}
export function lastOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}
