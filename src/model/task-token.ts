/**
 * How is a task told to another process by hand? As a text, `00-<trace>-<span>-<flags>;3/2`, or in a carrier: headers, attributes
 * of a message or an environment that hold `traceparent`, `tracestate` and `tracelog-task`, in any case, as texts or as bytes.
 *
 * Read all or nothing, in time that grows with what was given and no faster. A carrier is the application's, often a stranger's
 * message: nothing here throws, whatever it is. Our own member of `tracestate` is for trusted peers and is no part of it.
 */
import { MAX_TRACEPARENT, MAX_TRACESTATE, trimBlanks } from './header-text.ts'
import { isTaskPath, MAX_TASK_PATH, TASK_HEADER } from './task-path.ts'
import { formatTraceparent, parseTraceparent, type Traceparent } from './trace-context.ts'

/** What a token names. */
export interface TaskOrigin {
  readonly parent: Traceparent
  /** `''`: none. Not parsed. */
  readonly tracestate: string
  /** `3/2`; `''`: not told, numbers begin anew. */
  readonly path: string
}

/** `none`: there is no token, which is no mistake. */
export type TokenReading = TaskOrigin | 'none' | 'malformed'

/** @param path  one that may not travel (too long) is left out: the task is still found by its span */
export function formatTaskToken(parent: Traceparent, path: string): string {
  const traceparent = formatTraceparent(parent)
  return isTaskPath(path) ? `${traceparent};${path}` : traceparent
}

/** @param token  what an application hands over: anything */
export function readTaskToken(token: unknown): TokenReading {
  if (token === undefined || token === null) return 'none'
  try {
    if (typeof token === 'string' || token instanceof Uint8Array) return readText(textOf(token, MAX_TOKEN))
    if (typeof token !== 'object' || Array.isArray(token)) return 'malformed'
    return readCarrier(token as Readonly<Record<string, unknown>>)
  } catch {
    // A getter or a Proxy of the application's.
    return 'malformed'
  }
}

/** The longest that can be read, with the blanks that HTTP allows around it. Characters. */
const MAX_TOKEN = MAX_TRACEPARENT + 1 + MAX_TASK_PATH

function readText(text: string | undefined): TokenReading {
  if (text === undefined) return 'malformed'
  const token = trimBlanks(text)
  if (token === '') return 'none'
  const end = token.indexOf(';')
  if (end === -1) return originOf({ traceparent: token })
  const task = token.slice(end + 1)
  return task === '' ? 'malformed' : originOf({ traceparent: token.slice(0, end), task })
}

interface Parts {
  readonly traceparent: string
  readonly tracestate?: string
  readonly task?: string
}

function originOf({ traceparent, tracestate = '', task = '' }: Parts): TokenReading {
  const parent = parseTraceparent(traceparent)
  if (parent === undefined || (task !== '' && !isTaskPath(task))) return 'malformed'
  return { parent, tracestate, path: task }
}

/** The parts of a carrier and how many characters of each are read. */
const PARTS: ReadonlyMap<string, number> = new Map([
  ['traceparent', MAX_TRACEPARENT],
  ['tracestate', MAX_TRACESTATE],
  [TASK_HEADER, MAX_TASK_PATH],
])
const PART_LENGTHS: ReadonlySet<number> = new Set([...PARTS.keys()].map((name) => name.length))

function readCarrier(carrier: Readonly<Record<string, unknown>>): TokenReading {
  const found = new Map<string, string>()
  for (const key of Object.keys(carrier)) {
    const part = PART_LENGTHS.has(key.length) ? key.toLowerCase().replaceAll('_', '-') : ''
    const maxLength = PARTS.get(part)
    if (maxLength === undefined) continue
    const text = textOf(carrier[key], maxLength)
    // A state that cannot be read is left out alone, as W3C has it.
    if (text === undefined && part === 'tracestate') continue
    if (text === undefined || (found.get(part) ?? text) !== text) return 'malformed'
    if (text !== '') found.set(part, text)
  }
  const traceparent = found.get('traceparent')
  const task = found.get(TASK_HEADER) ?? ''
  if (traceparent === undefined) return task === '' ? 'none' : 'malformed'
  return originOf({ traceparent, task, tracestate: found.get('tracestate') ?? '' })
}

/** A text, bytes of one, or a list of one of them; `''`: nothing is there. @returns `undefined`: something else, or too long */
function textOf(value: unknown, maxLength: number): string | undefined {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (one === undefined || one === null) return ''
  if (typeof one === 'string') return one.length > maxLength ? undefined : trimBlanks(one)
  if (!(one instanceof Uint8Array) || one.length > maxLength) return undefined
  // Plain ASCII or nothing that we know; a byte is a character either way.
  return trimBlanks(String.fromCharCode(...one))
}
