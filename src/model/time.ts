/**
 * How is a time written? RFC 3339 texts, epoch numbers and Dates to and from nanoseconds. Pure: no clock is read here.
 */

export const NANO_PER_SECOND = 1_000_000_000n

/** Milliseconds since the epoch, with fractions, as nanoseconds; exact to the double's resolution (0.25 us today). */
export function nanoOfMillis(millis: number): bigint {
  const whole = Math.floor(millis)
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((millis - whole) * 1e6))
}

/** Seconds and nanoseconds, the SDK's HrTime; what is negative is its "not known yet". */
export function hrTimeOf(nano: bigint): [seconds: number, nanos: number] {
  if (nano < 0n) return [-1, 0]
  return [Number(nano / NANO_PER_SECOND), Number(nano % NANO_PER_SECOND)]
}

/** The last instant that RFC 3339 can name: 9999-12-31T23:59:59.999Z. Milliseconds since the epoch. */
const MAX_MILLIS = 253_402_300_799_999n
/** And the first: 0000-01-01T00:00:00.000Z. */
const MIN_MILLIS = -62_167_219_200_000n

/**
 * RFC 3339 in UTC with exactly three decimals, truncated and not rounded: `2024-09-12T14:35:22.001Z`.
 *
 * @param unixNano  nanoseconds since the epoch; what lies outside of the years 0 to 9999 is held to their ends
 */
export function formatTimestamp(unixNano: bigint): string {
  let millis = unixNano / 1_000_000n
  // BigInt division rounds towards zero; before 1970 that would be upwards.
  if (unixNano < 0n && millis * 1_000_000n !== unixNano) millis -= 1n
  if (millis > MAX_MILLIS) millis = MAX_MILLIS
  if (millis < MIN_MILLIS) millis = MIN_MILLIS
  const total = Number(millis)
  const second = Math.floor(total / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastPrefix = new Date(second * 1000).toISOString().slice(0, 20)
  }
  return `${lastPrefix}${String(total - second * 1000).padStart(3, '0')}Z`
}

/** Records come in order, nearly: most share their second with the one before. */
let lastSecond = 0
let lastPrefix = '1970-01-01T00:00:00.'

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,18}))?(?:([Zz])|([+-])(\d{2}):?(\d{2}))$/

/**
 * Reads an RFC 3339 text (also with a blank for the `T`, a comma for the point, an offset without a colon).
 *
 * @returns nanoseconds since the epoch (digits beyond the ninth are cut off), or `undefined` for anything else: a text
 *   without an offset is nobody's time
 */
export function parseTimestamp(text: string): bigint | undefined {
  const millis = millisOfIso(text)
  return millis === undefined ? parseFields(text) : BigInt(millis) * 1_000_000n
}

/**
 * What `toISOString` and winston's `timestamp()` write. In the minute of the text before it takes a tenth of the expression's time.
 *
 * @returns milliseconds since the epoch; undefined for all others
 */
export function millisOfIso(text: string): number | undefined {
  if (text.length !== 24 || text.charCodeAt(19) !== 0x2e || text.charCodeAt(23) !== 0x5a) return undefined
  if (!text.startsWith(lastMinute)) {
    const nano = parseFields(`${text.slice(0, 17)}00Z`)
    if (nano === undefined) return undefined
    lastMinute = text.slice(0, 17)
    lastMinuteMillis = Number(nano / 1_000_000n)
  }
  let millis = 0
  for (let at = 17; at < 23; at++) {
    if (at === 19) continue
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return undefined
    millis = millis * 10 + digit
  }
  // A leap second is for the expression.
  return millis < 60_000 ? lastMinuteMillis + millis : undefined
}

let lastMinute = '1970-01-01T00:00:'
let lastMinuteMillis = 0

function parseFields(text: string): bigint | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined

  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as FieldNumbers
  const leap = second === 60 ? 1 : 0
  const millis = utcMillis([year, month, day, hour, minute, second - leap])
  if (millis === undefined) return undefined

  const offsetMinutes = Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)
  if (Number(match[10] ?? 0) > 23 || Number(match[11] ?? 0) > 59) return undefined
  const shift = (match[9] === '-' ? offsetMinutes : -offsetMinutes) * 60_000 + leap * 1000
  return BigInt(millis + shift) * 1_000_000n + BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'))
}

type FieldNumbers = [number, number, number, number, number, number]

/** `undefined` when a field is out of its range (31 February). */
function utcMillis([year, month, day, hour, minute, second]: FieldNumbers): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** Epoch numbers are told apart by size: seconds until the year 5138, then milliseconds, microseconds, nanoseconds. */
const EPOCH_UNITS: readonly { readonly below: number; readonly nanoPerUnit: number }[] = [
  { below: 1e11, nanoPerUnit: 1e9 },
  { below: 1e14, nanoPerUnit: 1e6 },
  { below: 1e17, nanoPerUnit: 1e3 },
  { below: 1.8e19, nanoPerUnit: 1 },
]

const EPOCH_TEXT = /^\d{10,19}(?:\.\d{1,9})?$/
/** Seconds of 2001-09-09: smaller numbers are counters or durations, not times. */
const MIN_EPOCH_SECONDS = 1e9

/**
 * The time that a logged value states: a Date, an RFC 3339 text, or an epoch number (also as text) in seconds,
 * milliseconds, microseconds or nanoseconds.
 *
 * @returns nanoseconds since the epoch, or `undefined` when the value is no time
 */
export function timeOfValue(value: unknown): bigint | undefined {
  if (typeof value === 'string') {
    if (value.length > 64) return undefined
    return parseTimestamp(value) ?? (EPOCH_TEXT.test(value) ? nanoOfEpochText(value) : undefined)
  }
  if (typeof value === 'number') return nanoOfEpoch(value)
  if (typeof value === 'bigint') return nanoOfEpochText(String(value))
  if (value instanceof Date) {
    const millis = value.getTime()
    return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n
  }
  return undefined
}

/** Milliseconds with three decimals, as answers tell how long they took. */
export function roundedMillis(millis: number): number {
  return Math.round(millis * 1_000) / 1_000
}

function nanoOfEpoch(value: number): bigint | undefined {
  if (!(value >= MIN_EPOCH_SECONDS)) return undefined
  const unit = EPOCH_UNITS.find(({ below }) => value < below)
  if (unit === undefined) return undefined
  const whole = Math.floor(value)
  return BigInt(whole) * BigInt(unit.nanoPerUnit) + BigInt(Math.floor((value - whole) * unit.nanoPerUnit))
}

/** Digits beyond a double's 53 bits are kept. */
function nanoOfEpochText(text: string): bigint | undefined {
  const [whole = '', fraction = ''] = text.split('.')
  const value = Number(whole)
  if (!(value >= MIN_EPOCH_SECONDS)) return undefined
  const unit = EPOCH_UNITS.find(({ below }) => value < below)
  if (unit === undefined) return undefined
  const digits = Math.round(Math.log10(unit.nanoPerUnit))
  return BigInt(whole) * BigInt(unit.nanoPerUnit) + BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0')
}
