/**
 * What the terms that hold for a whole query say: its bounds in time, and what is left of it without the terms on one field.
 */
import { timeBound } from './bounds.ts'
import type { Expression, FieldTerm, Subject } from './expression.ts'

/** Nanoseconds since the epoch; `until` is excluded. */
export interface QueryTimes {
  readonly since: bigint | undefined
  readonly until: bigint | undefined
}

/** The narrowest bounds that hold for all of it. */
export function timesOf(expression: Expression | undefined, nowMillis: number): QueryTimes {
  const parts = topParts(expression)
  const bounds = (kind: 'since' | 'until'): bigint[] =>
    parts.flatMap((part) => (part.kind === 'field' && part.subject.kind === kind ? [timeBound(part, nowMillis)] : []))
  return {
    since: bounds('since').reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined),
    until: bounds('until').reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined),
  }
}

/** Without the parts that ask of nothing but this; undefined: nothing is left, all match. */
export function withoutSubject(expression: Expression | undefined, subject: Subject): Expression | undefined {
  const parts = topParts(expression)
  const left = parts.filter((part) => !termsOf(part).every((term) => term.kind === 'field' && isOf(term, subject)))
  if (left.length === parts.length) return expression
  return left.length <= 1 ? left[0] : { kind: 'and', parts: left }
}

export type Term = Extract<Expression, { kind: 'word' | 'field' }>

/** All of its terms, in the order of the text. */
export function termsOf(expression: Expression | undefined): Term[] {
  if (expression === undefined) return []
  switch (expression.kind) {
    case 'word':
    case 'field':
      return [expression]
    case 'not':
      return termsOf(expression.part)
    default:
      return expression.parts.flatMap(termsOf)
  }
}

/** What must hold, all of it. */
export function topParts(expression: Expression | undefined): readonly Expression[] {
  if (expression === undefined) return []
  return expression.kind === 'and' ? expression.parts.flatMap(topParts) : [expression]
}

function isOf(term: FieldTerm, subject: Subject): boolean {
  if (term.subject.kind !== subject.kind) return false
  return !('attribute' in term.subject) || ('attribute' in subject && term.subject.attribute === subject.attribute)
}
