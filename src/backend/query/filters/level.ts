/**
 * `level:warn`, `level>=warn`: by severity number; a record without one counts as INFO, a failed span as ERROR.
 */
import { severityRange } from '../../../query-text/bounds.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import type { TermFilter } from './filter.ts'

export function levelFilter(term: FieldTerm): TermFilter {
  const { from, to, isNot } = severityRange(term)
  return {
    condition: ({ signal }) => {
      const subject =
        signal === 'logs' ? 'CASE WHEN sev = 0 THEN 9 ELSE sev END' : 'CASE WHEN status = 2 THEN 17 ELSE 9 END'
      return { sql: `${isNot ? 'NOT ' : ''}((${subject}) BETWEEN ${from} AND ${to})`, parameters: [] }
    },
  }
}
