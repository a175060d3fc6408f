/**
 * What is a failure called? `error.type` of a span or record: short, of few values, never a message.
 *
 * Never throws: what was thrown is the application's, and its getters may throw when they are read.
 */

/** Causes that are looked through; one may be its own. */
const MAX_CAUSES = 5

/** A code (`ECONNREFUSED`) if the error has one, else its class; of `fetch failed` that of its cause. */
export function errorTypeOf(error: unknown): string {
  return typeOf(error, MAX_CAUSES)
}

function typeOf(error: unknown, causesLeft: number): string {
  if (typeof error !== 'object' || error === null) return typeof error === 'string' ? 'Error' : typeof error
  const code = read(error, 'code')
  if (typeof code === 'string' && code !== '') return code
  const name = read(error, 'name')
  // `fetch failed` says nothing; its cause does.
  const cause = name === 'TypeError' ? read(error, 'cause') : undefined
  if (causesLeft > 0 && read(cause, 'code') !== undefined) return typeOf(cause, causesLeft - 1)
  const className = read(read(error, 'constructor'), 'name')
  if (typeof className === 'string' && className !== '' && className !== 'Object') return className
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

/** A field of whatever it is; `undefined` where it cannot be read. */
function read(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}
