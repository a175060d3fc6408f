/**
 * When the pipeline looks again whether something may travel: one timer, which never keeps the process alive.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'

export interface ScheduleOptions {
  /** How long a record waits for others to travel with. Milliseconds. */
  readonly delayMillis: number
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  readonly onDue: () => void
}

export class Schedule {
  readonly #options: ScheduleOptions
  #timer: NodeJS.Timeout | undefined
  #atMillis = Infinity
  /** The timer comes no later than a batch that is begun now gets ripe. */
  #isSoon = false

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  /** When a batch that is begun now gets ripe, at the latest. Asked for each record: no clock is read while a timer is near. */
  soon(): void {
    if (!this.#isSoon) this.within(this.#options.delayMillis)
  }

  /** After so long at the latest. Milliseconds. */
  within(millis: number): void {
    const at = monotonicMillis() + millis
    if (at >= this.#atMillis) return
    if (this.#timer !== undefined) stopTimer(this.#timer)
    this.#atMillis = at
    this.#isSoon = millis <= this.#options.delayMillis
    this.#timer = this.#options.detached(() => startTimer(() => this.#due(), millis))
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer)
    this.#forget()
  }

  #due(): void {
    this.#forget()
    this.#options.onDue()
  }

  #forget(): void {
    this.#timer = undefined
    this.#atMillis = Infinity
    this.#isSoon = false
  }
}
