/**
 * The one way into every route of the API port: all checks, in one order, for all of them.
 *
 * Host, Origin and Sec-Fetch-Site (403) -> streams of returned lines, which have a check of their own -> token (401; for the page a redirect that sets the cookie) -> path (404) ->
 * method (405) -> content type (415) and size (413) of a body -> the route -> its failures.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { say } from '../../diag/events.ts'
import type { RequestGuard } from '../contract/request-guard.ts'
import { sendFailure, sendRedirect, Unanswered } from './answer.ts'
import { failureOf } from './failure-of.ts'
import { readJsonBody } from './read-json-body.ts'
import { matchRoutes, type Route, type RouteMatch } from './route.ts'

export interface MiddlewareOptions {
  readonly routes: readonly Route[]
  readonly guard: RequestGuard
  /** Compares in constant time. */
  readonly isToken: (text: string) => boolean
  /** `tracelog_<port>`: cookies do not know ports, so two backends need two names. Asked per request: the port may be 0 at first. */
  readonly cookieName: () => string
  /**
   * Requests for streams of returned lines, which show a grant instead of the token. @returns false: it is none, or may not: it is
   * answered like any other path
   */
  readonly streams?: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean>) | undefined
  /** Renders a failure for a person. */
  readonly renderProblem: (status: number, message: string) => string
}

/** The request listener of the API port. Never throws, never leaves a request without an answer. */
export function createApiListener(
  options: MiddlewareOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (url === null) return sendFailure(request, response, new Unanswered(400, 'the address cannot be read'))
    const match = matchRoutes(options.routes, url.pathname)
    serve({ request, response, url, match }, options).catch((error: unknown) => {
      const failure = failureOf(error)
      if (failure.status === 500) say('api', `a request failed: ${String(error)}`)
      sendFailure(request, response, failure, viewOf(match, failure, options))
    })
  }
}

interface Incoming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly match: RouteMatch
}

async function serve(incoming: Incoming, options: MiddlewareOptions): Promise<void> {
  const { request, response, url, match } = incoming
  const refusal = options.guard(request.headers)
  if (refusal !== undefined) throw new Unanswered(refusal.status, refusal.message)
  if (options.streams !== undefined && isOfStreams(url.pathname) && (await options.streams(request, response))) return
  if (redirectsWithCookie(incoming, options)) return
  if (!isOpen(match) && !hasToken(request, options)) throw new Unanswered(401, TOKEN_WANTED)
  if (match.routes.length === 0) throw new Unanswered(404, 'no such path')

  const method = request.method === 'HEAD' ? 'GET' : request.method
  const route = match.routes.find((candidate) => candidate.method === method)
  if (route === undefined) throw new Unanswered(405, `only ${allowOf(match)} is answered here`)
  const body = route.method === 'POST' ? await readJsonBody(request) : undefined
  await route.handle({ request, response, params: url.searchParams, id: match.id, body })
}

const STREAMS_PATH = '/api/v1/return/streams'

function isOfStreams(path: string): boolean {
  return path === STREAMS_PATH || path.startsWith(`${STREAMS_PATH}/`)
}

const TOKEN_WANTED =
  'the token is missing or wrong: open the address that `tracelog dev` printed, or send Authorization: Bearer <token>'

/** The printed address carries the token once; it goes into a cookie, and out of the address bar and the history. */
function redirectsWithCookie({ request, response, url, match }: Incoming, options: MiddlewareOptions): boolean {
  const token = url.searchParams.get('token')
  const isPage = match.routes.some((route) => route.kind === 'page')
  if (token === null || !isPage || request.method !== 'GET') return false
  if (!options.isToken(token)) throw new Unanswered(401, TOKEN_WANTED)

  url.searchParams.delete('token')
  // A path of ours, never `//host`: it matched a route.
  const location = url.pathname + (url.searchParams.size === 0 ? '' : `?${url.searchParams.toString()}`)
  sendRedirect(response, location, `${options.cookieName()}=${token}; Path=/; HttpOnly; SameSite=Strict`)
  return true
}

function isOpen(match: RouteMatch): boolean {
  return match.routes.length > 0 && match.routes.every((route) => route.kind === 'asset')
}

function hasToken(request: IncomingMessage, { isToken, cookieName }: MiddlewareOptions): boolean {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    return bearer !== undefined && isToken(bearer)
  }
  const prefix = `${cookieName()}=`
  const values = (cookie ?? '').split(';').map((part) => part.trim())
  const value = values.find((part) => part.startsWith(prefix))?.slice(prefix.length)
  return value !== undefined && isToken(value)
}

function allowOf(match: RouteMatch): string {
  return match.routes.map((route) => (route.method === 'GET' ? 'GET, HEAD' : route.method)).join(', ')
}

function viewOf(
  match: RouteMatch,
  failure: Unanswered,
  options: MiddlewareOptions,
): {
  readonly headers: Record<string, string>
  readonly page: ((status: number, message: string) => string) | undefined
} {
  const headers: Record<string, string> = failure.status === 405 ? { allow: allowOf(match) } : {}
  if (failure.status === 401) headers['www-authenticate'] = 'Bearer realm="tracelog"'
  const isPage = match.routes.some((route) => route.kind === 'page')
  return { headers, page: isPage ? options.renderProblem : undefined }
}
