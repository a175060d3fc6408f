/**
 * Where does a value without quotes end, and is it one at all? `password: hunter2` is a secret, `password: must be long` a sentence,
 * `token = getToken()` code.
 */
import type { TextKey } from './keys-in-text.ts'
import { backslashesBefore, type Extent, isQuote } from './quoted-values.ts'
import { isSaid } from './said-words.ts'
import { isSecretText, REDACTED } from './secret-values.ts'

/** What stands between key and value, with the blanks around it. */
export type BareStyle = '=' | ' = ' | ': ' | ':'

export interface BareContext {
  readonly text: string
  readonly key: TextKey
  /** Where the value begins. */
  readonly at: number
  readonly style: BareStyle
}

/** To the next blank; what may end a value ends it only before a blank, a quote, a bracket or the next key. */
const BARE = /(?:[^\s&;,"'`<>()\\[\]{}|]|[&;,(|[{\]})](?![\s"'`\])},;]|[\w.-]{1,40}=|$)|\\(?![nrt"'\\]))+/y
const IN_QUERY = /[^&#\s"'`<>\\]+/y
/** Passphrases go to the line's end. */
const PHRASE = /phrase|mnemonic/i
const LINE = /[^\r\n\\"'`]+/y

/** Source code, where blanks stand around the separator: a call, a field of something, a keyword, a condition. */
const CODE =
  /^(?:[A-Za-z_$][\w$.]*[([]|[!(/<*]|(?:await|new|function|async|typeof|import|require|class)$|(?:process|req|request|res|response|this|self|import\.meta)[.?[]|[A-Z]\w*[<[|]|=>|[A-Za-z_$]+(?:\??\.[A-Za-z_$]+)+$|(?:is|has|get|set|make|create|parse|new|old|user|to|no|the|my|with)(?:[A-Z][a-z]+){1,4}$)/
/** A name of two words and more, as in source code. */
const IDENTIFIER = /^[A-Za-z][a-z]+(?:[A-Z][a-z]+){1,5}$/
const IS_PASSWORD = /passw|passphrase|passcode|pwd/i

/** @returns where the secret stands; `undefined`: there is none */
export function bareValue({ text, key, at, style }: BareContext): Extent | undefined {
  // Before the value is read: a path is not moved on behind, and would be read again from its next word on.
  if (key.kind === 'directory' && !isSecretText('directory', text.slice(at, at + 16))) return undefined
  const isInQuery = style === '=' && key.isInQuery
  const pattern = isInQuery ? IN_QUERY : PHRASE.test(key.text) && style === ': ' ? LINE : BARE
  pattern.lastIndex = at
  if (!pattern.test(text)) return undefined
  const end = pattern.lastIndex
  // A dot ends a sentence, a colon begins a list: neither is the value's.
  const value = text.slice(at, end).replace(/[.,;:!?)]{1,4}$/, '')
  if (value === '' || !isSecretText(key.kind, value)) return undefined
  if (!isInQuery && isHarmless({ text, key, at, style }, value)) return undefined
  return { start: at, end: isInQuery ? end : at + value.length }
}

/** A word of the language and two more: `secret: santa is on friday`. */
const SENTENCE = /[a-z]{1,15},? [a-z]{1,15},? [a-z]{1,15}(?:[ ,.!?]|$)/y

function isHarmless({ text, key, at, style }: BareContext, value: string): boolean {
  if (isSaid(value) || (value.includes(' ') && isSaid(value.slice(0, value.indexOf(' '))))) return true
  SENTENCE.lastIndex = at
  if (style === ': ' && SENTENCE.test(text)) return true
  if ((style === ': ' || style === ' = ') && isCode(text[at + value.length], key, value)) return true
  if (
    /\b(?:unexpected|invalid|illegal|unknown|missing|next)\s$/i.test(text.slice(Math.max(0, key.start - 12), key.start))
  ) {
    return key.text.toLowerCase() === 'token' && !/\d/.test(value)
  }
  // `session:*`, `token:refresh`: parts of a name, unless it looks like a secret.
  if (style !== ':' || IS_PASSWORD.test(key.text)) return false
  return /^\d{1,5}:/.test(value) || !(value.length >= 16 || /\d/.test(value))
}

/** @param next  the character behind the value */
function isCode(next: string | undefined, key: TextKey, value: string): boolean {
  if (CODE.test(value)) return true
  if ((next === '(' || next === '[') && /^[A-Za-z_$][\w$.]*$/.test(value)) return true
  return !IS_PASSWORD.test(key.text) && IDENTIFIER.test(value)
}

/** A scheme whose word alone goes, so that the header can still be told. */
const SCHEME = /(?:basic|bearer|negotiate|token|apikey)\s{1,4}(?=[^\s"',;])/iy
const LONG_SCHEME = /(?:digest|oauth|hawk|mac|signature|aws4-hmac-sha256|ntlm|hmac)\s{1,4}(?=\S)/iy
const CREDENTIALS = /[^\s"'`,;\\]+/y
const COOKIE_PAIR = /[^\s=;,"']{1,256}=/y

/** @returns the value of Cookie, Set-Cookie or Authorization in a dump of headers; `null`: nothing secret; `undefined`: none of those */
export function headerValue(text: string, key: TextKey, at: number): Extent | null | undefined {
  if (/cookie/i.test(key.text)) {
    COOKIE_PAIR.lastIndex = at
    return COOKIE_PAIR.test(text) ? { start: at, end: endOfHeader(text, at, key) } : undefined
  }
  LONG_SCHEME.lastIndex = at
  if (LONG_SCHEME.test(text)) {
    const start = LONG_SCHEME.lastIndex
    return text.startsWith(REDACTED, start) ? null : { start, end: endOfLine(text, start, key) }
  }
  SCHEME.lastIndex = at
  if (!SCHEME.test(text)) return undefined
  const start = SCHEME.lastIndex
  CREDENTIALS.lastIndex = start
  CREDENTIALS.test(text)
  const value = text.slice(start, CREDENTIALS.lastIndex)
  const isSentence = isSaid(value.replace(/[.:]$/, ''))
  return isSentence || !isSecretText('any', value) ? null : { start, end: start + value.length }
}

/** The line's end, also where it is written `\r\n`; the quote that the header stands in; one that ends a JSON text. */
function endOfHeader(text: string, from: number, key: TextKey): number {
  return endBy(text, from, key, /^\s{0,4}(?:[,}\])]|$)/)
}

/** The same where quotes and commas are part of the value. */
function endOfLine(text: string, from: number, key: TextKey): number {
  return endBy(text, from, key)
}

/** @param closes  what stands behind a quote of another kind that ends it; default: none does */
function endBy(text: string, from: number, key: TextKey, closes?: RegExp): number {
  const opening = text[key.start - 1]
  // Within JSON: a quote of the value has more of them than the one that the header stands in.
  const backslashes = backslashesBefore(text, key.start - 1)
  const ends = /\r|\n|\\[rn]|["'`]/g
  ends.lastIndex = from
  for (let found = ends.exec(text); found !== null; found = ends.exec(text)) {
    const [end] = found
    if (!isQuote(end)) return found.index
    const before = backslashesBefore(text, found.index)
    const isClosing =
      end === opening ? before <= backslashes : closes?.test(text.slice(ends.lastIndex, ends.lastIndex + 5))
    if (isClosing === true) return found.index - before
  }
  return text.length
}
