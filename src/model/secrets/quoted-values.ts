/**
 * Where does a value in quotes or brackets end? As JSON, `util.inspect` and shells write them, also inside a JSON text.
 */

/** From `start` up to and without `end`. */
export interface Extent {
  readonly start: number
  readonly end: number
}

/** A quote and the backslashes before it: `\"` inside of a JSON text. */
export interface Quote extends Extent {
  readonly mark: string
  readonly backslashes: number
}

/** JSON within JSON within JSON: 7 backslashes. */
const MAX_BACKSLASHES = 15

export function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === '`'
}

/** The same of a character's code. */
export function isQuoteCode(code: number): boolean {
  return code === 34 || code === 39 || code === 96
}

export function quoteAt(text: string, at: number): Quote | undefined {
  let end = at
  while (text[end] === '\\' && end - at < MAX_BACKSLASHES) end++
  const mark = text[end]
  return isQuote(mark) ? { start: at, end: end + 1, mark: mark as string, backslashes: end - at } : undefined
}

/** `'a' +\n  'b'`, as inspect breaks long texts. */
const CONTINUED = /\s{0,4}\+(?:\s|\\{1,7}n){1,64}(?=["'`])/y

/** What stands in the quotes; up to the text's end where they do not close. */
export function quotedValue(text: string, quote: Quote): Extent {
  let end = closingOf(text, quote, quote.end)
  for (;;) {
    CONTINUED.lastIndex = end + 1 + quote.backslashes
    if (end >= text.length || !CONTINUED.test(text)) return { start: quote.end, end }
    const next = quoteAt(text, CONTINUED.lastIndex)
    if (next === undefined) return { start: quote.end, end }
    end = closingOf(text, next, next.end)
  }
}

/** The index of the closing quote, or of the backslashes before it. */
function closingOf(text: string, { mark, backslashes }: Quote, from: number): number {
  const cycle = 2 * (backslashes + 1)
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) {
    let before = 0
    while (at - before > from && text[at - before - 1] === '\\') before++
    // Backslashes of the value itself come in whole cycles; an escaped quote has half a one more.
    if (before >= backslashes && (before - backslashes) % cycle === 0) return at - backslashes
    // Less than it began with: the text around it ends here.
    if (before < backslashes) return at - before
  }
  return text.length
}

/** What inspect writes before a bracket: `Map(2) {`, `<ref *1> Session {`, `[Object: null prototype] {`. */
const CLASS = /(?:<ref \*\d{1,6}> )?(?:[A-Za-z_$][\w$.]{0,63}(?:\(\d{1,9}\))? |\[[\w$.: -]{1,64}\] ){0,3}(?=[[{])/y
const NO_STRUCTURE =
  /\[(?:redacted|object|array|function|circular|getter|setter|filtered|masked|hidden|removed|class|throws|symbol)\b[^\]]{0,64}\]|\{\{/iy
const BYTES = /<Buffer[^>]{0,400}>?/y
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** A map, list or buffer that begins here, with the name of its class; `undefined`: none does. */
export function structureAt(text: string, at: number): Extent | undefined {
  BYTES.lastIndex = at
  if (BYTES.test(text)) return { start: at, end: BYTES.lastIndex }
  NO_STRUCTURE.lastIndex = at
  CLASS.lastIndex = at
  if (NO_STRUCTURE.test(text) || !CLASS.test(text)) return undefined
  NO_STRUCTURE.lastIndex = CLASS.lastIndex
  if (NO_STRUCTURE.test(text)) return undefined
  return { start: at, end: endOfBrackets(text, CLASS.lastIndex) }
}

/** Behind the bracket that closes the one at `from`; the text's end where none does. */
function endOfBrackets(text: string, from: number): number {
  const open: string[] = []
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string
    if (isQuote(character) && /[\s[{(,:=>\\]/.test(text[at - 1] ?? '')) {
      const backslashes = backslashesBefore(text, at)
      at = closingOf(text, { start: at, end: at + 1, mark: character, backslashes }, at + 1) + backslashes
    } else if (CLOSING[character] !== undefined) open.push(CLOSING[character])
    else if (character === open.at(-1)) {
      open.pop()
      if (open.length === 0) return at + 1
    }
  }
  return text.length
}

export function backslashesBefore(text: string, at: number): number {
  let count = 0
  while (count < MAX_BACKSLASHES && text[at - count - 1] === '\\') count++
  return count
}
