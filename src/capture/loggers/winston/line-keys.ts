/**
 * The trace's ids in the application's own JSON lines: added at the end of the finished line, and only there.
 *
 * A line that is not one JSON object, or has such a key already, stays as it is, byte for byte.
 */
import type { SpanContext } from '@opentelemetry/api'

import { keysOfSpan } from '../span-keys.ts'

/** Lines are checked for their structure always, by a parser until the format has shown what it writes. */
const KEYS = ['trace_id', 'span_id', 'trace_flags'] as const

/** What closes a line: `,"trace_id":"...","span_id":"...","trace_flags":"01"}`. */
export function tailOfSpan(span: SpanContext): string {
  if (span !== lastSpan) {
    lastTail = `${keysOfSpan(span)}}`
    lastSpan = span
  }
  return lastTail
}

let lastSpan: SpanContext | undefined
let lastTail = ''

/**
 * @param tail  of `tailOfSpan`
 * @param isKnownJson  the same format has written JSON before: the structure is looked at, not every token
 * @returns the line with the keys, or `undefined` when it must stay as it is
 */
export function addLineKeys(line: string, tail: string, isKnownJson: boolean): string | undefined {
  if (line.charCodeAt(0) !== OPEN || line.charCodeAt(line.length - 1) !== CLOSE) return undefined
  const mayHaveKey = hasText(line)
  if (mayHaveKey || !isKnownJson) {
    const parsed = parseObject(line)
    if (parsed === undefined || KEYS.some((key) => Object.hasOwn(parsed, key))) return undefined
  } else if (!isPlainObject(line) && !isFlatObject(line) && !isOneObject(line)) return undefined
  return withTail(line, tail)
}

const OPEN = 0x7b
const CLOSE = 0x7d

function withTail(line: string, tail: string): string {
  const close = line.length - 1
  const last = line.charCodeAt(close - 1)
  if (!isBlank(last) && last !== OPEN) return line.slice(0, close) + tail
  // Blanks before the brace stay there; an object without a key needs no comma.
  let end = close
  while (isBlank(line.charCodeAt(end - 1))) end--
  const added = tail.slice(line.charCodeAt(end - 1) === OPEN ? 1 : 0, -1)
  return `${line.slice(0, end)}${added}${line.slice(end)}`
}

/** Whether one of the keys stands anywhere in the line. Looked for by their rare ends first: five times as fast. */
function hasText(line: string): boolean {
  if (line.includes('_id"') && (line.includes('"trace_id"') || line.includes('"span_id"'))) return true
  return line.includes('_flags"') && line.includes('"trace_flags"')
}

function parseObject(line: string): object | undefined {
  try {
    return JSON.parse(line) as object
  } catch {
    return undefined
  }
}

/**
 * Whether the braces at both ends are the only ones and the last is outside of every text, told from what is before it. Without a
 * backslash each quote begins or ends a text; one that begins one has a mark of JSON before it. A tenth of the expression's time.
 *
 * @returns false: it needs a closer look
 */
function isPlainObject(line: string): boolean {
  const close = line.length - 1
  if (line.indexOf('{', 1) !== -1 || line.indexOf('}') !== close || line.includes('\\')) return false
  let at = close - 1
  if (line.charCodeAt(at) !== QUOTE) {
    // A number, `true`, `false` or `null`: behind its key.
    const first = Math.max(at - MAX_LITERAL, 0)
    while (at > first && isOfLiteral(line.charCodeAt(at))) at--
    if (at === close - 1 || line.charCodeAt(at--) !== COLON) return false
  }
  return line.charCodeAt(at) === QUOTE && !mayComeBeforeText(line.charCodeAt(at - 1))
}

const QUOTE = 0x22
const COLON = 0x3a
/** The longest number that JSON.stringify writes has 25 characters. */
const MAX_LITERAL = 25

/** Digits, letters and the signs of numbers. */
function isOfLiteral(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a) || code === 0x2d || code === 0x2b || code === 0x2e
  )
}

function mayComeBeforeText(code: number): boolean {
  return code === COLON || code === 0x2c || code === OPEN || code === 0x5b || isBlank(code)
}

/** An object without others in it, as most lines are: 1.1 ns per character (test/bench/winston-bridge.bench.ts). */
const FLAT_OBJECT = /^\{[^"{}[\]]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"{}[\]]*)*\}$/
/** Longer ones would need too much of the expression's stack. */
const MAX_FLAT_LENGTH = 4096

function isFlatObject(line: string): boolean {
  return line.length <= MAX_FLAT_LENGTH && FLAT_OBJECT.test(line)
}

/** Whether braces and quotes close only at the very end: two objects in one line are no object. */
function isOneObject(line: string): boolean {
  let depth = 0
  const last = line.length - 1
  for (let index = 0; index <= last; index++) {
    const code = line.charCodeAt(index)
    if (code === 0x22) {
      index = endOfString(line, index)
      if (index < 0) return false
    } else if (code === 0x7b || code === 0x5b) depth++
    else if ((code === 0x7d || code === 0x5d) && --depth === 0 && index !== last) return false
  }
  return depth === 0
}

function endOfString(line: string, start: number): number {
  let end = line.indexOf('"', start + 1)
  while (end > 0) {
    let slashes = 0
    while (line.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
    end = line.indexOf('"', end + 1)
  }
  return -1
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
