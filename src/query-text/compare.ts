/**
 * How a value is compared: text with globs, numbers, durations. The one place that knows what `:` means.
 */
import { createGlob, hasWildcard } from '../model/glob.ts'
import { parseDuration } from '../model/page-request.ts'
import type { FieldTerm, Operator } from './expression.ts'
import { QuerySyntaxError } from './query-syntax-error.ts'

/** A number as written in a query, or a duration as milliseconds. */
export function parseNumber(text: string): number | undefined {
  if (text.trim() === '') return undefined
  const number = Number(text)
  return Number.isNaN(number) ? parseDuration(text) : number
}

/** @throws QuerySyntaxError that points at the value */
export function needNumber(term: FieldTerm): number {
  const number = parseNumber(term.value)
  if (number !== undefined) return number
  throw new QuerySyntaxError(
    `The value of ${term.key} is "${term.value}"`,
    term.valueAt,
    'a number or a duration (250ms)',
  )
}

export function isOrdering(operator: Operator): boolean {
  return operator !== ':' && operator !== '=' && operator !== '!='
}

export function isGlob(term: { readonly value: string; readonly isQuoted: boolean }): boolean {
  return !term.isQuoted && hasWildcard(term.value)
}

/** One value of a row against a term. */
export function matchesValue(value: unknown, term: FieldTerm): boolean {
  if (value === undefined || value === null) return false
  if (isOrdering(term.operator)) {
    const text = textOf(value)
    return text.trim() !== '' && orders(Number(text), term.operator, needNumber(term))
  }
  const isSame = isGlob(term) ? createGlob(term.value)(textOf(value)) : isEqual(value, term.value)
  return isSame !== (term.operator === '!=')
}

export function orders(value: number, operator: Operator, bound: number): boolean {
  if (operator === '>') return value > bound
  if (operator === '>=') return value >= bound
  if (operator === '<') return value < bound
  return value <= bound
}

function isEqual(value: unknown, text: string): boolean {
  if (textOf(value) === text) return true
  const number = parseNumber(text)
  return typeof value === 'number' && number !== undefined && value === number
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? ''
}
