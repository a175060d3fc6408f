/**
 * A line of any program -> what it says: time, level, message, service, trace, and its other fields.
 *
 * Carriers are taken off first (a container's line, syslog's, a process manager's), then the line itself is read. What no shape knows
 * is a message, whole. Pieces of a long line that a container runtime cut are put together; that is all the state there is.
 */
import { jsonFields } from './json-line.ts'
import { unwrapCri, unwrapDocker, unwrapJournal } from './containers.ts'
import { readKlog } from './klog.ts'
import { readLogfmt } from './logfmt.ts'
import { readNest } from './nest.ts'
import { unwrapPrefix, unwrapTime } from './prefixes.ts'
import type { ShapedFields, Wrapped } from './shape.ts'
import { unwrapSyslog } from './syslog.ts'
import { readTextLine } from './text-line.ts'

/** Of a carrier within a carrier: docker's line of pm2's line of syslog's line. */
const MAX_DEPTH = 4
/** A line of more pieces is handed on as far as it came. UTF-16 units. */
const MAX_JOINED = 1024 * 1024

export interface ShapedLine {
  /** Under the flat line's keys; `message` is always among them unless the line is a JSON object without one. */
  readonly fields: ShapedFields
  /** As it came; pieces are separated by newlines. */
  readonly text: string
  /** A flat line of ours: its fields are exactly those of its JSON. */
  readonly isOwn: boolean
  /** No shape knows it: the message is the line. */
  readonly isPlain: boolean
}

export interface ShapedLineReader {
  /** @returns `undefined` for a blank line, and for a piece whose rest is to come */
  read(line: string): ShapedLine | undefined
  /** Whether the line belongs to a longer one: it cannot be judged by its own text. */
  isPiece(line: string): boolean
  /** Pieces whose rest never came. */
  end(): ShapedLine[]
}

interface Pending {
  readonly text: string
  readonly wrapped: Wrapped
}

export function createShapedLineReader(nowMillis: () => number = Date.now): ShapedLineReader {
  const pending = new Map<string, Pending>()
  const finish = ({ text, wrapped }: Pending): ShapedLine => {
    const inner = shapeOf(wrapped.inner.trimEnd(), nowMillis(), 1)
    return { fields: merged(wrapped, inner.fields), text, isOwn: false, isPlain: false }
  }
  return {
    read(line) {
      const text = withoutNuls(line)
      if (text === '') return undefined
      const object = parseObject(text)
      if (object !== undefined && isOwnLine(object))
        return { fields: object, text: text.trim(), isOwn: true, isPlain: false }
      const piece = object === undefined ? unwrapCri(text, nowMillis()) : unwrapDocker(object)
      if (piece === undefined) {
        const whole = text.trimEnd()
        return { ...shapeOf(whole, nowMillis(), 0, object), text: whole }
      }
      const whole = joined(pending.get(piece.stream ?? ''), { text, wrapped: piece })
      if (piece.isPartial === true && whole.wrapped.inner.length < MAX_JOINED) {
        pending.set(piece.stream ?? '', whole)
        return undefined
      }
      pending.delete(piece.stream ?? '')
      return finish(whole)
    },
    isPiece: (line) => pending.size > 0 || isPartialLine(line),
    end() {
      const rest = [...pending.values()].map(finish)
      pending.clear()
      return rest
    },
  }
}

/** A cheap look, which may be wrong for lines that only look so. */
function isPartialLine(line: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT[\d:.Z+-]{1,40} std(?:out|err) P/.test(line) ||
    (line.startsWith('{"log":"') && !/\\n","/.test(line))
  )
}

function joined(before: Pending | undefined, piece: Pending): Pending {
  if (before === undefined) return piece
  const wrapped = { ...before.wrapped, inner: before.wrapped.inner + piece.wrapped.inner }
  return { text: `${before.text}\n${piece.text}`, wrapped }
}

/** The program's own word wins over its carrier's; the carrier's time is the better one only where the program has none. */
function merged({ fields }: Wrapped, inner: ShapedFields): ShapedFields {
  return { ...fields, ...inner }
}

type Shaped = Omit<ShapedLine, 'text'>

function shapeOf(line: string, nowMillis: number, depth: number, parsed?: ShapedFields): Shaped {
  const object = parsed ?? parseObject(line)
  if (object !== undefined) {
    const isOwn = isOwnLine(object)
    if (isOwn) return { fields: object, isOwn, isPlain: false }
    const wrapped = depth < MAX_DEPTH ? (unwrapJournal(object) ?? unwrapDocker(object)) : undefined
    if (wrapped === undefined) return { fields: jsonFields(object), isOwn, isPlain: false }
    return unwrappedShape(wrapped, nowMillis, depth)
  }
  const carrier = depth < MAX_DEPTH ? carrierOf(line, nowMillis, depth) : undefined
  if (carrier !== undefined) return carrier
  const fields =
    readKlog(line, nowMillis) ??
    readNest(line, nowMillis) ??
    readLogfmt(line, nowMillis) ??
    readTextLine(line, nowMillis)
  if (fields !== undefined) return { fields, isOwn: false, isPlain: false }
  return { fields: { message: line }, isOwn: false, isPlain: true }
}

function carrierOf(line: string, nowMillis: number, depth: number): Shaped | undefined {
  const carrier = unwrapCri(line, nowMillis) ?? unwrapPrefix(line, nowMillis) ?? unwrapSyslog(line, nowMillis)
  if (carrier !== undefined) return unwrappedShape(carrier, nowMillis, depth)
  // A time before a text is the text's own (text-line.ts), unless what follows is a line of its own.
  const timed = unwrapTime(line, nowMillis)
  if (timed === undefined) return undefined
  const inner = parseObject(timed.inner) ?? readLogfmt(timed.inner, nowMillis)
  return inner === undefined ? undefined : unwrappedShape(timed, nowMillis, depth)
}

function unwrappedShape(wrapped: Wrapped, nowMillis: number, depth: number): Shaped {
  const inner = shapeOf(wrapped.inner, nowMillis, depth + 1)
  return { fields: merged(wrapped, inner.fields), isOwn: false, isPlain: false }
}

/** A file that was cut to nothing under its writer (copytruncate) goes on with NULs as far as it had come. */
function withoutNuls(line: string): string {
  let start = 0
  while (line.charCodeAt(start) === 0) start++
  const text = start === 0 ? line : line.slice(start)
  return text.trim() === '' ? '' : text
}

function parseObject(line: string): ShapedFields | undefined {
  const text = line.trim()
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined
  try {
    return JSON.parse(text) as ShapedFields
  } catch {
    return undefined
  }
}

const OWN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const OWN_LEVEL = /^(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)$/
const BEFORE_LEVEL = new Set(['timestamp', 'time_ns', 'trace_id', 'span_id', 'trace_flags', 'service'])

/** By the first keys, their order and their form: no other logger has them all. */
export function isOwnLine(object: Readonly<Record<string, unknown>>): boolean {
  const { timestamp, level } = object
  if (typeof timestamp !== 'string' || !OWN_TIME.test(timestamp)) return false
  if (typeof level !== 'string' || !OWN_LEVEL.test(level)) return false
  for (const name of Object.keys(object)) {
    if (name === 'level') return true
    if (!BEFORE_LEVEL.has(name)) return false
  }
  return false
}
