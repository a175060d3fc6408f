/**
 * What is a failure called? `error.type` of a span or record: short, of few values, never a message.
 *
 * Never throws: what was thrown is the application's, and its getters may throw when they are read.
 */
import { readField } from '../../model/js-object.ts'

/** Causes that are looked through; one may be its own. */
const MAX_CAUSES = 5

/** What is said of an abort, whoever made it: Node's `ABORT_ERR` hides whether it was one or a time-out. */
const ABORT_CODES: ReadonlySet<string> = new Set(['ABORT_ERR', 'UND_ERR_ABORTED'])

/**
 * A code (`ECONNREFUSED`) if the error has one, else its class; of `fetch failed` that of its cause.
 *
 * `AbortError` and `TimeoutError` are told apart, also where the one is the other's cause: `AbortSignal.timeout()`.
 */
export function errorTypeOf(error: unknown): string {
  return typeOf(error, MAX_CAUSES)
}

function typeOf(error: unknown, causesLeft: number): string {
  if (typeof error !== 'object' || error === null) return typeof error === 'string' ? 'Error' : typeof error
  const name = readField(error, 'name')
  const code = codeOf(error)
  if (code !== undefined) return code
  if (name === 'AbortError')
    return readField(readField(error, 'cause'), 'name') === 'TimeoutError' ? 'TimeoutError' : name
  // `fetch failed` says nothing; its cause does.
  const cause = name === 'TypeError' ? readField(error, 'cause') : undefined
  if (causesLeft > 0 && readField(cause, 'code') !== undefined) return typeOf(cause, causesLeft - 1)
  const className = classNameOf(error)
  // A DOMException is called by its name: its class says nothing.
  if (className !== undefined && className !== 'Object' && className !== 'DOMException') return className
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

/** The error's own code; `undefined` without one, and for an abort. */
export function codeOf(error: unknown): string | undefined {
  const code = readField(error, 'code')
  return typeof code === 'string' && code !== '' && !ABORT_CODES.has(code) ? code : undefined
}

export function classNameOf(error: unknown): string | undefined {
  const name = readField(readField(error, 'constructor'), 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** What it says, for people; `''` where it cannot be read. */
export function errorMessageOf(error: unknown): string {
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null) return String(error)
  const message = readField(error, 'message')
  return typeof message === 'string' ? message : ''
}
