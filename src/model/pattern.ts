/**
 * Which records say the same in other words? A number of 32 bits: of the text with everything that holds a digit taken out, or of an
 * error's type and its first own frame; of an error without a stack, its type and the text.
 *
 * One pass over the bytes to find where a word ends, one to hash it: linear, and of the beginning of a long text alone.
 */
import { isErrorType } from './error-row.ts'
import { ownFrame } from './own-frame.ts'

/** What of a text counts. Bytes of UTF-8. */
const MAX_BYTES = 4_096
const HASH_START = 0x811c9dc5
const HASH_FACTOR = 0x01000193
/** Stands for a word that holds a digit: `#`. */
const PLACE = 35

/** 1: of words (letters, also those that are not ASCII, and `_ . - : /`); 2: a digit. */
const KINDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte))

function kindOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return 2
  return byte >= 128 || /[A-Za-z_.:/-]/.test(String.fromCharCode(byte)) ? 1 : 0
}

/** Of the text in these bytes. */
export function patternOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + MAX_BYTES)
  let hash = HASH_START
  let at = start
  while (at < last) {
    const from = at
    let kinds = 0
    for (let kind = KINDS[bytes[at] as number] as number; at < last && kind > 0;) {
      kinds |= kind
      kind = KINDS[bytes[++at] as number] as number
    }
    if (at === from) at++
    if (kinds & 2) hash = Math.imul(hash ^ PLACE, HASH_FACTOR)
    else for (let i = from; i < at; i++) hash = Math.imul(hash ^ (bytes[i] as number), HASH_FACTOR)
  }
  return hash >>> 0
}

const encoder = new TextEncoder()

export function patternOfText(text: string): number {
  const bytes = encoder.encode(text.slice(0, MAX_BYTES + 1))
  return patternOfBytes(bytes, 0, bytes.length)
}

/** @param type  `error_type` of the flat line */
export function patternOfError(type: string, stack: string): number {
  return hashOn(HASH_START, `${type}\n${ownFrame(stack) ?? ''}`)
}

/** Of a record with a type and no stack. @param said  the pattern of its text */
export function patternOfType(type: string, said: number): number {
  return isErrorType(type) ? hashOn(said, type) : said
}

function hashOn(start: number, text: string): number {
  let hash = start
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, HASH_FACTOR)
  return hash >>> 0
}

/** Of a flat line. */
export function patternOfRow(row: Readonly<Record<string, unknown>>): number {
  const { error_stack: stack, message } = row
  const type = typeof row['error_type'] === 'string' ? row['error_type'] : ''
  if (typeof stack === 'string' && stack !== '') return patternOfError(type, stack)
  return patternOfType(type, patternOfText(typeof message === 'string' ? message : ''))
}

/** As it is written: eight hex digits. */
export function patternText(pattern: number): string {
  return pattern.toString(16).padStart(8, '0')
}
