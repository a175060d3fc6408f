/**
 * Does a row match a query text? Rows are flat lines as objects (LogRow), from wherever they come.
 *
 * Pure: what a term means is decided here for arrived rows; backend/query/filters/ says the same in SQL for stored ones.
 */
import { ATTRIBUTE_BY_FLAT_KEY, FLAT_KEY_BY_ATTRIBUTE, RESOURCE_KEYS } from '../model/flat-keys.ts'
import { createGlob } from '../model/glob.ts'
import { severityOfLevelName } from '../model/severity.ts'
import { DEFAULT_SEVERITY, idDigits, severityRange, SPAN_DIGITS, timeBound, TRACE_DIGITS } from './bounds.ts'
import { isOrdering, matchesValue, needNumber } from './compare.ts'
import type { Expression, FieldTerm, WordTerm } from './expression.ts'
import { parseQueryText } from './parse.ts'

/** Under it a row may have the text that words are looked for in, where that is more than its message. */
export const WHOLE_LINE: unique symbol = Symbol('whole line')

/** A flat line as an object (LogRow, a line of a file, or a span's fields under the same names). */
type RowFields = Readonly<Record<string, unknown>> & { readonly [WHOLE_LINE]?: string }
/** Whether a row is meant. Never throws, whatever its values are. */
export type Matcher = (row: RowFields) => boolean

type FieldMatcher = (term: FieldTerm, nowMillis: number) => Matcher

/** Terms that ask for something else than an attribute of the record. */
const SPECIAL: ReadonlyMap<string, FieldMatcher> = new Map<string, FieldMatcher>([
  ['level', levelMatcher],
  ['service', (term) => valueMatcher('service', term)],
  ['service.name', (term) => valueMatcher('service', term)],
  ...RESOURCE_KEYS.map((key): [string, FieldMatcher] => [key, (term) => valueMatcher(key, term)]),
  ['instance', (term) => valueMatcher('service.instance.id', term)],
  ['trace', (term) => idMatcher('trace_id', term, TRACE_DIGITS)],
  ['trace_id', (term) => idMatcher('trace_id', term, TRACE_DIGITS)],
  ['span', (term) => idMatcher('span_id', term, SPAN_DIGITS)],
  ['span_id', (term) => idMatcher('span_id', term, SPAN_DIGITS)],
  ['logger', (term) => valueMatcher('logger', term)],
  ['scope', (term) => valueMatcher('logger', term)],
  ['since', timeMatcher],
  ['until', timeMatcher],
  ['took', durationMatcher],
  ['duration', durationMatcher],
  ['event', (term) => valueMatcher('event', term)],
  ['name', (term) => valueMatcher('name', term)],
  ['severity_text', (term) => valueMatcher('severity_text', term)],
  ['message', (term) => valueMatcher('message', term)],
  ['body', (term) => valueMatcher('message', term)],
])

/**
 * @param text  undefined or blank: everything matches
 * @throws QuerySyntaxError
 */
export function compileMatcher(text: string | undefined, nowMillis: number = Date.now()): Matcher {
  const expression = parseQueryText(text ?? '')
  return expression === undefined ? () => true : matcherOf(expression, nowMillis)
}

/** @throws QuerySyntaxError when the value of a term is not what its key asks for */
export function matcherOf(expression: Expression, nowMillis: number): Matcher {
  switch (expression.kind) {
    case 'word':
      return wordMatcher(expression)
    case 'field':
      return (SPECIAL.get(expression.key) ?? attributeMatcher)(expression, nowMillis)
    case 'not': {
      const inner = matcherOf(expression.part, nowMillis)
      return (row) => !inner(row)
    }
    default: {
      const parts = expression.parts.map((part) => matcherOf(part, nowMillis))
      return expression.kind === 'and'
        ? (row) => parts.every((matches) => matches(row))
        : (row) => parts.some((matches) => matches(row))
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

function valueMatcher(key: string, term: FieldTerm): Matcher {
  return (row) => matchesValue(row[key], term)
}

function attributeMatcher(term: FieldTerm): Matcher {
  if (isOrdering(term.operator)) needNumber(term)
  return valueMatcher(flatKeyOf(term.key), term)
}

/** A row's key for an attribute that was named by its own key or by its short one. */
export function flatKeyOf(key: string): string {
  return FLAT_KEY_BY_ATTRIBUTE.get(ATTRIBUTE_BY_FLAT_KEY.get(key) ?? key) ?? key
}

function durationMatcher(term: FieldTerm): Matcher {
  needNumber(term)
  return valueMatcher('response_time_ms', term)
}

function idMatcher(key: string, term: FieldTerm, length: number): Matcher {
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
  const isSince = term.key === 'since'
  return (row) => {
    const time = timeOfRow(row)
    return isSince ? time >= bound : time < bound
  }
}

/** Nanoseconds since the epoch; `0n` without one, and for what another program calls `time_ns`. */
export function timeOfRow({ time_ns: time }: RowFields): bigint {
  return typeof time === 'string' && /^\d{1,20}$/.test(time) ? BigInt(time) : 0n
}
