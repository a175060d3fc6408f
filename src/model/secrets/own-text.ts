/**
 * Hides secrets in what we say ourselves, on stderr and in errors: logins in URLs and what has a secret's shape.
 *
 * Not what stands after secret keys: our sentences name settings (`TRACELOG_TOKEN is ...`) and hold no values of them.
 */
import { createSecretKeys } from './secret-keys.ts'
import { REDACTED } from './secret-values.ts'
import { hideTokens } from './token-shapes.ts'
import { hideUrlLogins } from './url-logins.ts'

export function safeOwnText(text: string): string {
  return hideUrlLogins(hideTokens(text))
}

/** A setting's value, for a sentence that names it. */
export function safeOwnSetting(name: string, value: string): string {
  return createSecretKeys().kindOf(name) === undefined ? safeOwnText(value) : REDACTED
}
