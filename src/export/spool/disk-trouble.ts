/**
 * A disk that refuses: said once, left alone for a while, tried again.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { tell } from '../../diag/events.ts'
import { PAUSE_MILLIS } from './spool-config.ts'

export class DiskTrouble {
  readonly #directory: string
  #notBeforeMillis = -Infinity
  #isSaid = false

  constructor(directory: string) {
    this.#directory = directory
  }

  get isPausing(): boolean {
    return monotonicMillis() < this.#notBeforeMillis
  }

  /** It took what it was given. */
  ended(): void {
    this.#isSaid = false
  }

  came(error: Error): void {
    this.#notBeforeMillis = monotonicMillis() + PAUSE_MILLIS
    if (this.#isSaid) return
    this.#isSaid = true
    const pause = `${PAUSE_MILLIS / 1000} s`
    tell(
      `the spool in ${this.#directory} cannot be written (${error.message}): records stay in memory; tried again every ${pause}`,
    )
  }
}
