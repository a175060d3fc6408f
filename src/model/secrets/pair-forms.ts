/**
 * The rarer forms in which a text holds a key and its value: lists of pairs, names beside values, forms, elements, options.
 */
import type { TextKey } from './keys-in-text.ts'
import { type Extent, isQuoteCode, quoteAt, quotedValue, structureAt } from './quoted-values.ts'
import type { SecretKeys } from './secret-keys.ts'
import { isPlaceholder } from './secret-values.ts'

const MAX_BLANKS = 24

/** @param at  of the separator that the blanks stand before */
export function endBeforeBlanks(text: string, at: number, min: number): number {
  let end = at
  while (end > min && at - end < MAX_BLANKS && isBlank(text.charCodeAt(end - 1))) end--
  return end
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

/** Headers that are secret: in a flat list of names and values, too. */
const HEADER_NAME =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]{2,60}|[\w-]{1,40}-(?:token|key|secret|auth))$/i
const PAIR_OPENING = /[[,(]\s{0,16}[[(]\s{0,8}\\{0,7}["'`]$/
const PAIR_CLOSING = /^\\{0,7}["'`]\s{0,8}[\])]/
const OPTION_OPENING = /["'`]--?$/

/** `[ 'cookie', 'sid=x' ]` in a list of such, `'Cookie', 'sid=x'` in a list of headers, `'--password', 'x'` of arguments. */
export function secondOfPair(text: string, key: TextKey, from: number, keys: SecretKeys): Extent | undefined {
  let at = from
  while (at < text.length && at - from < MAX_BLANKS && /\s/.test(text[at] as string)) at++
  const before = text.slice(Math.max(0, key.start - MAX_BLANKS - 8), key.start)
  const isFirst = PAIR_OPENING.test(before)
  const quote = quoteAt(text, at)
  if (quote === undefined) return isFirst ? structureAt(text, at) : undefined
  const value = quotedValue(text, quote)
  // A list of names: ['authorization', 'cookie'].
  if (keys.fits(text, value.end) && keys.kindOf(text.slice(value.start, value.end)) !== undefined) return undefined
  const isPair = isFirst && PAIR_CLOSING.test(text.slice(value.end, value.end + MAX_BLANKS))
  return isPair || HEADER_NAME.test(key.text) || OPTION_OPENING.test(before) ? value : undefined
}

const VALUE_FIELD = /(?<![\w$])(?:value|val|v|contents?|stringValue)\\{0,7}["']?$/
const BACKSLASH = 92
const [A, E, L, M, N, S, T, U, V] = 'a e l m n s t u v'.split(' ').map((letter) => letter.charCodeAt(0))

/** Whether one of these or `name` (formPart) may stand before `end`: the last letters say so, of nearly no key. */
export function endsLikeValueField(text: string, end: number): boolean {
  let last = end - 1
  if (last > 0 && isQuoteCode(text.charCodeAt(last))) last--
  while (last > 0 && text.charCodeAt(last) === BACKSLASH) last--
  if (last < 1) return last === 0 && text.charCodeAt(0) === V
  const before = text.charCodeAt(last - 1)
  switch (text.charCodeAt(last)) {
    case E:
      return before === M || (before === U && text.charCodeAt(last - 2) === L)
    case L:
      return before === A
    case T:
      return before === N && text.charCodeAt(last - 2) === E
    case S:
      return before === T
    default:
      return text.charCodeAt(last) === V
  }
}

const NAME_FIELD =
  /(?<![\w$])(?:name|key|k|field|header|attribute|param|parameter|variable|label)\\{0,7}["']?\s?[:=]\s?\\{0,7}["']([\w.[\]-]{1,64})\\{0,7}["'],?\s{0,16}\{?\\{0,7}["']?$/i
const MAX_NAMED = 128

/** `name: 'password', value: 'x'`, `<input name="password" value="x">`. @param end  behind the word `value` */
export function namedBefore(text: string, at: number, end: number, keys: SecretKeys): TextKey | undefined {
  if (!endsLikeValueField(text, end)) return undefined
  const field = VALUE_FIELD.exec(text.slice(Math.max(0, end - MAX_BLANKS), end))?.[0]
  if (field === undefined) return undefined
  const start = end - field.length
  const name = NAME_FIELD.exec(text.slice(Math.max(0, start - MAX_NAMED), start))?.[1]
  const kind = name === undefined ? undefined : keys.kindOf(name)
  if (name === undefined || kind === undefined) return undefined
  return { start, end: at, text: name, kind, isQuoted: false, isInQuery: false }
}

/** A line's end, also as JSON and inspect write it. */
const LINE_END = String.raw`(?:\r?\n|(?:\\{1,7}r)?\\{1,7}n(?:'\s\+\s{1,20}')?)`
const FORM_PART = new RegExp(
  String.raw`=\\{0,7}"([\w.[\]-]{1,64})\\{0,7}"${LINE_END}(?:[A-Za-z-]{1,40}:[^\r\n\\]{0,200}${LINE_END}){0,4}${LINE_END}`,
  'y',
)
const FORM_BOUNDARY = new RegExp(`${LINE_END}--`, 'g')

/** `name="password"`, an empty line, the value. */
export function formPart(text: string, at: number, end: number, keys: SecretKeys): Extent | undefined {
  if (!text.endsWith('name', end)) return undefined
  FORM_PART.lastIndex = at
  const name = FORM_PART.exec(text)?.[1]
  if (name === undefined || keys.kindOf(name) === undefined) return undefined
  const start = FORM_PART.lastIndex
  FORM_BOUNDARY.lastIndex = start
  return { start, end: FORM_BOUNDARY.exec(text)?.index ?? text.length }
}

/** Up to the closing tag. */
export function elementText(text: string, start: number): Extent | undefined {
  const end = text.indexOf('<', start)
  if (end <= start || text[end + 1] !== '/') return undefined
  return isPlaceholder(text.slice(start, Math.min(end, start + 64)).trim()) ? undefined : { start, end }
}

const OPTION = /[A-Za-z][\w.-]{1,64}(?= [^\s-])/y

/** Where the name of an option ends that a blank and its value follow. */
export function optionValue(text: string, start: number): number | undefined {
  OPTION.lastIndex = start
  return OPTION.test(text) ? OPTION.lastIndex : undefined
}
