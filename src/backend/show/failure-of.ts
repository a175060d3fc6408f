/**
 * Any error of the query core as an HTTP failure. Recognised by code: two copies of a class may be loaded.
 */
import { Unanswered } from './answer.ts'

interface Coded {
  readonly code?: unknown
  readonly at?: unknown
  readonly message: string
}

export function failureOf(error: unknown): Unanswered {
  if (error instanceof Unanswered) return error
  const { code, at, message } = error as Coded
  switch (code) {
    case 'TRACELOG_QUERY_SYNTAX':
      return new Unanswered(400, message, { code: 'query_syntax', at: typeof at === 'number' ? at : undefined })
    case 'TRACELOG_USAGE':
      return new Unanswered(400, message)
    case 'TRACELOG_QUERY_TIMEOUT':
      return new Unanswered(503, message, { code: 'query_timeout' })
    default:
      // The message may hold what is in the store: it goes to stderr, not to the client.
      return new Unanswered(500, 'internal error')
  }
}
