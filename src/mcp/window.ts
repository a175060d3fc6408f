/**
 * Of which time does an answer tell? Said first, for a default that nobody sees is read as "all there is".
 */
import { timeOfRequest } from '../model/page-request.ts'
import { clockTime } from '../tree/text/clock-time.ts'
import type { Arguments } from './arguments.ts'

/** Source: spec, "Tools". */
export const DEFAULT_SINCE = '15m'

export interface Window {
  /** For the source. */
  readonly since: string
  readonly until: string | undefined
  /** `14:17 to 14:32`. */
  readonly text: string
  /** `the last 15m`, for sentences about nothing. */
  readonly name: string
}

export function windowOf(given: Arguments, now: number, defaultSince: string = DEFAULT_SINCE): Window {
  const since = given.text('since') ?? defaultSince
  const until = given.text('until')
  const [from, to] = [since, until].map((text) => millisOf(text, now))
  const isAge = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(since)
  return {
    since,
    until,
    text: `${dayAndClock(from ?? 0, now)} to ${dayAndClock(to ?? now, now)}`,
    name: isAge && until === undefined ? `the last ${since}` : 'that time',
  }
}

function millisOf(text: string | undefined, now: number): number | undefined {
  const time = text === undefined ? undefined : timeOfRequest(text, now)
  return time === undefined ? undefined : Number(time / 1_000_000n)
}

/** `14:17:03`, with the day before it when that is not today. */
export function dayAndClock(millis: number, now: number): string {
  const time = new Date(millis)
  const clock = clockTime(time.toISOString()).slice(0, 8)
  if (time.toDateString() === new Date(now).toDateString()) return clock
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`
}

/** `3 s`, `12 min`, `2 h`, `4 d`. */
export function ageText(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1_000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
