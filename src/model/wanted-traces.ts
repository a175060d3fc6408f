/**
 * How does `tracelog dev` tell applications of requests that have failed? The names that both ends use.
 *
 * A backend that knows how says so in each answer over OTLP/HTTP (`Tracelog-Backend: 1`). Whoever has read that may open
 * `GET <OTLP base>/v1/tracelog/wanted`: server-sent events, each with one line of data, the 32 digits of a trace whose lines are wanted.
 */

export const BACKEND_HEADER = 'tracelog-backend'
export const BACKEND_VERSION = '1'
export const WANTED_PATH = '/v1/tracelog/wanted'
/** What an answer has that brings them. */
export const WANTED_TYPE = 'text/event-stream'

/** Traces told to one application within a second: more are not passed on, and not listened to. */
export const MAX_WANTED_PER_SECOND = 1_000

/** Where a backend tells that takes records at this address of OTLP/HTTP; `undefined`: the address does not say where its base is. */
export function wantedUrl(url: string): string | undefined {
  const whole = new URL(url)
  const base = /^(.*)\/v1\/(?:logs|traces)$/.exec(whole.pathname)?.[1]
  if (base === undefined) return undefined
  whole.pathname = `${base}${WANTED_PATH}`
  return whole.href
}

/** A wanted trace as it travels. */
export function wantedEvent(traceId: string): string {
  return `data: ${traceId}\n\n`
}

const EVENT_LINE = /^data: ([0-9a-f]{32})\r?$/

/** The trace that a line tells of; `undefined`: another line. */
export function wantedTraceOf(line: string): string | undefined {
  return EVENT_LINE.exec(line)?.[1]
}
