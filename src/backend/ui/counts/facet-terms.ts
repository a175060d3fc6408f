/**
 * A facet and the query: which of its values are asked for, and the query with one more, one less, or without one. Pure.
 */
import type { Expression } from '../../../query-text/expression.ts'
import { parseQueryText } from '../../../query-text/parse.ts'
import { termOf, termsOf } from '../query-tokens.ts'

/** Values of the key that the query chooses, in its order. */
export function chosenValues(query: string, key: string): readonly string[] {
  return termsOf(query).flatMap((term) => valuesOf(term, key) ?? [])
}

/** Values of the key that the query excludes. */
export function excludedValues(query: string, key: string): readonly string[] {
  return termsOf(query).flatMap((term) => (term.startsWith('-') ? (valuesOf(term.slice(1), key) ?? []) : []))
}

/** A first value is the only one, a second one is an alternative, a chosen one goes. */
export function withValue(query: string, key: string, value: string): string {
  const chosen = chosenValues(query, key)
  const next = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]
  const others = termsOf(query).filter((term) => valuesOf(term, key) === undefined)
  const terms = next.map((each) => termOf(key, each))
  const term = terms.length > 1 ? `(${terms.join(' OR ')})` : (terms[0] ?? '')
  return joined([...others, term])
}

/** Excludes it, or no longer. */
export function withoutValue(query: string, key: string, value: string): string {
  const term = `-${termOf(key, value)}`
  const terms = termsOf(query)
  return joined(terms.includes(term) ? terms.filter((other) => other !== term) : [...terms, term])
}

/** Only from one number to another. */
export function withRange(
  query: string,
  key: string,
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
): string {
  const others = termsOf(query).filter((term) => !isBound(term, key))
  return joined([...others, from === undefined ? '' : `${key}>=${from}`, to === undefined ? '' : `${key}<${to}`])
}

function isBound(term: string, key: string): boolean {
  return ['>=', '<', '>', '<='].some((operator) => term.startsWith(key + operator))
}

function joined(terms: readonly string[]): string {
  return terms
    .map((term) => (terms.length > 1 && isAlternative(term) ? `(${term})` : term))
    .filter((term) => term !== '')
    .join(' ')
}

/** A query with OR outside of parentheses, which is one term of its own. */
function isAlternative(term: string): boolean {
  return !term.startsWith('(') && parsed(term)?.kind === 'or'
}

/** @returns undefined where the term asks for anything else */
function valuesOf(term: string, key: string): readonly string[] | undefined {
  const expression = parsed(term)
  if (expression === undefined) return undefined
  const parts = expression.kind === 'or' ? expression.parts : [expression]
  const values = parts.map((part) =>
    part.kind === 'field' && part.key === key && part.operator === ':' ? part.value : undefined,
  )
  return values.every((value) => value !== undefined) ? values : undefined
}

function parsed(text: string): Expression | undefined {
  try {
    return parseQueryText(text)
  } catch {
    return undefined
  }
}
