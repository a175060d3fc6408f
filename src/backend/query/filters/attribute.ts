/**
 * `status>=500`, `user.id:42`: any attribute, by its key or by its short key of the flat line.
 */
import { ATTRIBUTE_BY_FLAT_KEY } from '../../../model/flat-keys.ts'
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_TYPE } from '../../../model/semconv.ts'
import { isGlob, isOrdering, needNumber, parseNumber } from '../../../query-text/compare.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import type { AttributeColumn } from '../../store/store.ts'
import { attributePath } from '../rows/attribute-path.ts'
import { numberCondition, textCondition } from './compare.ts'
import type { Condition, FilterContext, TermFilter } from './filter.ts'
import { NEVER } from './filter.ts'

/** @throws QuerySyntaxError when the operator orders and the value is no number */
export function attributeFilter(term: FieldTerm): TermFilter {
  if (isOrdering(term.operator)) needNumber(term)
  const key = ATTRIBUTE_BY_FLAT_KEY.get(term.key) ?? term.key
  // The line's error_type is error.type, else exception.type.
  const keys = key === ATTR_ERROR_TYPE ? [key, ATTR_EXCEPTION_TYPE] : [key]
  return { condition: (context) => either(keys.map((one) => conditionOf(one, term, context))) }
}

function conditionOf(key: string, term: FieldTerm, { columns }: FilterContext): Condition {
  const column = columns.find((candidate) => candidate.key === key)
  const inRest = restCondition(`(rest ->> ${attributePath(key)})`, term)
  if (column === undefined) return inRest
  const inColumn = columnCondition(column, term)
  return column.isMixed ? either([inColumn, inRest]) : inColumn
}

function columnCondition(column: AttributeColumn, term: FieldTerm): Condition {
  const isNumeric = column.type === 'BIGINT' || column.type === 'DOUBLE'
  if (isNumeric && !isGlob(term))
    return parseNumber(term.value) === undefined ? NEVER : numberCondition(column.column, term)
  if (isOrdering(term.operator)) return numberCondition(`try_cast(${column.column} AS DOUBLE)`, term)
  return textCondition(column.type === 'VARCHAR' ? column.column : `${column.column}::VARCHAR`, term)
}

function restCondition(expression: string, term: FieldTerm): Condition {
  if (isOrdering(term.operator)) return numberCondition(`try_cast(${expression} AS DOUBLE)`, term)
  return textCondition(expression, term)
}

function either(conditions: readonly Condition[]): Condition {
  const [only] = conditions
  if (conditions.length === 1 && only !== undefined) return only
  return {
    sql: `(${conditions.map(({ sql }) => `coalesce(${sql}, false)`).join(' OR ')})`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}
