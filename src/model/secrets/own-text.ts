/**
 * Hides secrets in what we say ourselves, on stderr and in errors: logins in URLs and what has a secret's shape.
 *
 * Not what stands after secret keys: our sentences name settings (`TRACELOG_TOKEN is ...`) and hold no values of them.
 */
import { hideTokens } from './token-shapes.ts'
import { hideUrlLogins } from './url-logins.ts'

export function safeOwnText(text: string): string {
  return hideUrlLogins(hideTokens(text))
}
