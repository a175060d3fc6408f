/**
 * One request to the backend's HTTP API: which answer, or which error in the user's words?
 *
 * Knows the address, the token and the shape of failures; nothing of single paths (local.ts does).
 */
import { TracelogError } from '../diag/errors.ts'
import type { Failure } from '../model/api.ts'
import { fetchFailure } from './fetch-failure.ts'

export interface BackendAddress {
  /** The API's base, without a path: `http://127.0.0.1:4330`. */
  readonly api: string
  /** `undefined`: none is sent. */
  readonly token?: string | undefined
}

export type Query = Readonly<Record<string, string | number | undefined>>

export interface CallOptions {
  readonly query?: Query
  /** Sent as JSON by POST. */
  readonly body?: unknown
  /** Default: POST with a body, else GET. */
  readonly method?: 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  /** Default: ends after 30 s. */
  readonly signal?: AbortSignal
}

/** How long an answer may take: a query may run 10 s, and a busy machine may be slow. Milliseconds. */
const ANSWER_MILLIS = 30_000

/** What was asked for is not there (404). Not an error: the caller says what was not found. */
export const NOT_FOUND: unique symbol = Symbol('not found')

/** @returns the parsed body, or NOT_FOUND. @throws TracelogError */
export async function callBackend<T>(
  address: BackendAddress,
  path: string,
  options: CallOptions = {},
): Promise<T | typeof NOT_FOUND> {
  const response = await openBackend(address, path, options)
  if (response.status === 404) {
    await response.body?.cancel()
    return NOT_FOUND
  }
  return (await readJson(address, response)) as T
}

/** The response itself, for streams. 404 is left to the caller; every other failure is thrown. */
export async function openBackend(address: BackendAddress, path: string, options: CallOptions = {}): Promise<Response> {
  const url = urlOf(address, path, options.query ?? {})
  const response = await send(address, url, options)
  if (response.ok || response.status === 404) return response
  const error = await readFailure(response)
  if (error?.code === 'query_syntax') throw querySyntax(error, options.query?.['q'])
  throw failureOf(address, response.status, error)
}

function urlOf(address: BackendAddress, path: string, query: Query): URL {
  const url = new URL(`/api/v1/${path}`, address.api)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

async function send(address: BackendAddress, url: URL, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (address.token !== undefined) headers['authorization'] = `Bearer ${address.token}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  try {
    return await fetch(url, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers,
      signal: options.signal ?? AbortSignal.timeout(ANSWER_MILLIS),
      // The token must not travel to wherever a redirect points.
      redirect: 'error',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
  } catch (cause) {
    throw unreachable(address, fetchFailure(cause, ANSWER_MILLIS), cause)
  }
}

async function readJson(address: BackendAddress, response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    throw unreachable(address, 'the answer is not JSON', cause)
  }
}

async function readFailure(response: Response): Promise<Failure['error'] | undefined> {
  try {
    return ((await response.json()) as Partial<Failure>).error
  } catch {
    return undefined
  }
}

/** A refused token carries its `status`: waiting does not mend it. */
function failureOf(address: BackendAddress, status: number, error: Failure['error'] | undefined): Error {
  const message = error?.message ?? `status ${status}`
  if (status === 401 || status === 403) {
    const refused = new TracelogError(`the backend at ${address.api} refused the token: ${message}`, {
      code: 'TRACELOG_BACKEND_UNREACHABLE',
      hint: 'Set TRACELOG_TOKEN to the token that `tracelog dev` printed.',
    })
    return Object.assign(refused, { status })
  }
  if (status >= 400 && status < 500 && status !== 429) {
    return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: 'Change the request and try again.' })
  }
  return unreachable(address, message)
}

/** Carries the query and the column of its error (`at`, from 0), so that it can be pointed at. */
function querySyntax({ message, at }: Failure['error'], query: unknown): Error {
  const error = new TracelogError(message, {
    code: 'TRACELOG_QUERY_SYNTAX',
    hint:
      query === undefined
        ? 'Ask one SELECT over logs, spans and traces; `tracelog sql --help` names their columns.'
        : 'Write terms like service:api level>=warn "upstream timeout" -cache_hit:true took>250ms.',
  })
  return Object.assign(error, { at, query })
}

/** The error for a backend that does not answer as a backend does. */
export function unreachable(address: BackendAddress, reason: string, cause?: unknown): Error {
  return new TracelogError(`the backend at ${address.api} does not answer: ${reason}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Start one with `npx tracelog dev`, or name another with --backend URL.',
    ...(cause === undefined ? {} : { cause }),
  })
}
