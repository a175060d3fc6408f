/**
 * What every capture module gives to app/: something that can be switched on and off, and says how it stands.
 */

/** `waiting`: its library has not been loaded yet. `failed`: could not attach; said once on stderr and in `tracelog doctor`. */
export type InstrumentationStatus = 'off' | 'waiting' | 'active' | 'failed'

/** Implementations MUST NOT throw from any method. */
export interface Instrumentation {
  /** The library's name, as in package.json: `winston`, `http`, `redis`. */
  readonly name: string
  enable(): void
  /** Undoes `enable`. Twice is harmless. */
  disable(): void
  status(): InstrumentationStatus
  /**
   * Hooks a copy of the library that cannot be found from outside: one that a bundler has folded in. Handed over by hand,
   * so it works when not enabled, too.
   *
   * @returns undoes it; twice is harmless
   */
  attach?(library: unknown): () => void
  /** Makes the records of what its library still keeps. Called before the queue is drained or flushed. */
  settle?(): void
  /** What a transport of ours for this library was given. Left alone where its logger is heard already. */
  write?(transport: object, record: object): void
}
