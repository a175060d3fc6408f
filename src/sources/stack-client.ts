/**
 * One request to a server of the stack (Loki, Tempo): which answer, or which error in the user's words?
 *
 * Tries again what the server asked to be tried again (429, 5xx); a server that is not there is said at once.
 */
import { TracelogError } from '../diag/errors.ts'
import { fetchFailure } from './fetch-failure.ts'
import { pause } from './pause.ts'

export interface StackServer {
  /** `Loki`, `Tempo`: for messages. */
  readonly name: string
  /** Without the API's path, for example `http://127.0.0.1:3100`; a path of a proxy before it is kept. */
  readonly url: string
  /** Authorization, tenant. */
  readonly headers: Readonly<Record<string, string>>
  /** Hears of each further range that is searched, from when on. Nanoseconds since the epoch. */
  readonly onLookBack?: ((from: bigint) => void) | undefined
}

export interface AskOptions {
  readonly query?: Readonly<Record<string, string>>
  /** Sent as a form by POST: long queries do not fit into a URL. */
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** How long one try may take: a search over days of logs is slow. Milliseconds. */
const ANSWER_MILLIS = 120_000
const MAX_TRIES = 4
const FIRST_WAIT_MILLIS = 250
const MAX_WAIT_MILLIS = 10_000
const TRY_AGAIN: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

/**
 * @returns the response; 400 and 404 are the caller's to read
 * @throws TRACELOG_BACKEND_UNREACHABLE when nobody answers, or refuses who asks, or is overloaded for longer than we wait
 */
export async function askServer(server: StackServer, path: string, options: AskOptions = {}): Promise<Response> {
  for (let tries = 1; ; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- the next try only follows a failed one
    const response = await send(server, path, options)
    if (response.ok || response.status === 400 || response.status === 404) return response
    // oxlint-disable-next-line no-await-in-loop -- as above
    const said = (await response.text()).trim().slice(0, 300)
    if (!TRY_AGAIN.has(response.status) || tries === MAX_TRIES) throw refused(server, response.status, said)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(waitMillis(response, tries), options.signal)
  }
}

/** At the server's word, else twice as long each time, spread so that many readers do not come back together. */
function waitMillis(response: Response, tries: number): number {
  const asked = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(asked) && asked >= 0) return Math.min(asked * 1_000, MAX_WAIT_MILLIS)
  return FIRST_WAIT_MILLIS * 2 ** (tries - 1) * (0.5 + Math.random() / 2)
}

async function send({ name, url, headers }: StackServer, path: string, options: AskOptions): Promise<Response> {
  const target = new URL(`${url.replace(/\/+$/, '')}${path}`)
  for (const [key, value] of Object.entries(options.query ?? {})) target.searchParams.set(key, value)
  const timeout = AbortSignal.timeout(ANSWER_MILLIS)
  const { form, signal } = options
  try {
    return await fetch(target, {
      headers: { ...headers, ...options.headers },
      // Tokens must not travel to wherever a redirect points.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw unreachableServer({ name, url, headers }, fetchFailure(cause, ANSWER_MILLIS), cause)
  }
}

/**
 * The body of an answer, as JSON.
 *
 * @throws TRACELOG_BACKEND_UNREACHABLE when it is no object: some other program listens there
 */
export function parseAnswer(server: StackServer, text: string): object {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw unreachableServer(server, 'the answer is not JSON', cause)
  }
  if (typeof answer === 'object' && answer !== null) return answer
  throw unreachableServer(server, 'the answer is no JSON object')
}

/** The error for a server that does not answer as it should. */
export function unreachableServer({ name, url }: StackServer, reason: string, cause?: unknown): TracelogError {
  return new TracelogError(`${name} at ${url} does not answer: ${reason}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: hintOf(name, reason),
    ...(cause === undefined ? {} : { cause }),
  })
}

function hintOf(name: string, reason: string): string {
  if (/SELF_SIGNED|ISSUER_CERT|LEAF_SIGNATURE/.test(reason)) {
    return 'Set NODE_EXTRA_CA_CERTS to the PEM file of the authority that signed its certificate.'
  }
  if (/CERT/.test(reason)) return 'Name it as its certificate does, or renew the certificate.'
  return `Start it (docker compose up -d), or name another with --${name.toLowerCase()} URL.`
}

function refused(server: StackServer, status: number, said: string): TracelogError {
  const reason = said === '' ? `status ${status}` : `status ${status}, ${said}`
  if (status !== 401 && status !== 403) return unreachableServer(server, reason)
  return new TracelogError(`${server.name} at ${server.url} refused the request: ${reason}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Set TRACELOG_SOURCE_TENANT to the tenant, or TRACELOG_SOURCE_HEADERS to authorization=Bearer%20<token>.',
  })
}
