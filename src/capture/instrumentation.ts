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
}
