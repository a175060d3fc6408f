/**
 * What the row of a request says, in words: the same wherever requests are listed. Texts as they came, not yet safe for a screen.
 */
import type { RequestRow } from './api.ts'

export interface RequestWords {
  /** `GET`; `''`: not known. */
  readonly method: string
  /** The path, else the route, else the first digits of the trace. */
  readonly target: string
  /** The status, else the outcome in a word. */
  readonly end: string
  /** The error's own words: `TypeError: cart is undefined`; `''`: there is none. */
  readonly why: string
}

export function requestWords(row: RequestRow): RequestWords {
  const { method = '', path, route, status, outcome, trace_id: id, error_type: type, error_message: message } = row
  const why = [type, message].filter((part) => part !== undefined && part !== '' && part !== String(status))
  return {
    method,
    target: path ?? route ?? id.slice(0, 8),
    end: status === undefined ? outcome.replace('_', ' ') : String(status),
    why: why.join(': '),
  }
}
