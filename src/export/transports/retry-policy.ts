/**
 * When to try a failed export again, and when to give up.
 *
 * Pure: no clock, no timer, no I/O. transports and lanes ask it after every failed request.
 */

/** Status codes that OTLP calls retryable. Source: OTLP 1.x, "Failures", retryable response codes. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Between two tries of one request, whatever else is said. Milliseconds. Source: spec, pipeline. */
export const MIN_DELAY_MILLIS = 100
/** The range of the first random delay; doubles with each try. Milliseconds. */
const FIRST_DELAY_MILLIS = 400
/**
 * Between two tries while nobody answers. Milliseconds. Whatever happened before: ten seconds after an endpoint is well again a new record
 * is there (test/scorecard/10-no-wedge.test.ts).
 */
const MAX_DELAY_MILLIS = 8_000
/** No server may silence us for longer. Milliseconds. Source: spec, pipeline. */
const MAX_RETRY_AFTER_MILLIS = 300_000

/** Tries of one request before it goes back to the queue. */
export const TRIES = 3

export function isRetryableStatus(status: number): boolean {
  return RETRYABLE_STATUS.has(status)
}

/**
 * How long to wait before the next try: exponential with full jitter, never below 100 ms. Milliseconds.
 *
 * @param failures  tries that failed so far, from 1
 * @param random    0 to 1, exclusive
 */
export function delayMillis(failures: number, random: number): number {
  const range = Math.min(FIRST_DELAY_MILLIS * 2 ** (failures - 1), MAX_DELAY_MILLIS)
  return MIN_DELAY_MILLIS + random * (range - MIN_DELAY_MILLIS)
}

/**
 * Reads a Retry-After header: seconds or an HTTP date. Milliseconds from now, 100 to 300,000.
 *
 * @returns `undefined` when there is none, or none that can be read
 */
export function parseRetryAfter(header: string | undefined, nowMillis: number): number | undefined {
  const text = header?.trim()
  if (text === undefined || text === '') return undefined
  const millis = /^\d+$/.test(text) ? Number(text) * 1000 : parseHttpDate(text) - nowMillis
  return Number.isNaN(millis) ? undefined : boundedDelay(millis)
}

/** What a server asks for, as long as we do it. Milliseconds, 100 to 300,000. */
export function boundedDelay(millis: number): number {
  return Math.min(Math.max(millis, MIN_DELAY_MILLIS), MAX_RETRY_AFTER_MILLIS)
}

/** Only what begins with a day's name: `Date.parse` alone would read `-1` and `2.5` as dates. */
function parseHttpDate(text: string): number {
  return /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
}
