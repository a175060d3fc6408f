/**
 * What the values of certain terms stand for: the ids that begin so, the severities of a level, the time of an age.
 *
 * Shared by the matcher (match.ts) and by every source that turns terms into its own language.
 */
import { severityOfLevelName } from '../model/severity.ts'
import { timeOfRequest } from '../model/page-request.ts'
import type { FieldTerm } from './expression.ts'
import { QuerySyntaxError } from './query-syntax-error.ts'

/** Hex digits of a trace id and of a span id. */
export const TRACE_DIGITS = 32
export const SPAN_DIGITS = 16

/**
 * The first digits of an id, in lower case; dashes and a final `*` are taken away.
 *
 * @throws QuerySyntaxError when the value is no id
 */
export function idDigits({ key, value, valueAt }: FieldTerm, length: number): string {
  const digits = value.replaceAll('-', '').replace(/\*$/, '').toLowerCase()
  if (/^[0-9a-f]+$/.test(digits) && digits.length <= length) return digits
  throw new QuerySyntaxError(`The value of ${key} is "${value}"`, valueAt, `up to ${length} hex digits`)
}

/** @throws QuerySyntaxError when the value is no pattern */
export function patternOf({ key, value, valueAt }: FieldTerm): number {
  if (/^[0-9a-f]{8}$/i.test(value)) return Number.parseInt(value, 16)
  throw new QuerySyntaxError(`The value of ${key} is "${value}"`, valueAt, '8 hex digits, as patterns has them')
}

/** Severity numbers, both ends included; `isNot`: all but these. */
export interface SeverityRange {
  readonly from: number
  readonly to: number
  readonly isNot: boolean
}

/** What a record without a severity counts as: INFO. */
export const DEFAULT_SEVERITY = 9

/** @throws QuerySyntaxError when the value is no level */
export function severityRange(term: FieldTerm): SeverityRange {
  const severity = severityOfLevelName(term.value)
  if (severity === undefined) {
    const expected = 'a level: trace, debug, info, warn, error or fatal'
    throw new QuerySyntaxError(`The value of ${term.key} is "${term.value}"`, term.valueAt, expected)
  }
  // Each level has four numbers: 13 to 16 are all WARN.
  const low = Math.floor((severity - 1) / 4) * 4 + 1
  const high = low + 3
  if (term.operator === '>') return { from: high + 1, to: 24, isNot: false }
  if (term.operator === '>=') return { from: low, to: 24, isNot: false }
  if (term.operator === '<') return { from: 0, to: low - 1, isNot: false }
  if (term.operator === '<=') return { from: 0, to: high, isNot: false }
  return { from: low, to: high, isNot: term.operator === '!=' }
}

/** @throws QuerySyntaxError when the value is no time */
export function timeBound({ key, value, valueAt }: FieldTerm, nowMillis: number): bigint {
  const time = timeOfRequest(value, nowMillis)
  if (time !== undefined) return time
  const expected = 'RFC 3339, nanoseconds since the epoch or an age like 15m'
  throw new QuerySyntaxError(`The value of ${key} is "${value}"`, valueAt, expected)
}
