/**
 * May this value stand, although its key says secret? What stands for a hidden one.
 */
import type { AnyValue } from '../any-value.ts'
import { isSaid } from './said-words.ts'
import type { SecretKind } from './secret-words.ts'

/** What stands for a value that is hidden. */
export const REDACTED = '[redacted]'

/** From here on a number is no count: codes have six digits. */
const MAX_COUNT = 99_999

const SHORT_NUMBER = /^\d{1,5}$/
const PLAIN_WORDS = /^[A-Za-z]{1,15}(?:[-_. ][A-Za-z]{1,15}){0,3}$/
const SHORT_CODE = /^(?:[A-Z]{2,3}|[a-z]{2})$/
/** `/home/ann`, `~/a`, `C:\`, `file:///`. */
const ABSOLUTE_PATH = /^(?:~?\/|[A-Za-z]:[\\/]|file:\/\/)/
/** What others write where a secret was, or will be: `***`, `[FILTERED]`, `${TOKEN}`, `{{ token }}`, `%s`, `$1`. */
const PLACEHOLDER =
  /^(?:[*•x.…_-]{3,}|[[<(]?(?:redacted|filtered|masked|hidden|removed|secret|omitted|none|empty)[\])>]?|\$\{[^}]*\}?|\$[A-Z_][A-Z0-9_]*|\$\d{1,2}|\{\{.*|<[\w .-]{1,40}>|%[sdifjoOc]|%\([\w.]{1,40}\)s|:[a-z]\w{0,40}|\?)$/i

/** A text under a word of that kind; empty ones are harmless. */
export function isSecretText(kind: SecretKind, text: string): boolean {
  if (text === '' || isPlaceholder(text)) return false
  switch (kind) {
    case 'count':
      return !SHORT_NUMBER.test(text) && !isSaid(text)
    case 'directory':
      return !ABSOLUTE_PATH.test(text)
    case 'opaque':
      return !SHORT_NUMBER.test(text) && !(text.length < 64 && PLAIN_WORDS.test(text))
    case 'code':
      return !SHORT_NUMBER.test(text) && !SHORT_CODE.test(text)
    default:
      return true
  }
}

/** The same for any value. A flag or the absence of a value is no secret: `session: true`, `token: null`. */
export function isSecretValue(kind: SecretKind, value: AnyValue): boolean {
  if (typeof value === 'string') return value === REDACTED || isSecretText(kind, value)
  if (typeof value === 'boolean' || value === null) return false
  const isLenient = kind !== 'any' && kind !== 'directory'
  if (typeof value === 'number' || typeof value === 'bigint')
    return !isLenient || value > MAX_COUNT || value < -MAX_COUNT
  return kind !== 'opaque' && !isEmpty(value)
}

export function isPlaceholder(text: string): boolean {
  return text.length < 64 && PLACEHOLDER.test(text)
}

function isEmpty(value: object): boolean {
  for (const _key in value) return false
  return true
}
