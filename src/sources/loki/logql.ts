/**
 * A query text as LogQL: which records must Loki send, so that none that matches is missing?
 *
 * LogQL cannot say everything that a query can (words in any case of any script, numbers of any notation, what is missing), so
 * each term is turned into a condition that is never narrower than the term; what Loki sends is held against the query itself
 * (query-text/match.ts) when it has been read. A term that has no such condition is simply not asked for. Negation turns this
 * around, so every term gives both sides: what holds wherever it holds, and what holds wherever it does not.
 */
import { ATTRIBUTE_BY_FLAT_KEY, attributeOfKey, keyOfAttribute, RESOURCE_KEYS } from '../../model/flat-keys.ts'
import * as key from '../../model/semconv.ts'
import { idDigits, severityRange, SPAN_DIGITS, TRACE_DIGITS } from '../../query-text/bounds.ts'
import { isGlob, isOrdering, needNumber, parseNumber } from '../../query-text/compare.ts'
import type { Expression, FieldTerm, WordTerm } from '../../query-text/expression.ts'
import { foldKey } from './fold-key.ts'
import { knownName } from './known-names.ts'
import { anyCaseRegex, asciiCaseRegex, globRegex, isLabelName, literal, numberText, quoted } from './logql-text.ts'

/** A condition on labels; undefined: none, everything. */
type Condition = string | undefined

interface Sides {
  /** Holds for every record for which the term holds. */
  readonly holds: Condition
  /** Holds for every record for which it does not. */
  readonly fails: Condition
}
const NOTHING_KNOWN: Sides = { holds: undefined, fails: undefined }

/** Conditions longer than this are not sent: Loki reads at most 128 KiB. Characters. */
const MAX_QUERY = 64_000
/** LogQL wants at least one label that is not empty; Loki gives a record without a service's name `unknown_service`. */
export const EVERYTHING = '{service_name=~".+"}'

/** @param more  a further condition on labels, of this program and not of a user */
export function toLogql(expression: Expression | undefined, more?: string): string {
  const parts = expression === undefined ? [] : expression.kind === 'and' ? expression.parts : [expression]
  const lines = parts.map(lineFilter)
  const labels = parts.map((part, i) => (lines[i] === undefined ? sidesOf(part).holds : undefined))
  const conditions = [...labels, more].filter((condition) => condition !== undefined)
  const hasLine = conditions.some((condition) => condition.includes(LINE))
  const whole = [
    selectorOf(parts),
    ...lines.filter((line) => line !== undefined),
    ...(hasLine ? [`| label_format ${LINE}=\`{{__line__}}\``] : []),
    ...conditions.map((condition) => `| ${condition}`),
    ...(hasLine ? [`| drop ${LINE}`] : []),
  ].join(' ')
  return whole.length <= MAX_QUERY ? whole : [EVERYTHING, ...(more === undefined ? [] : [`| ${more}`])].join(' ')
}

/** One service is one stream: that is what Loki's index is good for. */
function selectorOf(parts: readonly Expression[]): string {
  const term = parts.find(
    (part) =>
      part.kind === 'field' &&
      SERVICE.has(part.key) &&
      (part.operator === ':' || part.operator === '=') &&
      !isGlob(part) &&
      part.value !== '' &&
      part.value.isWellFormed(),
  ) as FieldTerm | undefined
  return term === undefined ? EVERYTHING : `{service_name=${quoted(term.value)}}`
}

const SERVICE: ReadonlySet<string> = new Set(['service', key.ATTR_SERVICE_NAME])

/**
 * A word is looked for in the line, the cheapest that Loki does. A record without a body shows its event's name instead: its line is
 * empty.
 */
function lineFilter(part: Expression): string | undefined {
  if (part.kind === 'not' && part.part.kind === 'word') {
    const regex = regexOfWord(part.part, asciiCaseRegex)
    return regex === undefined ? undefined : `!~ ${quoted(regex)}`
  }
  const words = part.kind === 'or' ? part.parts : [part]
  const regexes = words.map((word) => (word.kind === 'word' ? regexOfWord(word, anyCaseRegex) : undefined))
  return regexes.includes(undefined) ? undefined : `|~ ${quoted([...regexes, '^$'].join('|'))}`
}

/** The line as a label, for a word that stands beside conditions on labels. */
const LINE = 'tracelog_query_line'

function wordSides(term: WordTerm): Sides {
  const [wide, narrow] = [regexOfWord(term, anyCaseRegex), regexOfWord(term, asciiCaseRegex)]
  return {
    holds: wide === undefined ? undefined : `(${LINE}=~${quoted(`^(?s:.*${wide}.*)$`)} or ${LINE}="")`,
    fails: narrow === undefined ? undefined : `${LINE}!~${quoted(`^(?s:.*${narrow}.*)$`)}`,
  }
}

function regexOfWord({ text, isQuoted }: WordTerm, regexOf: (text: string) => string | undefined): string | undefined {
  if (!text.isWellFormed()) return undefined
  const parts = (isQuoted ? [text] : text.split('*')).map(regexOf)
  return parts.includes(undefined) ? undefined : `(?:${parts.join('(?s:.*)')})`
}

function sidesOf(expression: Expression): Sides {
  switch (expression.kind) {
    case 'word':
      return wordSides(expression)
    case 'field':
      return fieldSides(expression)
    case 'not': {
      const { holds, fails } = sidesOf(expression.part)
      return { holds: fails, fails: holds }
    }
    default: {
      const sides = expression.parts.map(sidesOf)
      const all = { and: 'and', or: 'or' } as const
      const isAnd = expression.kind === all.and
      const holds = sides.map((side) => side.holds)
      const fails = sides.map((side) => side.fails)
      return { holds: isAnd ? allOf(holds) : anyOf(holds), fails: isAnd ? anyOf(fails) : allOf(fails) }
    }
  }
}

function allOf(conditions: readonly Condition[]): Condition {
  const known = conditions.filter((condition) => condition !== undefined)
  return known.length === 0 ? undefined : `(${known.join(' and ')})`
}

function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.includes(undefined) ? undefined : `(${conditions.join(' or ')})`
}

/** Terms that are looked at after reading alone: the time is a range, the message is the line. */
const AFTER_READING: ReadonlySet<string> = new Set(['since', 'until', 'message', 'body'])

function fieldSides(term: FieldTerm): Sides {
  if (AFTER_READING.has(term.key) || !term.value.isWellFormed()) return NOTHING_KNOWN
  switch (term.key) {
    case 'level':
      return levelSides(term)
    case 'trace':
    case 'trace_id':
      return traceSides(term)
    case 'span':
    case 'span_id':
      return idSides('span_id', term, SPAN_DIGITS)
    case 'severity_text':
      return textSides('severity_text', term)
    default:
      return attributeSides(term)
  }
}

/** A record without a number counts by its text, or as INFO: those are sent in any case. */
function levelSides(term: FieldTerm): Sides {
  const { from, to, isNot } = severityRange(term)
  const label = 'severity_number'
  const above = to >= 24 ? undefined : `${label}>${to}`
  const below = from <= 1 ? undefined : `${label}<${from}`
  const bounds = [below && `${label}>=${from}`, above && `${label}<=${to}`].filter((bound) => bound !== undefined)
  const unsure = `${label}=""`
  const within = bounds.length === 0 ? undefined : `((${bounds.join(' and ')}) or ${unsure})`
  const outside = `(${[below, above, unsure].filter((bound) => bound !== undefined).join(' or ')})`
  return isNot ? { holds: outside, fails: within } : { holds: within, fails: outside }
}

/** An id of another system stands in an attribute, and is shown as the trace id. */
function traceSides(term: FieldTerm): Sides {
  const { holds, fails } = idSides('trace_id', term, TRACE_DIGITS)
  if (term.operator === '!=') return { holds, fails: undefined }
  const foreign = idSides(foldKey(key.ATTR_FOREIGN_TRACE_ID), term, TRACE_DIGITS)
  return { holds: anyOf([holds, foreign.holds]), fails }
}

function idSides(label: string, term: FieldTerm, length: number): Sides {
  const digits = idDigits(term, length)
  const isWhole = digits.length === length
  const value = quoted(isWhole ? digits : globRegex(`${digits}*`))
  const is = `${label}${isWhole ? '=' : '=~'}${value}`
  const isNot = `${label}${isWhole ? '!=' : '!~'}${value}`
  return term.operator === '!=' ? { holds: isNot, fails: is } : { holds: is, fails: isNot }
}

/** Keys that mean a label of another name. */
const LABELS: Readonly<Record<string, string>> = {
  service: 'service_name',
  instance: 'service_instance_id',
  logger: 'scope_name',
  scope: 'scope_name',
  event: 'event_name',
  took: foldKey(key.ATTR_RESPONSE_TIME_MS),
  duration: foldKey(key.ATTR_RESPONSE_TIME_MS),
}

/** In a row these may show another attribute: error_type an exception's class, method the original of `_OTHER`. */
const SECOND_SOURCE: Readonly<Record<string, string>> = {
  [key.ATTR_ERROR_TYPE]: key.ATTR_EXCEPTION_TYPE,
  [key.ATTR_HTTP_REQUEST_METHOD]: key.ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
}

function attributeSides(term: FieldTerm): Sides {
  const named = Object.hasOwn(LABELS, term.key) ? LABELS[term.key] : undefined
  const attribute = ATTRIBUTE_BY_FLAT_KEY.get(term.key) ?? attributeOfKey(term.key)
  const sides = labelSides(named ?? foldKey(attribute), term)
  if (!Object.hasOwn(SECOND_SOURCE, attribute)) return sides
  const second = labelSides(foldKey(SECOND_SOURCE[attribute] as string), term)
  return { holds: anyOf([sides.holds, second.holds]), fails: undefined }
}

function labelSides(label: string, term: FieldTerm): Sides {
  if (!isLabelName(label)) return NOTHING_KNOWN
  if (isOrdering(term.operator)) return orderSides(label, term)
  const known = knownName(label)?.kind ?? 'text'
  if (known === 'list') return NOTHING_KNOWN
  const isNumber = (known === 'int' || known === 'double') && parseNumber(term.value) !== undefined && !isGlob(term)
  if (isNumber) return numberSides(label, term)
  return known === 'double' ? NOTHING_KNOWN : textSides(label, term)
}

/** A flat line rounds its milliseconds to three decimals. */
const ROUNDING = 0.001

/** What is no number passes Loki's comparison (with an error on it), and is refused after reading. A missing one does not pass. */
function orderSides(label: string, term: FieldTerm): Sides {
  const slack = knownName(label)?.kind === 'double' ? ROUNDING : 0
  const isLower = term.operator === '>' || term.operator === '>='
  const bound = numberText(needNumber(term) + (isLower ? -slack : slack))
  return { holds: bound === undefined ? undefined : `${label}${term.operator}${bound}`, fails: undefined }
}

function numberSides(label: string, term: FieldTerm): Sides {
  if (term.operator === '!=') return { holds: `${label}!=""`, fails: undefined }
  const number = numberText(needNumber(term))
  const isRounded = knownName(label)?.kind === 'double'
  return { holds: number === undefined || isRounded ? undefined : `${label}==${number}`, fails: undefined }
}

function textSides(label: string, term: FieldTerm): Sides {
  // Loki has no empty values, and a label that is missing equals the empty text there.
  if (term.value === '') return NOTHING_KNOWN
  const glob = isGlob(term)
  const value = quoted(glob ? globRegex(term.value) : term.value)
  const is = `${label}${glob ? '=~' : '='}${value}`
  const isNot = `${label}${glob ? '!~' : '!='}${value}`
  // Neither `key:value` nor `key!=value` holds for a record without the key.
  if (term.operator === '!=') return { holds: `(${isNot} and ${label}!="")`, fails: `(${is} or ${label}="")` }
  return { holds: is, fails: `(${isNot} or ${label}="")` }
}

const SPECIAL: ReadonlySet<string> = new Set([
  'level',
  'trace',
  'trace_id',
  'span',
  'span_id',
  'severity_text',
  key.ATTR_SERVICE_NAME,
  ...RESOURCE_KEYS,
  ...AFTER_READING,
  ...Object.keys(LABELS),
])

/** The query over rows as Loki gives them back: keys that it folds are asked for under their folded name. */
export function foldExpression(expression: Expression): Expression {
  switch (expression.kind) {
    case 'word':
      return expression
    case 'field':
      return { ...expression, key: rowKey(expression.key) }
    case 'not':
      return { kind: 'not', part: foldExpression(expression.part) }
    default:
      return { kind: expression.kind, parts: expression.parts.map(foldExpression) }
  }
}

function rowKey(name: string): string {
  if (SPECIAL.has(name) || ATTRIBUTE_BY_FLAT_KEY.has(name)) return name
  const folded = foldKey(attributeOfKey(name))
  return keyOfAttribute(knownName(folded)?.attribute ?? folded)
}

/** One of these texts exactly, as a condition of this program. */
export function oneOf(label: string, texts: readonly string[]): string {
  return `${label}=~${quoted(`^(?:${texts.map(literal).join('|')})$`)}`
}
