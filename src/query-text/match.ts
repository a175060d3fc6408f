/**
 * Does a row match a query text? Rows are flat lines as objects (LogRow), from wherever they come.
 *
 * Pure: what a term means is decided here for arrived rows; backend/query/filters/ says the same in SQL for stored ones.
 */
import { createGlob } from '../model/glob.ts'
import { patternOfRow } from '../model/pattern.ts'
import { severityOfLevelName } from '../model/severity.ts'
import { DEFAULT_SEVERITY, idDigits, patternOf, severityRange, SPAN_DIGITS, timeBound, TRACE_DIGITS } from './bounds.ts'
import { matchesValue } from './compare.ts'
import type { Expression, FieldTerm, WordTerm } from './expression.ts'
import { parseQueryText } from './parse.ts'
import { isOfRun, runPrefix } from './runs.ts'
import { rowKeyOf } from './terms.ts'

/** Under it a row may have the text that words are looked for in, where that is more than its message. */
export const WHOLE_LINE: unique symbol = Symbol('whole line')

/** A flat line as an object (LogRow, a line of a file, or a span's fields under the same names). */
type RowFields = Readonly<Record<string, unknown>> & { readonly [WHOLE_LINE]?: string }
/** Whether a row is meant. Never throws, whatever its values are. @param run  id of the run that it is of, where that is known */
export type Matcher = (row: RowFields, run?: unknown) => boolean

/**
 * @param text  undefined or blank: everything matches
 * @throws QuerySyntaxError
 */
export function compileMatcher(text: string | undefined, nowMillis: number = Date.now()): Matcher {
  const expression = parseQueryText(text ?? '')
  return expression === undefined ? () => true : matcherOf(expression, nowMillis)
}

export function matcherOf(expression: Expression, nowMillis: number): Matcher {
  switch (expression.kind) {
    case 'word':
      return wordMatcher(expression)
    case 'field':
      return fieldMatcher(expression, nowMillis)
    case 'not': {
      const inner = matcherOf(expression.part, nowMillis)
      return (row, run) => !inner(row, run)
    }
    default: {
      const parts = expression.parts.map((part) => matcherOf(part, nowMillis))
      return expression.kind === 'and'
        ? (row, run) => parts.every((matches) => matches(row, run))
        : (row, run) => parts.some((matches) => matches(row, run))
    }
  }
}

/** In any case; `*` is any text unless it was quoted. */
function wordMatcher(term: WordTerm): Matcher {
  const text = term.text.toLowerCase()
  const matches = term.isQuoted ? (message: string) => message.includes(text) : createGlob(`*${text}*`)
  return (row) => {
    const searched = row[WHOLE_LINE] ?? row['message']
    return matches(typeof searched === 'string' ? searched.toLowerCase() : '')
  }
}

function fieldMatcher(term: FieldTerm, nowMillis: number): Matcher {
  switch (term.subject.kind) {
    case 'level':
      return levelMatcher(term)
    case 'trace':
      return idMatcher(term, TRACE_DIGITS)
    case 'span':
      return idMatcher(term, SPAN_DIGITS)
    case 'pattern': {
      const pattern = patternOf(term)
      return (row) => (patternOfRow(row) === pattern) !== (term.operator === '!=')
    }
    case 'run': {
      const prefix = runPrefix(term)
      return (row, run) => isOfRun(row, run, prefix) !== (term.operator === '!=')
    }
    case 'since':
    case 'until':
      return timeMatcher(term, nowMillis)
    default: {
      const key = rowKeyOf(term.subject)
      return (row) => matchesValue(row[key], term)
    }
  }
}

function idMatcher(term: FieldTerm, length: number): Matcher {
  const key = rowKeyOf(term.subject)
  const digits = idDigits(term, length)
  return (row) => {
    const id = row[key]
    return (typeof id === 'string' && id.startsWith(digits)) !== (term.operator === '!=')
  }
}

function levelMatcher(term: FieldTerm): Matcher {
  const { from, to, isNot } = severityRange(term)
  return (row) => {
    const level = row['level']
    const severity = severityOfLevelName(typeof level === 'string' ? level : '') ?? DEFAULT_SEVERITY
    return (severity >= from && severity <= to) !== isNot
  }
}

function timeMatcher(term: FieldTerm, nowMillis: number): Matcher {
  const bound = timeBound(term, nowMillis)
  const isSince = term.subject.kind === 'since'
  return (row) => {
    const time = timeOfRow(row)
    return isSince ? time >= bound : time < bound
  }
}

/** Nanoseconds since the epoch; `0n` without one, and for what another program calls `time_ns`. */
export function timeOfRow({ time_ns: time }: RowFields): bigint {
  return typeof time === 'string' && /^\d{1,20}$/.test(time) ? BigInt(time) : 0n
}
