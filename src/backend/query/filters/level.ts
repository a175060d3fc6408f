/**
 * `level:warn`, `level>=warn`: by severity number; a record without one counts as INFO, a failed span as ERROR.
 */
import { severityOfLevelName } from '../../../model/severity.ts'
import { QuerySyntaxError } from '../query-syntax-error.ts'
import type { FieldTerm } from '../text/expression.ts'
import type { Filter } from './filter.ts'

/** @throws QuerySyntaxError when the value is no level */
export function levelFilter(term: FieldTerm): Filter {
  const severity = severityOfLevelName(term.value)
  if (severity === undefined) {
    const expected = 'a level: trace, debug, info, warn, error or fatal'
    throw new QuerySyntaxError(`The value of ${term.key} is "${term.value}"`, term.valueAt, expected)
  }
  // Each level has four numbers: 13 to 16 are all WARN.
  const low = Math.floor((severity - 1) / 4) * 4 + 1
  const high = low + 3
  const [from, to, isNot] = rangeOf(term, low, high)
  return {
    condition: ({ signal }) => {
      const subject =
        signal === 'logs' ? 'CASE WHEN sev = 0 THEN 9 ELSE sev END' : 'CASE WHEN status = 2 THEN 17 ELSE 9 END'
      return { sql: `${isNot ? 'NOT ' : ''}((${subject}) BETWEEN ${from} AND ${to})`, parameters: [] }
    },
    matches: (row) => {
      const own = severityOfLevelName(typeof row['level'] === 'string' ? row['level'] : '') ?? 9
      return (own >= from && own <= to) !== isNot
    },
  }
}

function rangeOf({ operator }: FieldTerm, low: number, high: number): [number, number, boolean] {
  if (operator === '>') return [high + 1, 24, false]
  if (operator === '>=') return [low, 24, false]
  if (operator === '<') return [0, low - 1, false]
  if (operator === '<=') return [0, high, false]
  return [low, high, operator === '!=']
}
