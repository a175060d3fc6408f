/**
 * Text of logs -> text that a terminal shows and does not obey.
 *
 * Log text is hostile: control characters move the cursor and change titles, bidirectional controls reorder what is read,
 * invisible ones hide it. Each becomes a visible escape; all else passes. Every string that came from a log, from a query's
 * error or from a command line goes through here before it is written.
 */

/**
 * Cc: C0, DEL, C1. Cf: bidirectional controls, soft hyphen, tags, byte order mark. Zl, Zp: line and paragraph separators.
 * Cs: half of a pair, which no encoding can write. Joiners (U+200C, U+200D) stay: words and emoji are made with them.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
/** The same, in one look: almost every text is plain. */
const PLAIN = /^[\x20-\x7e]*$/

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line: line breaks become `\n`, tabs `\t`, everything else that a terminal would obey `\x1b` or `\u202e`. */
export function terminalText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeOf)
}

/** The lines of a text, each safe: line breaks separate, tabs become two blanks. */
export function terminalLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/).map((line) => terminalText(line.replaceAll('\t', '  ')))
}

function escapeOf(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) as number
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
