/**
 * The flight recorder in the public API. In a file of its own: the public API's types lead here, and must lead to no package that is not
 * installed with us.
 */
import type { RecorderStats } from '../model/recorder-stats.ts'

/** The flight recorder: it keeps the lines below the level for the length of a request, for those that fail. */
export interface Recorder {
  /** Runs `fn` as a unit of its own, as a request is one; of a promise until it is settled. Returns and throws what `fn` does. */
  unit<T>(name: string, fn: () => T): T
  /** Exports what is kept of the current request, and what it logs from now on. Outside of one: nothing. */
  dump(reason?: string): void
  /** Forgets what is kept of the current request until now. */
  discard(): void
  stats(): RecorderStats
}
