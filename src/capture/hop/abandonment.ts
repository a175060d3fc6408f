/**
 * Has the application given a body up, or was it taken away? Asked of what ended a request after its head had come.
 *
 * `response.body.cancel()`, an abort, a `break` in a loop, a response that nobody holds any more: no failure, whatever reason was
 * given. A time-out and a broken connection are: the libraries' own errors all have a code.
 */
import { codeOf, errorTypeOf } from './error-type.ts'

export function isGivenUp(reason: unknown): boolean {
  const type = errorTypeOf(reason)
  if (type === 'AbortError') return true
  return type !== 'TimeoutError' && codeOf(reason) === undefined
}
