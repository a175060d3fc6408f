/**
 * A comparison as SQL: what compare.ts of query-text/ says of a value, said of a column.
 */
import { isGlob, needNumber } from '../../../query-text/compare.ts'
import type { FieldTerm, Operator } from '../../../query-text/expression.ts'
import type { Condition } from './filter.ts'

const SQL_OPERATOR: Readonly<Record<Operator, string>> = {
  ':': '=',
  '=': '=',
  '!=': '<>',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
}

/** `*` of a glob as LIKE's `%`, with `\` as the escape character. */
export function likePattern(glob: string): string {
  return glob.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%')
}

/** Text against `:`, `=` or `!=`. */
export function textCondition(expression: string, term: FieldTerm): Condition {
  const isNot = term.operator === '!='
  if (isGlob(term)) {
    const sql = String.raw`${expression} ${isNot ? 'NOT LIKE' : 'LIKE'} ? ESCAPE '\'`
    return { sql, parameters: [likePattern(term.value)] }
  }
  return { sql: `${expression} ${isNot ? '<>' : '='} ?`, parameters: [term.value] }
}

export function numberCondition(expression: string, term: FieldTerm): Condition {
  return { sql: `${expression} ${SQL_OPERATOR[term.operator]} ?`, parameters: [needNumber(term)] }
}
