/**
 * The two requests of a stream: the one that opens it, and the one that reads it.
 *
 * Neither takes cookies along, nor is sent on to where a server redirects it: the authorization is for this one alone.
 */
import type { WithLogsOptions } from './options.ts'
import { readText } from './response-text.ts'

/** What `fetch` is to us: the platform's, or one that is called like it. */
export type StreamFetch = (url: string, init: RequestInit) => Promise<Response>

/** The header of the call that names its stream. */
export const RETURN_HEADER = 'Tracelog-Return'

/** An opened stream. */
export interface StreamPlace {
  readonly url: string
  readonly grant: string
}

/** What a header may carry, of the length that a grant may have. Source: spec, return, rule 2. */
const GRANT = /^[\x21-\x7e]{1,2048}$/
/** Of the answer that names the stream. */
const MAX_ANSWER_LENGTH = 65_536

/** @returns rejects when there is none: nobody there, not authorised, an answer that is no stream */
export async function openStream(
  fetch: StreamFetch,
  options: WithLogsOptions,
  signal: AbortSignal,
): Promise<StreamPlace> {
  const base = streamsUrl(options.streams)
  const response = await fetch(base, {
    ...COMMON,
    method: 'POST',
    headers: { ...(await authorizationOf(options)), 'Content-Type': 'application/json' },
    body: JSON.stringify(options.level === undefined ? {} : { level: options.level }),
    signal,
  })
  if (response.status !== 201) throw new Error(`no stream of logs: ${response.status}`)
  const place = JSON.parse(await readText(response, MAX_ANSWER_LENGTH)) as Readonly<Record<string, unknown>>
  const url = new URL(String(place['url']), base)
  const grant = String(place['grant'])
  // Whoever answers here gets no authorization sent to another place.
  if (url.origin !== new URL(base).origin || !GRANT.test(grant)) throw new Error('no stream of logs: a strange answer')
  return { url: url.href, grant }
}

/** Who has the grant of a stream may read it. @param lastId  of the last event that arrived; the stream goes on behind it */
export async function requestEvents(fetch: StreamFetch, { place, lastId, signal }: EventsRequest): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'text/event-stream', Authorization: `Bearer ${place.grant}` }
  if (lastId !== undefined) headers['Last-Event-ID'] = lastId
  return await fetch(place.url, { ...COMMON, headers, signal })
}

export interface EventsRequest {
  readonly place: StreamPlace
  readonly lastId: string | undefined
  readonly signal: AbortSignal
}

const COMMON: RequestInit = { cache: 'no-store', credentials: 'omit', redirect: 'error' }

function streamsUrl(streams: string | URL): string {
  const page = (globalThis as { location?: { href?: string } }).location?.href
  const base = new URL(streams, page)
  base.pathname = `${base.pathname.replace(/\/$/, '')}/streams`
  return base.href
}

async function authorizationOf({ authorization }: WithLogsOptions): Promise<Record<string, string>> {
  const text = typeof authorization === 'function' ? await authorization() : authorization
  return text === undefined ? {} : { Authorization: text }
}
