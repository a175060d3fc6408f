/**
 * What the list of a view asks: the address's query and time, as parameters of the API.
 */
import { change, param, place, query } from './state.ts'
import { withoutTerm, withTerm } from './query-tokens.ts'

/** Asked from the current address. */
export function questionOf(): Readonly<Record<string, string>> {
  return { q: query.value, since: param('since'), until: param('until'), order: param('order') }
}

/** Terms that are switched off and kept. */
export function termsOff(): readonly string[] {
  return place.value.params.getAll('off')
}

export function switchTerm(term: string): void {
  const off = termsOff()
  const isOff = off.includes(term)
  const q = isOff ? withTerm(query.value, term) : withoutTerm(query.value, term)
  setTerms(q, isOff ? off.filter((other) => other !== term) : [...off, term])
}

export function dropTerm(term: string): void {
  setTerms(
    withoutTerm(query.value, term),
    termsOff().filter((other) => other !== term),
  )
}

function setTerms(q: string, off: readonly string[]): void {
  change({ q, off })
}

/** Filters by one more term. */
export function addTerm(term: string): void {
  change({ q: withTerm(query.value, term) })
}
