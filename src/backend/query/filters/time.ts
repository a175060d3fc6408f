/**
 * `since:15m`, `until:2026-11-21T10:00:00Z`: by time. Ages count back from now.
 */
import { timeBound } from '../../../query-text/bounds.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import type { TermFilter } from './filter.ts'

export function timeFilter(term: FieldTerm, nowMillis: number): TermFilter {
  const bound = timeBound(term, nowMillis)
  return { condition: () => ({ sql: `t ${term.subject.kind === 'since' ? '>=' : '<'} ?`, parameters: [bound] }) }
}
