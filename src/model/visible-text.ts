/**
 * Text of logs -> text that a screen shows and does not obey: on a terminal, on the page, on standard error.
 *
 * Log text is hostile: control characters move the cursor and change titles, bidirectional controls reorder what is read,
 * invisible ones hide it. Each becomes a visible escape; all else passes. Every string that came from a log, a query's error,
 * a peer's answer or a command line goes through here before it is written.
 */

/**
 * Cc: C0, DEL, C1. Cf: bidirectional controls, soft hyphen, zero-width space, tags, byte order mark. Zl, Zp: line and paragraph
 * separators. Cs: half of a pair, which no encoding can write. Then letters that have no picture (Hangul fillers).
 * Joiners (U+200C, U+200D) stay: words and emoji are made with them.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu
/** The same without tab and line feed. */
const UNSAFE_IN_BLOCK = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu
/** One look: almost every text is plain. */
const PLAIN = /^[\x20-\x7e]*$/
const PLAIN_BLOCK = /^[\x20-\x7e\t\n]*$/

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line: line breaks become `\n`, tabs `\t`, everything else that a screen would obey `\x1b` or `\u202e`. */
export function visibleLine(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeOf)
}

/** Several lines: line feeds and tabs stay as they are, all else as in `visibleLine`. */
export function visibleBlock(text: string): string {
  return PLAIN_BLOCK.test(text) ? text : text.replace(UNSAFE_IN_BLOCK, escapeOf)
}

function escapeOf(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) as number
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
