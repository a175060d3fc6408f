/**
 * What a request for a page may say: how many rows, from when, until when. One rule for the API, the commands and every source.
 */
import { timeOfValue } from './time.ts'

/** Rows of a page when nobody says how many. Source: spec, contract of the HTTP API. */
export const DEFAULT_LIMIT = 200
export const MAX_LIMIT = 5_000

/** For messages: limit is x, but must be ... */
export const LIMIT_RULE: string = `a whole number from 1 to ${MAX_LIMIT}`
export const TIME_RULE = 'RFC 3339, nanoseconds since the epoch, or an age like 15m, 2h, 7d'

export function isPageLimit(limit: number): boolean {
  return Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT
}

const UNIT_MILLIS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `250ms`, `1.5s`, `15m` in milliseconds; a plain number counts as milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d)?$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * (UNIT_MILLIS[match[2] ?? 'ms'] ?? 1)
}

/** Further back than any clock: 285 years. */
const MAX_AGE_MILLIS = 9_000_000_000_000
/** The last time that a store can hold, in 2262. */
const MAX_TIME = 2n ** 63n - 1n

/**
 * A time as users write it: RFC 3339, nanoseconds since the epoch, or an age (`15m`) that counts back from now.
 *
 * @returns nanoseconds since the epoch, within 64 bits; undefined when it is none of these
 */
export function timeOfRequest(text: string, nowMillis: number): bigint | undefined {
  const age = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(text) ? parseDuration(text) : undefined
  if (age !== undefined) return BigInt(Math.round((nowMillis - Math.min(age, MAX_AGE_MILLIS)) * 1_000)) * 1_000n
  const time = timeOfValue(text)
  if (time === undefined || (time <= MAX_TIME && time >= -MAX_TIME)) return time
  return time < 0n ? -MAX_TIME : MAX_TIME
}
