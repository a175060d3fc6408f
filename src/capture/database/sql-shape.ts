/**
 * An SQL statement without what stands in it: literals become `?`, comments and line breaks a space. Placeholders stay as they are.
 *
 * Pure and linear, and bounded before it begins. Where the server's settings decide where a literal ends, nothing behind it is kept.
 * Not for other programs to run: it may be cut anywhere.
 */

/** Whose rules for quotes and comments hold. */
export type SqlDialect = 'postgresql' | 'mysql'

/** What is looked at of a statement. Characters. */
export const MAX_SQL = 4_096

/** A place in the text: where it goes on, and what is put for what was passed. */
interface Step {
  readonly end: number
  readonly put: string
}

/** @returns at most MAX_SQL characters; of its own result the same again */
export function sqlShape(sql: string, dialect: SqlDialect): string {
  const text = sql.length > MAX_SQL ? sql.slice(0, MAX_SQL) : sql
  let shape = ''
  let isApart = false
  for (let at = 0; at < text.length;) {
    const blank = endOfBlank(text, at, dialect)
    if (blank > at) {
      // For MySQL two dashes and a space would be a comment.
      isApart = shape !== '' && !(dialect === 'mysql' && shape.endsWith('--'))
      at = blank
      continue
    }
    const { end, put } = stepAt(text, at, dialect)
    shape += isApart ? ` ${put}` : put
    isApart = false
    at = end
  }
  return shape
}

function stepAt(text: string, at: number, dialect: SqlDialect): Step {
  const first = text.charAt(at)
  if (isWordStart(first)) return wordAt(text, at, dialect)
  if (isDigit(first) || (first === '.' && isDigit(text.charAt(at + 1)))) return { end: endOfNumber(text, at), put: '?' }
  if (first === "'") return { end: endOfString(text, at, dialect === 'mysql' ? 'escapes' : 'plain'), put: '?' }
  if (first === '"') return dialect === 'mysql' ? { end: endOfString(text, at, 'escapes'), put: '?' } : quoted(text, at)
  if (first === '`' && dialect === 'mysql') return quoted(text, at)
  if (first === '$' && dialect === 'postgresql') return dollarAt(text, at)
  return { end: at + 1, put: first }
}

/** A name or keyword, or the letters that say what kind of literal follows. */
function wordAt(text: string, at: number, dialect: SqlDialect): Step {
  let end = at + 1
  while (end < text.length && isWordPart(text.charAt(end))) end++
  const word = text.slice(at, end)
  if (text.charAt(end) === "'" && /^[ebxn]$/i.test(word)) {
    const isEscaped = dialect === 'mysql' || /^e$/i.test(word)
    return { end: endOfString(text, end, isEscaped ? 'escapes' : 'plain'), put: '?' }
  }
  if (/^u$/i.test(word) && text.startsWith("&'", end)) return { end: endOfString(text, end + 1, 'plain'), put: '?' }
  return { end, put: word }
}

function quoted(text: string, at: number): Step {
  const end = endOfQuoted(text, at)
  return { end, put: text.slice(at, end) }
}

/** `$1` is a placeholder, `$tag$ … $tag$` a literal. */
function dollarAt(text: string, at: number): Step {
  let end = at + 1
  while (end < text.length && isDigit(text.charAt(end))) end++
  if (end > at + 1) return { end, put: text.slice(at, end) }
  while (end < text.length && isTagPart(text.charAt(end))) end++
  if (text.charAt(end) !== '$') return { end: at + 1, put: '$' }
  const tag = text.slice(at, end + 1)
  const close = text.indexOf(tag, end + 1)
  return { end: close < 0 ? text.length : close + tag.length, put: '?' }
}

/**
 * @param rule  `plain`: a backslash is a character; but a server may have been told otherwise, so that one before a quote ends all
 * @returns behind the closing quote; the text's end where there is none, or where nobody can tell
 */
function endOfString(text: string, at: number, rule: 'plain' | 'escapes'): number {
  const quote = text.charAt(at)
  for (let here = at + 1; here < text.length; here++) {
    const char = text.charAt(here)
    if (char === '\\') {
      if (rule === 'plain' && text.charAt(here + 1) === quote) return text.length
      here++
    } else if (char === quote) {
      if (text.charAt(here + 1) !== quote) return here + 1
      here++
    }
  }
  return text.length
}

/** A quoted name: a doubled quote is one in it. */
function endOfQuoted(text: string, at: number): number {
  const quote = text.charAt(at)
  let close = text.indexOf(quote, at + 1)
  while (close >= 0 && text.charAt(close + 1) === quote) close = text.indexOf(quote, close + 2)
  return close < 0 ? text.length : close + 1
}

/** `12`, `.5`, `1.5e-7`, `0xff`, `1_000`. */
function endOfNumber(text: string, at: number): number {
  let end = at + 1
  while (end < text.length) {
    const char = text.charAt(end)
    const isSign = (char === '-' || char === '+') && /^e$/i.test(text.charAt(end - 1)) && isDigit(text.charAt(end + 1))
    if (!isSign && char !== '.' && !(isWordPart(char) && char !== '$')) return end
    end++
  }
  return end
}

/** White space and comments. */
function endOfBlank(text: string, at: number, dialect: SqlDialect): number {
  const char = text.charAt(at)
  if (isSpace(char)) return at + 1
  if (char === '/' && text.charAt(at + 1) === '*') return endOfBlockComment(text, at, dialect === 'postgresql')
  const isLine =
    (char === '-' && text.charAt(at + 1) === '-' && (dialect === 'postgresql' || isDashComment(text, at))) ||
    (char === '#' && dialect === 'mysql')
  if (!isLine) return at
  const newline = text.indexOf('\n', at)
  return newline < 0 ? text.length : newline + 1
}

/** For MySQL `5--3` is a sum. */
function isDashComment(text: string, at: number): boolean {
  return at + 2 < text.length && text.charAt(at + 2) <= ' '
}

function endOfBlockComment(text: string, at: number, isNested: boolean): number {
  let depth = 1
  for (let here = at + 2; here < text.length; here++) {
    if (text.charAt(here) === '*' && text.charAt(here + 1) === '/') {
      depth--
      here++
      if (depth === 0) return here + 1
    } else if (isNested && text.charAt(here) === '/' && text.charAt(here + 1) === '*') {
      depth++
      here++
    }
  }
  return text.length
}

const isSpace = (char: string): boolean => char === ' ' || (char >= '\t' && char <= '\r')
const isDigit = (char: string): boolean => char >= '0' && char <= '9'
const isWordStart = (char: string): boolean =>
  (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_' || char >= '\u0080'
const isWordPart = (char: string): boolean => isWordStart(char) || isDigit(char) || char === '$'
const isTagPart = (char: string): boolean => isWordStart(char) || isDigit(char)
