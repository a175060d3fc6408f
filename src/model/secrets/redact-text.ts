/**
 * Hides secrets inside a text: what has a secret's shape (token-shapes.ts), logins in URLs, and what stands after a secret key.
 *
 * One cheap look (first-look.ts) decides for nearly every text that there is nothing to do.
 */
import { createFirstLook } from './first-look.ts'
import { hideTokens } from './token-shapes.ts'
import { hideUrlLogins } from './url-logins.ts'
import { createSecretKeys, type SecretKeys } from './secret-keys.ts'
import { createPairHider } from './secret-pairs.ts'
import { REDACTED } from './secret-values.ts'

export interface TextRedactorOptions {
  readonly keys?: SecretKeys
  /** The user's own, with the flag `g`; what they match is hidden whole. Default none. */
  readonly patterns?: readonly RegExp[]
}

export function createTextRedactor({ keys = createSecretKeys(), patterns = [] }: TextRedactorOptions = {}): (
  text: string,
) => string {
  const search = createTextSearch(keys)
  const mayHold = createFirstLook(keys)
  const hasOwn = patterns.length > 0
  return (text) => {
    let result = mayHold(text) ? search(text) : text
    if (hasOwn) for (const pattern of patterns) result = result.replace(pattern, hideMatch)
    return result
  }
}

/** The search itself, without the first look. */
export function createTextSearch(keys: SecretKeys): (text: string) => string {
  const hidePairs = createPairHider(keys)
  return (text) => hidePairs(hideUrlLogins(hideTokens(text)))
}

/** A pattern that matches nothing between two characters hides nothing. */
function hideMatch(match: string): string {
  return match === '' ? '' : REDACTED
}
