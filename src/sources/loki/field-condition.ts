/**
 * One `key<op>value` as a condition on Loki's labels: where it may hold, and where it may not.
 *
 * Never narrower than the term: what Loki sends is held against the query when it has been read (logql.ts says why).
 */
import * as key from '../../model/semconv.ts'
import { idDigits, severityRange, SPAN_DIGITS, TRACE_DIGITS } from '../../query-text/bounds.ts'
import { isGlob, isOrdering, needNumber, parseNumber } from '../../query-text/compare.ts'
import type { FieldTerm, Subject } from '../../query-text/expression.ts'
import { standInOf } from '../../query-text/terms.ts'
import { foldKey } from './fold-key.ts'
import { knownName } from './known-names.ts'
import { globRegex, isLabelName, numberText, quoted } from './logql-text.ts'

/** A condition on labels; undefined: none, everything. */
export type Condition = string | undefined

export interface Sides {
  /** Holds for every record for which the term holds. */
  readonly holds: Condition
  /** Holds for every record for which it does not. */
  readonly fails: Condition
}

const NOTHING_KNOWN: Sides = { holds: undefined, fails: undefined }

export function fieldSides(term: FieldTerm): Sides {
  if (!term.value.isWellFormed()) return NOTHING_KNOWN
  const { subject } = term
  switch (subject.kind) {
    // These are compared after reading: the time is a range, the message is the line.
    case 'since':
    case 'until':
    case 'message':
    case 'pattern':
    case 'run':
      return NOTHING_KNOWN
    case 'level':
      return levelSides(term)
    case 'trace':
      return traceSides(term)
    case 'span':
      return idSides('span_id', term, SPAN_DIGITS)
    case 'attribute':
      return attributeSides(subject.attribute, term)
    default:
      return labelSides(labelOf(subject), term)
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

const LABELS: Readonly<Partial<Record<Subject['kind'], string>>> = {
  severityText: 'severity_text',
  scope: 'scope_name',
  event: 'event_name',
  name: 'name',
  duration: foldKey(key.ATTR_RESPONSE_TIME_MS),
}

function labelOf(subject: Exclude<Subject, { kind: 'attribute' }>): string {
  if (subject.kind === 'resource') return foldKey(subject.attribute)
  return LABELS[subject.kind] ?? subject.kind
}

/** A row may show another attribute under the same key. */
function attributeSides(attribute: string, term: FieldTerm): Sides {
  const own = labelSides(foldKey(attribute), term)
  const standIn = standInOf(attribute)
  if (standIn === undefined) return own
  return { holds: anyOf([own.holds, labelSides(foldKey(standIn.attribute), term).holds]), fails: undefined }
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

export function allOf(conditions: readonly Condition[]): Condition {
  const known = conditions.filter((condition) => condition !== undefined)
  return known.length === 0 ? undefined : `(${known.join(' and ')})`
}

export function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.includes(undefined) ? undefined : `(${conditions.join(' or ')})`
}
