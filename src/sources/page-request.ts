/**
 * What every source checks in a request: of which time, of which trace.
 */
import type { TracelogError } from '../diag/errors.ts'
import { TIME_RULE, timeOfRequest } from '../model/page-request.ts'
import { usage } from '../query-text/page-limit.ts'

const TAKE_ID = 'Take the id from a line of `tracelog tail`, or whole from `tracelog query --json`.'

/**
 * `since` or `until` of a request.
 *
 * @returns nanoseconds since the epoch; undefined when there is none. @throws TRACELOG_USAGE
 */
export function checkTime(name: string, text: string | undefined, nowMillis: number): bigint | undefined {
  if (text === undefined || text === '') return undefined
  const time = timeOfRequest(text, nowMillis)
  if (time !== undefined) return time
  throw usage(`${name} is "${text}", but must be ${TIME_RULE}`)
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
