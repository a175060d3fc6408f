/**
 * What a route is, and which one a request means.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** One request on its way through a route. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly params: URLSearchParams
  /** What stood at the path's `:id`, decoded; `''` for paths without. */
  readonly id: string
  /** The JSON body of a POST. */
  readonly body: unknown
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Literal, or with one segment `:id`. */
  readonly path: string
  /**
   * `api`: answers JSON. `page`: answers HTML, and takes the token from the printed address. `asset`: a file of the page
   * that holds nothing of anybody's, so it needs no token; all other checks are the same.
   */
  readonly kind: 'api' | 'page' | 'asset'
  /** Answers, or throws Unanswered. */
  handle(call: Call): Promise<void> | void
}

export interface RouteMatch {
  /** Routes of that path, one per method. Empty: no such path. */
  readonly routes: readonly Route[]
  readonly id: string
}

export function matchRoutes(routes: readonly Route[], path: string): RouteMatch {
  const exact = routes.filter((route) => route.path === path)
  if (exact.length > 0) return { routes: exact, id: '' }

  const segments = path.split('/')
  const matching = routes.filter((route) => isOf(route.path.split('/'), segments))
  const place = matching[0]?.path.split('/').indexOf(':id') ?? -1
  const id = decode(segments[place] ?? '')
  return id === undefined || id === '' ? { routes: [], id: '' } : { routes: matching, id }
}

function isOf(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.length === segments.length && pattern.every((part, i) => part === ':id' || part === segments[i])
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
