/**
 * `since:15m`, `until:2026-11-21T10:00:00Z`: by time. Ages count back from now.
 */
import { timeOfValue } from '../../../model/time.ts'
import { QuerySyntaxError } from '../query-syntax-error.ts'
import type { FieldTerm } from '../text/expression.ts'
import { parseDuration } from './compare.ts'
import type { Filter } from './filter.ts'

/** @throws QuerySyntaxError when the value is no time */
export function timeFilter(term: FieldTerm, nowMillis: number): Filter {
  const bound = timeOf(term, nowMillis)
  const isSince = term.key === 'since'
  return {
    condition: () => ({ sql: `t ${isSince ? '>=' : '<'} ?`, parameters: [bound] }),
    matches: (row) => {
      const time = typeof row['time_ns'] === 'string' ? BigInt(row['time_ns']) : 0n
      return isSince ? time >= bound : time < bound
    },
  }
}

function timeOf({ key, value, valueAt }: FieldTerm, nowMillis: number): bigint {
  const age = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(value) ? parseDuration(value) : undefined
  const time = age === undefined ? timeOfValue(value) : BigInt(Math.round((nowMillis - age) * 1_000)) * 1_000n
  if (time !== undefined) return time
  const expected = 'RFC 3339, nanoseconds since the epoch or an age like 15m'
  throw new QuerySyntaxError(`The value of ${key} is "${value}"`, valueAt, expected)
}
