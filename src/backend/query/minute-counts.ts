/**
 * Counts of records by minute, service and severity, kept at each roll: enough for a histogram whose steps are whole minutes and whose
 * query asks for nothing else. Minutes of which a part was asked for are counted from their records.
 */
import { ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import { floorTo } from '../../model/time-step.ts'
import type { Expression, FieldTerm, Subject } from '../../query-text/expression.ts'
import { topParts } from '../../query-text/top-terms.ts'
import type { SqlParameter, Store } from '../store/store.ts'
import type { Counted, CountedRange } from './count-request.ts'
import { type CountedRows, countedRows } from './counted-rows.ts'
import { textCondition } from './filters/compare.ts'
import type { Condition } from './filters/filter.ts'
import type { TimeRange } from './time-range.ts'
import { levelFilter } from './filters/level.ts'
import { LOG_LEVEL } from './filters/value.ts'

const MINUTE_MILLIS = 60_000
const MINUTE = 60_000_000_000n

export interface MinutesQuestion {
  readonly of: Counted
  readonly expression: Expression | undefined
  readonly range: CountedRange
  readonly subject: Subject | 'outcome'
  readonly stepMillis: number
  readonly nowMillis: number
}

/** A SELECT of `t`, `v0` and `c`, so many records. @returns undefined when the minutes cannot tell */
export function minuteCounts(store: Store, question: MinutesQuestion): CountedRows | undefined {
  const { of, expression, range, subject, stepMillis, nowMillis } = question
  const value = valueOf(subject)
  const condition = conditionOf(expression)
  if (of !== 'logs' || stepMillis % MINUTE_MILLIS !== 0 || range.from < 0n) return undefined
  if (value === undefined || condition === undefined) return undefined
  const { from, to } = wholeMinutes(range)
  if (from >= to) return undefined
  const edges = [
    { from: range.from, to: from - 1n },
    { from: to, to: range.to },
  ].filter((edge) => edge.from <= edge.to)
  const ofEdges = edges.map((edge) =>
    countedRows(store, { of: 'logs', expression, range: edge, subjects: [subject], nowMillis }),
  )
  const whole = `SELECT m * ${MINUTE} AS t, ${value} AS v0, c FROM log_minutes
    WHERE m >= ${from / MINUTE} AND m < ${to / MINUTE} AND ${condition.sql}`
  return {
    sql: [whole, ...ofEdges.map(({ sql }) => `SELECT t, v0, 1 AS c FROM (${sql})`)].join(' UNION ALL '),
    parameters: [...condition.parameters, ...ofEdges.flatMap(({ parameters }): readonly SqlParameter[] => parameters)],
  }
}

/** A minute in which something is stored is whole, unless less of it was asked for. */
function wholeMinutes(range: CountedRange): TimeRange {
  const { since, until } = range
  const [first, last] = [floorTo(range.from, MINUTE), floorTo(range.to, MINUTE) + MINUTE]
  return {
    from: since !== undefined && since > first ? first + MINUTE : first,
    to: until !== undefined && until < last ? last - MINUTE : last,
  }
}

function valueOf(subject: Subject | 'outcome'): string | undefined {
  if (subject === 'outcome') return undefined
  if (subject.kind === 'level') return LOG_LEVEL
  return isService(subject) ? `nullif(service, '')` : undefined
}

/** Of a conjunction: the bounds in time are in the range already. */
function conditionOf(expression: Expression | undefined): Condition | undefined {
  const conditions = topParts(expression)
    .filter((part) => part.kind !== 'field' || (part.subject.kind !== 'since' && part.subject.kind !== 'until'))
    .map(partCondition)
  if (conditions.includes(undefined)) return undefined
  const known = conditions.filter((condition) => condition !== undefined)
  return {
    sql: ['true', ...known.map(({ sql }) => `(${sql})`)].join(' AND '),
    parameters: known.flatMap(({ parameters }) => parameters),
  }
}

function partCondition(part: Expression): Condition | undefined {
  if (part.kind === 'not') {
    const inner = partCondition(part.part)
    return inner === undefined ? undefined : { ...inner, sql: `NOT coalesce(${inner.sql}, false)` }
  }
  return part.kind === 'field' ? termCondition(part) : undefined
}

function termCondition(term: FieldTerm): Condition | undefined {
  if (term.subject.kind === 'level') return levelFilter(term).condition({ signal: 'logs', columns: [], nowMillis: 0 })
  return isService(term.subject) ? textCondition('service', term) : undefined
}

function isService(subject: Subject): boolean {
  return subject.kind === 'resource' && subject.attribute === ATTR_SERVICE_NAME
}
