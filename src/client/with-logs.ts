/**
 * A `fetch` whose calls come with their own logs.
 */
import { CallLogs } from './call-logs.ts'
import type { LogStream } from './log-stream.ts'
import type { WithLogsOptions } from './options.ts'
import { RETURN_HEADER } from './stream-requests.ts'

/** The platform's `fetch`, and what is called like it. */
export type AnyFetch = (input: never, init?: never) => Promise<unknown>

export interface LoggedCall<Answer> {
  /** What `fetch` answered, untouched. */
  readonly response: Answer
  readonly logs: LogStream
}

/** After a call that failed, its last lines may still be on their way. */
const LAST_LINES_MILLIS = 1_000

/**
 * Makes a `fetch` that also gives what the server logs for the call: records, standard output and standard error, while it runs.
 *
 * The call is as without it, but for one header more, and for the second that opening the stream may take at most; where there is no
 * stream, it is made without, and `logs.status` is `unavailable`. It rejects with the very error of `fetch`.
 *
 * From a page to another origin: that origin's CORS must allow the header `Tracelog-Return`, or no call but a GET or HEAD gets through.
 */
export function withLogs<Fetch extends AnyFetch>(
  fetch: Fetch,
  options: WithLogsOptions,
): (...call: Parameters<Fetch>) => Promise<LoggedCall<Awaited<ReturnType<Fetch>>>> {
  const any = fetch as unknown as (input: unknown, init?: object) => Promise<Awaited<ReturnType<Fetch>>>
  return async (...[input, init]: readonly unknown[]) => {
    const logs = new CallLogs(any, options)
    const grant = await logs.open()
    if (grant === undefined) return { response: await any(input, init as object | undefined), logs }
    try {
      return { response: await any(input, withGrant(input, init as Init | undefined, grant)), logs }
    } catch (error) {
      setTimeout(() => void logs.close(), LAST_LINES_MILLIS)
      if (error instanceof TypeError && mayBeForbidden(input, init as Init | undefined)) {
        return { response: await any(input, init as object | undefined), logs }
      }
      throw error
    }
  }
}

interface Init {
  readonly method?: string
  readonly headers?: object
}

/**
 * Another origin may allow a page the call and not the header, which the page is not told: it is asked once more without, where that
 * does no harm. What is no GET or HEAD may have been done already.
 */
function mayBeForbidden(input: unknown, init: Init | undefined): boolean {
  const page = (globalThis as { location?: { href?: string } }).location?.href
  if (page === undefined) return false
  const { method = 'GET', url = String(input) } = (typeof input === 'object' ? input : {}) as {
    method?: string
    url?: string
  }
  return /^(?:get|head)$/i.test(init?.method ?? method) && new URL(url, page).origin !== new URL(page).origin
}

/** Headers stay what they were: an object, a list or `Headers`, also those of a `Request`. */
function withGrant(input: unknown, init: Init | undefined, grant: string): Init {
  const given = init?.headers ?? (input as { headers?: object } | null)?.headers
  if (given === undefined) return { ...init, headers: { [RETURN_HEADER]: grant } }
  if (Array.isArray(given)) return { ...init, headers: [...(given as unknown[]), [RETURN_HEADER, grant]] }
  if (!(Symbol.iterator in given)) return { ...init, headers: { ...given, [RETURN_HEADER]: grant } }
  const headers = new Headers(given)
  headers.set(RETURN_HEADER, grant)
  return { ...init, headers }
}
