/**
 * Which keys of a query are probably misspelt? A key that no record has is no error, but whoever asked should hear of it.
 */
import { editsBetween } from '../../model/nearest.ts'
import type { Expression } from '../../query-text/expression.ts'
import { KNOWN_KEYS } from '../../query-text/terms.ts'
import { termsOf } from '../../query-text/top-terms.ts'
import type { Store } from '../store/store.ts'
import { columnKeys, otherKeys } from './known-keys.ts'

const MOST_EDITS = 2
/** In a shorter key two edits make anything of anything. */
const SHORTEST_FOR_TWO = 5
/** Longer ones are not compared: the work grows with the product of the lengths. */
const MAX_LENGTH = 64
const KNOWN: ReadonlySet<string> = new Set(KNOWN_KEYS)

/** @returns nothing to add where all is well */
export async function hintsOf(
  store: Store,
  expression: Expression | undefined,
): Promise<{ readonly hints?: readonly string[] }> {
  const asked = termsOf(expression).flatMap((term) => (term.kind === 'field' && !KNOWN.has(term.key) ? [term.key] : []))
  const columns = columnKeys(store)
  const unknown = [...new Set(asked)].filter((key) => !columns.has(key))
  if (unknown.length === 0) return {}
  const others = await otherKeys(store)
  const candidates = [...new Set([...columns, ...others, ...KNOWN_KEYS])]
  const hints = unknown.flatMap((key) => {
    const meant = others.has(key) ? undefined : meantKey(key, candidates)
    return meant === undefined ? [] : [`no record has ${key}; ${meant} exists`]
  })
  return hints.length === 0 ? {} : { hints }
}

/** The same but for its separators, or with the fewest edits, two at most. */
export function meantKey(key: string, candidates: readonly string[]): string | undefined {
  if (key.length > MAX_LENGTH) return undefined
  const bare = bareKey(key)
  const same = candidates.find((candidate) => bareKey(candidate) === bare)
  if (same !== undefined) return same
  let fewest = (key.length < SHORTEST_FOR_TWO ? 1 : MOST_EDITS) + 1
  let meant: string | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - key.length) >= fewest) continue
    const edits = editsBetween(key.toLowerCase(), candidate.toLowerCase())
    if (edits >= fewest) continue
    fewest = edits
    meant = candidate
  }
  return meant
}

function bareKey(key: string): string {
  return key.toLowerCase().replaceAll(/[._-]/g, '')
}
