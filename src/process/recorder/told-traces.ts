/**
 * Traces of which another service has failed, by the word of the backend: remembered for as long as a unit may begin to keep records
 * after the word has come.
 *
 * Bounded in number and time. Pure: the time is passed in.
 */

/** Source: spec, recorder: what was received in the last 10 s is told. Milliseconds. */
export const TOLD_MILLIS = 10_000
export const MAX_TOLD = 1_000

export class ToldTraces {
  /** When we were told of each last; the oldest first. */
  readonly #told = new Map<string, number>()

  add(traceIds: readonly string[], nowMillis: number): void {
    for (const [traceId, millis] of this.#told) {
      if (nowMillis - millis < TOLD_MILLIS) break
      this.#told.delete(traceId)
    }
    for (const traceId of traceIds) {
      this.#told.delete(traceId)
      this.#told.set(traceId, nowMillis)
    }
    for (const traceId of this.#told.keys()) {
      if (this.#told.size <= MAX_TOLD) break
      this.#told.delete(traceId)
    }
  }

  /** Whether the trace was told of since a unit of it has begun, and not too long ago. */
  holds(traceId: string, startedMillis: number, nowMillis: number): boolean {
    if (this.#told.size === 0) return false
    const millis = this.#told.get(traceId)
    return millis !== undefined && millis >= startedMillis && nowMillis - millis < TOLD_MILLIS
  }
}
