/**
 * What every source checks in a request for a page: how many records, of which time.
 */
import { TracelogError } from '../diag/errors.ts'
import { timeOfText } from '../query-text/bounds.ts'

const DEFAULT_LIMIT = 200
const MAX_LIMIT = 5_000

const TAKE_ID = 'Take the id from a line of `tracelog tail`, or whole from `tracelog query --json`.'

/** @throws TRACELOG_USAGE */
export function checkLimit(limit: number = DEFAULT_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw usage(`limit is ${limit}, but must be a whole number from 1 to ${MAX_LIMIT}`)
}

/**
 * `since` or `until` of a request.
 *
 * @returns nanoseconds since the epoch; undefined when there is none. @throws TRACELOG_USAGE
 */
export function checkTime(name: string, text: string | undefined, nowMillis: number): bigint | undefined {
  if (text === undefined || text === '') return undefined
  const time = timeOfText(text, nowMillis)
  if (time !== undefined) return time
  throw usage(`${name} is "${text}", but must be RFC 3339, nanoseconds since the epoch, or an age like 15m, 2h, 7d`)
}

/** @throws TRACELOG_USAGE when the text is no trace id and no beginning of one. @returns hex digits, 8 to 32 */
export function checkTraceId(idOrPrefix: string): string {
  const digits = idOrPrefix.trim().replaceAll('-', '').toLowerCase()
  if (/^[0-9a-f]{8,32}$/.test(digits)) return digits
  throw usage(
    `the trace id is "${idOrPrefix.slice(0, 60)}", but must be 32 hex digits or at least the first 8`,
    TAKE_ID,
  )
}

/** Named in the message when a prefix fits several traces. */
const MAX_NAMED = 4

/** TRACELOG_USAGE for a prefix that is not one trace's. @param found  the ids that begin so */
export function severalTraces(digits: string, found: Iterable<string>): TracelogError {
  const names = [...found].slice(0, MAX_NAMED).join(', ')
  return usage(`the trace id begins with "${digits}", but must name one trace; these begin so: ${names}`, TAKE_ID)
}

/** TRACELOG_USAGE. @param message  name, value and rule */
export function usage(message: string, hint = 'Correct the request.'): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint })
}
