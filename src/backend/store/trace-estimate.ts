/**
 * How many traces are stored, about? Estimated from the index of traces and from memory, not from the rows in the file.
 */
import type { ReaderPool } from './reader-pool.ts'

/** The page asks every few seconds, and rows come all the time: an estimate holds this long. Milliseconds. */
const HOLDS_MILLIS = 1_000
const ESTIMATE = 'SELECT approx_count_distinct(trace) FROM trace_times'

export class TraceEstimate {
  readonly #pool: ReaderPool
  /** What was visible when it was estimated last; undefined: never. */
  #rows: number | undefined
  #at = 0
  #traces: Promise<number> = Promise.resolve(0)

  constructor(pool: ReaderPool) {
    this.#pool = pool
  }

  /** @param visibleRows  how many rows have become visible so far */
  async traces(visibleRows: number): Promise<number> {
    const isFresh = this.#rows !== undefined && performance.now() - this.#at < HOLDS_MILLIS
    if (visibleRows !== this.#rows && !isFresh) {
      this.#rows = visibleRows
      this.#at = performance.now()
      this.#traces = this.#ask()
    }
    return await this.#traces
  }

  /** Traces were removed. */
  forget(): void {
    this.#rows = undefined
  }

  async #ask(): Promise<number> {
    try {
      const { rows } = await this.#pool.read(ESTIMATE)
      return Number(rows[0]?.[0] ?? 0)
    } catch (error) {
      this.#rows = undefined
      throw error
    }
  }
}
