/**
 * `pattern:1a2b3c4d`: records that say the same in other words, by the number that each was given when it was stored.
 */
import { patternOf } from '../../../query-text/bounds.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import { NEVER, type TermFilter } from './filter.ts'

/** Spans have none. */
export function patternFilter(term: FieldTerm): TermFilter {
  const pattern = patternOf(term)
  const sql = term.operator === '!=' ? `pattern IS DISTINCT FROM ${pattern}` : `pattern = ${pattern}`
  return { condition: ({ signal }) => (signal === 'logs' ? { sql, parameters: [] } : NEVER) }
}
