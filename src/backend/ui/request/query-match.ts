/**
 * Which rows of a request the query means: the others are dimmed, and `n` goes from one to the next.
 */
import type { TreeRow } from '../../../model/api.ts'
import { compileMatcher, type Matcher } from '../../../query-text/match.ts'
import { QuerySyntaxError } from '../../../query-text/query-syntax-error.ts'
import { query } from '../state.ts'
import { problem } from '../view.ts'
import { rowForQuery, type RequestModel } from './model.ts'

/** Rows of muted services, and those that the query does not mean. */
export function dimmed(model: RequestModel, muted: ReadonlySet<string>): (row: TreeRow) => boolean {
  const matches = query.value === '' ? undefined : matcher()
  return (row) =>
    muted.has(row.service ?? '') || (matches !== undefined && row.kind !== 'gap' && !matches(rowForQuery(model, row)))
}

/** A query that cannot be read dims nothing, and says why. */
function matcher(): Matcher {
  try {
    const made = compileMatcher(query.value)
    problem.value = undefined
    return made
  } catch (error) {
    if (error instanceof QuerySyntaxError) problem.value = { message: error.message, at: error.at }
    return () => true
  }
}

export function isMatch(model: RequestModel, row: TreeRow): boolean {
  return query.value !== '' && row.kind !== 'gap' && matcher()(rowForQuery(model, row))
}
