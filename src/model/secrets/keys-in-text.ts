/**
 * Which key stands before this place of a text, and is it a secret's? Reads backwards, within a bounded window.
 */
import { type Extent, isQuote, isQuoteCode } from './quoted-values.ts'
import type { SecretKeys } from './secret-keys.ts'
import { SECRET_WORDS, type SecretKind } from './secret-words.ts'

/** A secret key as it stands in a text, without its quotes. */
export interface TextKey extends Extent {
  readonly text: string
  readonly kind: SecretKind
  readonly isQuoted: boolean
  readonly isInQuery: boolean
}

const MAX_KEY = 96
const MAX_BACKSLASHES = 15

/** What keys are made of: `user[password]`, `db.password`, `$token`, `user%5Bpassword%5D`, `x-api-key`. */
const KEY_CHARACTER = new Uint8Array(128)
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.[]%-') {
  KEY_CHARACTER[character.charCodeAt(0)] = 1
}

/** The last words of keys that are written with blanks: `Api Key: x`. */
const LAST_WORDS = new Set(
  SECRET_WORDS.filter(({ word }) => word.includes(' ')).map(({ word }) => word.split(' ').at(-1)),
)

/**
 * @param end  behind the key and its closing quote
 * @param min  nothing before it is looked at
 */
export function keyBefore(text: string, end: number, min: number, keys: SecretKeys): TextKey | undefined {
  const keyEnd = nameEnd(text, end)
  const isQuoted = keyEnd < end
  if (!keys.fits(text, keyEnd)) return undefined
  const start = startOfKey(text, keyEnd, min)
  if (start === keyEnd) return undefined
  const mark = text[start - 1]
  const isInQuery = mark === '?' || mark === '&'
  const name = text.slice(start, keyEnd)
  const kind = isInQuery ? keys.kindInQuery(name) : keys.kindOf(name)
  if (kind !== undefined)
    return { start, end: keyEnd, text: name, kind, isQuoted: isQuoted && isQuote(opening(text, start)), isInQuery }
  return mark === ' ' && LAST_WORDS.has(name.toLowerCase()) ? keyOfWords(text, start, keyEnd, keys) : undefined
}

/** Before the closing quote and its backslashes, where there is one. */
export function nameEnd(text: string, end: number): number {
  if (end === 0 || !isQuoteCode(text.charCodeAt(end - 1))) return end
  let before = end - 1
  while (end - before <= MAX_BACKSLASHES && text[before - 1] === '\\') before--
  return before
}

function startOfKey(text: string, end: number, min: number): number {
  const lowest = Math.max(min, end - MAX_KEY)
  let start = end
  while (start > lowest && KEY_CHARACTER[text.charCodeAt(start - 1)] === 1) start--
  // `\r\nCookie`, as inspect and JSON write a line's end: the n belongs to it.
  if (text[start - 1] === '\\' && start + 1 < end && /[nrt]/.test(text[start] as string)) start++
  while (start < end && /[-[.]/.test(text[start] as string)) start++
  return start
}

/** Before `'--password'` too. */
function opening(text: string, start: number): string | undefined {
  let at = start - 1
  while (at > start - 3 && text[at] === '-') at--
  return text[at]
}

/** `Api Key`, `one time code`. */
function keyOfWords(text: string, start: number, end: number, keys: SecretKeys): TextKey | undefined {
  const before = /(?:[A-Za-z]{1,20} )?[A-Za-z]{1,20} $/.exec(text.slice(Math.max(0, start - 42), start))?.[0]
  if (before === undefined) return undefined
  const name = before + text.slice(start, end)
  const kind = keys.kindOf(name)
  return kind === undefined
    ? undefined
    : { start: start - before.length, end, text: name, kind, isQuoted: false, isInQuery: false }
}
