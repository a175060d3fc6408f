/**
 * When does a line of another program say that it was written? Texts of many forms -> nanoseconds since the epoch.
 *
 * A time without an offset is this machine's local time: lines are read where they were written, or nobody can know. One without a
 * year is the newest that is not a day ahead.
 */
import { nanoOfMillis, parseTimestamp, timeOfValue } from '../time.ts'

const DAY_MILLIS = 86_400_000
const LOCAL = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?$/

/** The expression's source for a date and time at one place of a line. */
export const TIME_SOURCE: string = String.raw`\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?`

/** A value under a key that means time: text, or an epoch number. */
export function timeOfField(value: unknown): bigint | undefined {
  return timeOfValue(value) ?? (typeof value === 'string' ? timeOfText(value) : undefined)
}

/** RFC 3339, also with slashes, with a blank before the offset, with UTC, or without any offset. */
export function timeOfText(text: string): bigint | undefined {
  if (text.length > 40) return undefined
  const plain = text.replaceAll('/', '-').replace(/ (?=[+-]\d\d:?\d\d$)/, '')
  const exact = parseTimestamp(plain.replace(/ ?(?:UTC|GMT)$/, 'Z'))
  if (exact !== undefined) return exact
  const local = LOCAL.exec(text)
  if (local === null) return undefined
  const [year, month, day, hour, minute, second] = local.slice(1, 7).map(Number) as Six
  return localTime([year, month, day, hour, minute, second], local[7] ?? '')
}

type Six = [year: number, month: number, day: number, hour: number, minute: number, second: number]

function localTime([year, month, day, hour, minute, second]: Six, fraction: string): bigint | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined
  const millis = new Date(year, month - 1, day, hour, minute, second).getTime()
  return nanoOfMillis(millis) + BigInt(fraction.padEnd(9, '0'))
}

export interface YearlessTime {
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** `14:35:22`, with a fraction or without. */
  readonly clock: string
}

export function timeWithoutYear({ month, day, clock }: YearlessTime, nowMillis: number): bigint | undefined {
  const [hour, minute, seconds = ''] = clock.split(':')
  const [second, fraction = ''] = seconds.split('.')
  const year = new Date(nowMillis).getFullYear()
  const in_ = (of: number): bigint | undefined =>
    localTime([of, month, day, Number(hour), Number(minute), Number(second)], fraction.slice(0, 9))
  const time = in_(year)
  return time !== undefined && time > nanoOfMillis(nowMillis + DAY_MILLIS) ? in_(year - 1) : time
}

/** `time_ns` of a time, nothing of none. */
export function timeFields(time: bigint | undefined): { time_ns?: string } {
  return time === undefined || time <= 0n ? {} : { time_ns: String(time) }
}
