/**
 * How many dumps at a time? When much fails at once, some of it tells as much as all of it.
 *
 * Two rules: so many dumps a second, and so many of what fails alike. Pure: the time is passed in.
 */

/** Dumps a second in the long run, and at once. Source: spec, recorder. */
export const DUMPS_PER_SECOND = 20
export const MAX_BURST = 50
/** Dumps of one key within the window. Source: the same. */
export const MAX_ALIKE = 5
export const ALIKE_MILLIS = 60_000
const MAX_KEYS = 1_000

export class StormGate {
  #tokens = MAX_BURST
  #filledMillis: number
  /** When each key had its last dumps; the keys least recently seen first. */
  readonly #seen = new Map<string, readonly number[]>()

  constructor(nowMillis: number) {
    this.#filledMillis = nowMillis
  }

  /** @param key  what fails alike; `undefined`: only the number of dumps counts */
  admits(key: string | undefined, nowMillis: number): boolean {
    const before = key === undefined ? [] : this.#recent(key, nowMillis)
    const isOneMore = before.length < MAX_ALIKE && this.#takesToken(nowMillis)
    if (key !== undefined) this.#remember(key, isOneMore ? [...before, nowMillis] : before)
    return isOneMore
  }

  #recent(key: string, nowMillis: number): readonly number[] {
    return (this.#seen.get(key) ?? []).filter((millis) => nowMillis - millis < ALIKE_MILLIS)
  }

  #remember(key: string, times: readonly number[]): void {
    this.#seen.delete(key)
    this.#seen.set(key, times)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > MAX_KEYS && oldest !== undefined) this.#seen.delete(oldest)
  }

  #takesToken(nowMillis: number): boolean {
    const since = Math.max(0, nowMillis - this.#filledMillis)
    this.#filledMillis = nowMillis
    this.#tokens = Math.min(MAX_BURST, this.#tokens + (since / 1000) * DUMPS_PER_SECOND)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
