/**
 * `run:4f2a91c0`: by the resource that sent the record.
 */
import type { FieldTerm } from '../../../query-text/expression.ts'
import { runPrefix } from '../../../query-text/runs.ts'
import { RUN_OF_RESOURCE } from '../run-resources.ts'
import type { TermFilter } from './filter.ts'

export function runFilter(term: FieldTerm): TermFilter {
  const prefix = runPrefix(term)
  const sql = `res ${term.operator === '!=' ? 'NOT IN' : 'IN'} (SELECT id FROM resources WHERE starts_with(lower(${RUN_OF_RESOURCE}), ?))`
  return { condition: () => ({ sql, parameters: [prefix] }) }
}
