/**
 * Whether a destination answers, and when to ask one that did not: a clock and a few numbers, no timers.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { delayMillis, MIN_DELAY_MILLIS } from './transports/retry-policy.ts'

/** `unknown`: before the first answer. */
export type LaneState = 'unknown' | 'up' | 'down'

export class LaneHealth {
  #state: LaneState = 'unknown'
  #failures = 0
  #notBeforeMillis = 0
  #failedMillis = 0
  /** The pause is what the destination asked for. */
  #isAsked = false

  get state(): LaneState {
    return this.#state
  }

  /** How long nothing should be sent. Milliseconds; 0: now is fine. */
  pauseMillis(): number {
    return this.#notBeforeMillis === 0 ? 0 : Math.max(0, this.#notBeforeMillis - monotonicMillis())
  }

  noteUp(): void {
    this.#state = 'up'
    this.#failures = 0
    this.#notBeforeMillis = 0
  }

  /**
   * Nobody answered.
   *
   * @param retryAfterMillis  what the destination asked for
   * @returns how long to wait. Milliseconds
   */
  noteDown(retryAfterMillis?: number): number {
    const now = monotonicMillis()
    this.#state = 'down'
    this.#failedMillis = now
    // Several requests that were under way together are one failure.
    const isNews = this.#notBeforeMillis <= now
    if (isNews) this.#failures++
    // Two steps further than between tries of one request: those are over.
    const pause = retryAfterMillis ?? delayMillis(this.#failures + 2, Math.random())
    if (isNews || retryAfterMillis !== undefined) {
      this.#notBeforeMillis = now + pause
      this.#isAsked = retryAfterMillis !== undefined
    }
    return pause
  }

  /** Somebody waits: no pause but the shortest, unless the destination asked for it. */
  shortenPause(): void {
    if (!this.#isAsked) this.endPause()
  }

  /** The process ends: no pause but the shortest. Whoever calls decides how long to go on. */
  endPause(): void {
    if (this.#notBeforeMillis !== 0) this.#notBeforeMillis = this.#failedMillis + MIN_DELAY_MILLIS
  }
}
