/**
 * Which keys a query knows, what each asks for, and what may be asked of it: the one table of terms.
 *
 * parse.ts refuses what is not in it, so whoever asks (SQL, the matcher of rows, LogQL) meets no term that it cannot ask.
 */
import {
  ATTRIBUTE_BY_FLAT_KEY,
  attributeOfKey,
  FLAT_KEY_BY_ATTRIBUTE,
  keyOfAttribute,
  RESOURCE_KEYS,
} from '../model/flat-keys.ts'
import * as attribute from '../model/semconv.ts'
import { idDigits, patternOf, severityRange, SPAN_DIGITS, timeBound, TRACE_DIGITS } from './bounds.ts'
import { isOrdering, needNumber } from './compare.ts'
import type { FieldTerm, Operator, Subject } from './expression.ts'
import { QuerySyntaxError } from './query-syntax-error.ts'
import { checkRun } from './runs.ts'

/** Longest first: `>=` is not `>` and a value that begins with `=`. */
export const OPERATORS: readonly Operator[] = ['!=', '>=', '<=', ':', '=', '>', '<']
const SAME: readonly Operator[] = [':', '=', '!=']
const IS: readonly Operator[] = [':', '=']

type Kind = Subject['kind']

const SUBJECTS: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['level', { kind: 'level' }],
  ['trace', { kind: 'trace' }],
  ['trace_id', { kind: 'trace' }],
  ['span', { kind: 'span' }],
  ['span_id', { kind: 'span' }],
  ['since', { kind: 'since' }],
  ['until', { kind: 'until' }],
  ['took', { kind: 'duration' }],
  ['duration', { kind: 'duration' }],
  ['message', { kind: 'message' }],
  ['body', { kind: 'message' }],
  ['event', { kind: 'event' }],
  ['severity_text', { kind: 'severityText' }],
  ['logger', { kind: 'scope' }],
  ['scope', { kind: 'scope' }],
  ['name', { kind: 'name' }],
  ['pattern', { kind: 'pattern' }],
  ['run', { kind: 'run' }],
  ['service', resource(attribute.ATTR_SERVICE_NAME)],
  ['instance', resource(attribute.ATTR_SERVICE_INSTANCE_ID)],
  ...[attribute.ATTR_SERVICE_NAME, ...RESOURCE_KEYS].map((key): [string, Subject] => [key, resource(key)]),
])

function resource(key: string): Subject {
  return { kind: 'resource', attribute: key }
}

/** Keys with a meaning of their own, and the short keys of attributes; every other key is an attribute's own. */
export const KNOWN_KEYS: readonly string[] = [...SUBJECTS.keys(), ...ATTRIBUTE_BY_FLAT_KEY.keys()]

interface Rule {
  readonly operators: readonly Operator[]
  /** What the subject is, for a message. */
  readonly is: string
  /** @throws QuerySyntaxError when the value is not what the subject asks for */
  readonly check?: (term: FieldTerm) => unknown
}

const TEXT: Rule = { operators: SAME, is: 'a text' }
const TIME: Rule = { operators: IS, is: 'a bound', check: (term) => timeBound(term, 0) }

const RULES: Readonly<Record<Kind, Rule>> = {
  level: { operators: OPERATORS, is: 'a level', check: severityRange },
  trace: { operators: SAME, is: 'an id', check: (term) => idDigits(term, TRACE_DIGITS) },
  span: { operators: SAME, is: 'an id', check: (term) => idDigits(term, SPAN_DIGITS) },
  since: TIME,
  until: TIME,
  duration: { operators: OPERATORS, is: 'a duration', check: needNumber },
  message: TEXT,
  event: TEXT,
  severityText: TEXT,
  scope: TEXT,
  name: TEXT,
  pattern: { operators: SAME, is: 'a pattern', check: patternOf },
  run: { operators: SAME, is: 'a run', check: checkRun },
  resource: TEXT,
  attribute: {
    operators: OPERATORS,
    is: 'an attribute',
    check: (term) => (isOrdering(term.operator) ? needNumber(term) : undefined),
  },
}

/** What a key asks for. */
export function subjectOf(key: string): Subject {
  return SUBJECTS.get(key) ?? { kind: 'attribute', attribute: ATTRIBUTE_BY_FLAT_KEY.get(key) ?? attributeOfKey(key) }
}

/** The term as it came. @throws QuerySyntaxError when its operator or its value does not fit what its key asks for */
export function checkTerm(term: FieldTerm): FieldTerm {
  const { operators, is, check } = RULES[term.subject.kind]
  if (!operators.includes(term.operator)) {
    const expected = `${operators.slice(0, -1).join(', ')} or ${operators.at(-1)} (${term.key} is ${is})`
    throw new QuerySyntaxError(`The query has "${term.operator}"`, term.at + term.key.length, expected)
  }
  check?.(term)
  return term
}

const ROW_KEYS: Readonly<Partial<Record<Kind, string>>> = {
  level: 'level',
  trace: 'trace_id',
  span: 'span_id',
  since: 'time_ns',
  until: 'time_ns',
  duration: 'response_time_ms',
  message: 'message',
  event: 'event',
  severityText: 'severity_text',
  scope: 'logger',
  name: 'name',
}

/** Under which key a row (a flat line as an object) holds what is asked for. */
export function rowKeyOf(subject: Subject): string {
  if (subject.kind === 'attribute')
    return FLAT_KEY_BY_ATTRIBUTE.get(subject.attribute) ?? keyOfAttribute(subject.attribute)
  if (subject.kind === 'resource')
    return subject.attribute === attribute.ATTR_SERVICE_NAME ? 'service' : subject.attribute
  return ROW_KEYS[subject.kind] ?? subject.kind
}

/** Another attribute that a row shows under an attribute's key. */
export interface StandIn {
  readonly attribute: string
  /** Shown instead of this value; undefined: where the attribute is absent. */
  readonly insteadOf: string | undefined
}

/** As model/flat-line.ts writes it: `error_type` may be an exception's class, `method` the original of `_OTHER`. */
export function standInOf(key: string): StandIn | undefined {
  if (key === attribute.ATTR_ERROR_TYPE) return { attribute: attribute.ATTR_EXCEPTION_TYPE, insteadOf: undefined }
  if (key === attribute.ATTR_HTTP_REQUEST_METHOD)
    return { attribute: attribute.ATTR_HTTP_REQUEST_METHOD_ORIGINAL, insteadOf: '_OTHER' }
  return undefined
}
