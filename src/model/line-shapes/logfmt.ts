/**
 * `time=2024-09-12T14:35:22Z level=info msg="it works" user=42`: logfmt, and what Go's slog writes as text.
 */
import type { AnyValue } from '../any-value.ts'
import { jsonFields } from './json-line.ts'
import type { Shape, ShapedFields } from './shape.ts'

/** Without one of these the line is text that holds some `=`. */
const TELLING = new Set(['level', 'lvl', 'severity', 'msg', 'message', 'time', 'ts', 'timestamp'])
/** More is no log line. */
const MAX_PAIRS = 256

export const readLogfmt: Shape = (line) => {
  const pairs = readPairs(line, 0)
  if (pairs === undefined || pairs.size < 2 || ![...pairs.keys()].some((name) => TELLING.has(name))) return undefined
  return jsonFields(fieldsOf(pairs))
}

/** Pairs up to the line's end. `undefined` when anything stands between them that is no pair and no bare word. */
export function readPairs(line: string, start: number): ReadonlyMap<string, AnyValue> | undefined {
  const pairs = new Map<string, AnyValue>()
  const key = /[ \t]*([^\s="]{1,128})(=?)/y
  key.lastIndex = start
  let bare = 0
  for (let match = key.exec(line); match !== null; match = key.exec(line)) {
    const [, name = '', sign] = match
    if (sign === '') {
      // A sentence has many words without a value, logfmt a flag at most now and then.
      if (++bare > pairs.size) return undefined
      pairs.set(name, true)
      continue
    }
    const { value, end } = readValue(line, key.lastIndex)
    if (end < 0 || pairs.size >= MAX_PAIRS) return undefined
    pairs.set(name, value)
    key.lastIndex = end
    if (end >= line.length) return pairs
  }
  return line.slice(lastPlace(key, line)).trim() === '' ? pairs : undefined
}

/** A sticky expression that failed has forgotten where. */
function lastPlace(key: RegExp, line: string): number {
  return key.lastIndex === 0 ? line.trimEnd().length : key.lastIndex
}

function readValue(line: string, start: number): { value: AnyValue; end: number } {
  if (line[start] === '"') return readQuoted(line, start)
  let end = start
  while (end < line.length && line[end] !== ' ' && line[end] !== '\t') end++
  return { value: scalarOf(line.slice(start, end)), end }
}

/** @returns also where it ends; -1 when it does not */
export function readQuoted(line: string, start: number): { value: string; end: number } {
  let end = start + 1
  while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1
  if (end >= line.length) return { value: '', end: -1 }
  const quoted = line.slice(start, end + 1)
  try {
    return { value: JSON.parse(quoted) as string, end: end + 1 }
  } catch {
    return { value: quoted.slice(1, -1), end: end + 1 }
  }
}

/** Numbers are numbers, so that `status>=500` finds them; what has leading zeros is an id. */
function scalarOf(text: string): AnyValue {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text) ? Number(text) : text
}

export function fieldsOf(pairs: ReadonlyMap<string, AnyValue>): ShapedFields {
  const fields: ShapedFields = {}
  for (const [name, value] of pairs)
    Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
  return fields
}
