/**
 * How many rows a page has: checked alike by the local backend and by every other source.
 */
import { TracelogError } from '../diag/errors.ts'
import { DEFAULT_LIMIT, isPageLimit, LIMIT_RULE } from '../model/page-request.ts'

/** @throws TRACELOG_USAGE */
export function checkLimit(limit: number = DEFAULT_LIMIT): number {
  if (isPageLimit(limit)) return limit
  throw usage(`limit is ${limit}, but must be ${LIMIT_RULE}`)
}

/** TRACELOG_USAGE. @param message  name, value and rule */
export function usage(message: string, hint = 'Correct the request.'): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint })
}
