/**
 * `run:last` and `run:prev` of a query -> the ids that they stand for now: which run was the last only the store knows.
 */
import type { Expression, FieldTerm } from '../../query-text/expression.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { RUN_NAMES } from '../../query-text/runs.ts'
import type { Store } from '../store/store.ts'
import { sqlText } from './rows/sql-text.ts'
import { RUN_IDS } from './run-resources.ts'

/** Stands for a run that there is not: no id is so. */
const NO_RUN = '"(none)"'

/** The question without names of runs in its query. @throws QuerySyntaxError */
export async function withRunIds<R extends { readonly q?: string }>(store: Store, request: R): Promise<R> {
  const { q } = request
  if (q === undefined || !/\brun[:=!]/.test(q)) return request
  const terms = namedIn(parseQueryText(q))
  return terms.length === 0 ? request : { ...request, q: await replaced(store, q, terms) }
}

async function replaced(store: Store, q: string, terms: readonly FieldTerm[]): Promise<string> {
  const { rows } = await store.read(`${RUN_IDS} LIMIT ${RUN_NAMES.length}`)
  const ids = rows.map(([id]) => sqlText(id))
  return terms
    .toSorted((a, b) => b.valueAt - a.valueAt)
    .reduce((text, { value, valueAt }) => {
      const id = ids[RUN_NAMES.indexOf(value)]
      const written = id === undefined ? NO_RUN : quoted(id)
      return text.slice(0, valueAt) + written + text.slice(valueAt + value.length)
    }, q)
}

function namedIn(expression: Expression | undefined): FieldTerm[] {
  if (expression === undefined) return []
  if (expression.kind === 'not') return namedIn(expression.part)
  if (expression.kind === 'and' || expression.kind === 'or') return expression.parts.flatMap(namedIn)
  const isName = expression.kind === 'field' && expression.subject.kind === 'run' && !expression.isQuoted
  return isName && RUN_NAMES.includes(expression.value) ? [expression] : []
}

/** As a value of a query. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
