/**
 * Keys and values to one JSON line of at most so many bytes: `error_stack` is cut first, then `message`, then the longest
 * of the others; `"truncated":true` says so.
 */
import { utf8Length } from './bytes.ts'
import type { FlatValue } from './flat-value.ts'

export type FlatEntry = [key: string, value: FlatValue]

/** What is left of a text that must be cut, if it had so much. UTF-16 units. */
const KEPT_UNITS = 1024
/** `,"truncated":true`. */
const MARK_BYTES = 17

/** The line, without a newline. */
export function lineOf(entries: readonly FlatEntry[], maxBytes: number): string {
  const line = join(entries)
  // Three bytes are the most that a UTF-16 unit takes.
  if (line.length * 3 <= maxBytes || utf8Length(line) <= maxBytes) return line
  return join(shrink(entries, maxBytes))
}

const quotedKeys = new Map<string, string>()
const MAX_QUOTED_KEYS = 4096

function join(entries: readonly FlatEntry[]): string {
  let line = '{'
  let comma = ''
  for (const [key, value] of entries) {
    line += comma + quoted(key) + JSON.stringify(value)
    comma = ','
  }
  return `${line}}`
}

/** `"key":` */
function quoted(key: string): string {
  const known = quotedKeys.get(key)
  if (known !== undefined) return known
  const made = `${JSON.stringify(key)}:`
  if (quotedKeys.size < MAX_QUOTED_KEYS && key.length <= 256) quotedKeys.set(key, made)
  return made
}

interface Sized {
  readonly entry: FlatEntry
  bytes: number
}

function shrink(entries: readonly FlatEntry[], maxBytes: number): FlatEntry[] {
  const sized: Sized[] = entries.map((entry) => ({ entry: [...entry], bytes: bytesOf(entry) }))
  const room = maxBytes - 2 - MARK_BYTES
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const candidate of inOrderOfCutting(sized)) {
    if (total <= room) break
    total -= cut(candidate, total - room)
  }
  // Keys alone can be too many: the first are kept.
  while (total > room) total -= sized.pop()?.bytes ?? total
  const kept = sized.map(({ entry }) => entry).filter(([key]) => key !== 'truncated')
  return [...kept, ['truncated', true]]
}

function bytesOf([key, value]: FlatEntry): number {
  return utf8Length(quoted(key)) + utf8Length(JSON.stringify(value)) + 1
}

function inOrderOfCutting(sized: readonly Sized[]): Sized[] {
  const first = ['error_stack', 'message'].flatMap((name) => sized.filter(({ entry: [key] }) => key === name))
  const rest = sized.filter((candidate) => !first.includes(candidate)).toSorted((a, b) => b.bytes - a.bytes)
  return [...first, ...rest]
}

/** @returns bytes saved */
function cut(candidate: Sized, excess: number): number {
  const { entry, bytes: before } = candidate
  const [key, value] = entry
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length <= KEPT_UNITS) return 0
  entry[1] = textWithin(text, before - excess - utf8Length(quoted(key)) - 1)
  candidate.bytes = bytesOf(entry)
  return before - candidate.bytes
}

/** The longest beginning that takes at most so many bytes as JSON, but at least `KEPT_UNITS`. */
function textWithin(text: string, maxBytes: number): string {
  let low = KEPT_UNITS
  let high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (utf8Length(JSON.stringify(text.slice(0, middle))) <= maxBytes) low = middle
    else high = middle - 1
  }
  const last = text.charCodeAt(low - 1)
  // Half of a surrogate pair is no character.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? low - 1 : low)
}
