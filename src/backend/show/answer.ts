/**
 * Answers of the API port: JSON, HTML and files, all with the headers that keep them from other pages.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Failure } from '../../model/api.ts'

/** Code of each status in an error body; a failure may carry a more exact one. */
const STATUS_CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  500: 'internal',
  503: 'unavailable',
}

/** No inline script or style, nothing from elsewhere, no framing; answers stay out of caches and other origins. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** An answer that is no success, thrown by a route. */
export class Unanswered extends Error {
  readonly status: number
  readonly code: string
  /** Column of a query text, in UTF-16 units from 0. */
  readonly at: number | undefined

  constructor(
    status: number,
    message: string,
    options: { readonly code?: string; readonly at?: number | undefined } = {},
  ) {
    super(message)
    this.name = 'Unanswered'
    this.status = status
    this.code = options.code ?? STATUS_CODES[status] ?? 'internal'
    this.at = options.at
  }
}

export function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(value))
}

export function sendText(response: ServerResponse, type: string, text: string, status = 200): void {
  send(response, status, { 'content-type': `${type}; charset=utf-8` }, text)
}

export interface FailureOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Renders it for a person instead of a program. */
  readonly page?: ((status: number, message: string) => string) | undefined
}

/** One error body for every failure of the API: `{"error":{code,message,at}}`. */
export function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  failure: Unanswered,
  options: FailureOptions = {},
): void {
  const { status, code, message, at } = failure
  const retry: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
  const headers = { ...retry, ...options.headers }
  if (options.page !== undefined) {
    send(response, status, { ...headers, 'content-type': 'text/html; charset=utf-8' }, options.page(status, message))
  } else {
    const body: Failure = { error: { code, message, ...(at === undefined ? {} : { at }) } }
    send(response, status, { ...headers, 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body))
  }
  if (!request.complete) dropBody(request)
}

export function sendRedirect(response: ServerResponse, location: string, cookie: string): void {
  send(response, 303, { location, 'set-cookie': cookie }, '')
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  if (response.headersSent || response.destroyed) return
  // A text is encoded once, for its length and for the socket.
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, 'content-length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

/** A body that nobody reads: taken for a moment, so that the client gets to our answer, then cut. */
function dropBody(request: IncomingMessage): void {
  request.resume()
  const timer = setTimeout(() => request.socket.destroy(), 2_000)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}
