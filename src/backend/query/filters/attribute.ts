/**
 * `status>=500`, `user.id:42`: any attribute, by its key or by its short key of the flat line.
 */
import { isGlob, isOrdering, parseNumber } from '../../../query-text/compare.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import { standInOf, type StandIn } from '../../../query-text/terms.ts'
import type { AttributeColumn } from '../../store/store.ts'
import { attributePath } from '../rows/attribute-path.ts'
import { numberCondition, textCondition } from './compare.ts'
import type { Condition, FilterContext, TermFilter } from './filter.ts'
import { NEVER } from './filter.ts'

export function attributeFilter(term: FieldTerm): TermFilter {
  return attributeNamed(term.subject.kind === 'attribute' ? term.subject.attribute : term.key, term)
}

/** @param key  the attribute's own key, whatever the term calls it */
export function attributeNamed(key: string, term: FieldTerm): TermFilter {
  const standIn = standInOf(key)
  if (standIn === undefined) return { condition: (context) => conditionOf(key, term, context) }
  return {
    condition: (context) => {
      const isAway = isReplaced(key, standIn, context)
      const [other, own] = [conditionOf(standIn.attribute, term, context), conditionOf(key, term, context)]
      return {
        sql: `CASE WHEN ${isAway} THEN ${other.sql} ELSE ${own.sql} END`,
        parameters: [...other.parameters, ...own.parameters],
      }
    },
  }
}

/** What a row shows under an attribute's key, as text; NULL where it has none. */
export function shownText(key: string, context: FilterContext): string {
  const standIn = standInOf(key)
  const own = textOf(key, context)
  if (standIn === undefined) return own
  return `CASE WHEN ${isReplaced(key, standIn, context)} THEN ${textOf(standIn.attribute, context)} ELSE ${own} END`
}

function isReplaced(key: string, { attribute, insteadOf }: StandIn, context: FilterContext): string {
  const own = textOf(key, context)
  if (insteadOf === undefined) return `${own} IS NULL`
  // A name of the specification, not of a user.
  return `(coalesce(${own} = '${insteadOf}', false) AND ${textOf(attribute, context)} IS NOT NULL)`
}

/** An attribute as text, wherever it lies. */
function textOf(key: string, { columns }: FilterContext): string {
  const column = columns.find((candidate) => candidate.key === key)
  const inRest = `(rest ->> ${attributePath(key)})`
  if (column === undefined) return inRest
  return column.isMixed ? `coalesce(${column.column}::VARCHAR, ${inRest})` : `${column.column}::VARCHAR`
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
  return {
    sql: `(${conditions.map(({ sql }) => `coalesce(${sql}, false)`).join(' OR ')})`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}
