/**
 * What is a failure called? `error.type` of a span or record: short, of few values, never a message.
 */

/** A code (`ECONNREFUSED`) if the error has one, else its class; `AggregateError` of a connection attempt: that of its first. */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error === 'string' ? 'Error' : typeof error
  const {
    code,
    cause,
    constructor: type,
    name,
  } = error as Record<string, unknown> & { constructor?: { name?: string } }
  if (typeof code === 'string' && code !== '') return code
  // `fetch failed` says nothing; its cause does.
  if (name === 'TypeError' && typeof cause === 'object' && cause !== null && 'code' in cause) return errorTypeOf(cause)
  const className = type?.name
  if (className !== undefined && className !== '' && className !== 'Object') return className
  return typeof name === 'string' ? name : 'Error'
}
