/**
 * Is this request handled by a load balancer? It is when the inbound request is piped into a client request made in its
 * context, and that one's response is piped back. Both ways: an upload handler pipes one way only, a download handler the other.
 *
 * Generic on purpose: http-proxy, http-proxy-3, httpxy, http-proxy-middleware and hand-written ones all do it.
 */
import type { EventEmitter } from 'node:events'

import type { RequestUnit, UpstreamAttempt } from '../context/request-unit.ts'

/** On an inbound request: its unit and its response, to recognise it when it is piped somewhere. */
const INBOUND: unique symbol = Symbol.for('org.tracelog.inbound')

interface Inbound {
  readonly unit: RequestUnit
  readonly response: EventEmitter
}

/** Lets `watchAttempt` find the unit and response of an inbound request. */
export function markInbound(request: object, unit: RequestUnit, response: EventEmitter): void {
  const marked = request as { [INBOUND]?: Inbound }
  marked[INBOUND] = { unit, response }
  unit.inbound = request
}

/** Watches whether the inbound request of `unit` is piped into this client request, and its response back. */
export function watchAttempt(
  unit: RequestUnit,
  attempt: UpstreamAttempt,
  clientRequest: EventEmitter & { readonly res?: object | null },
): void {
  clientRequest.once('pipe', (source: { [INBOUND]?: Inbound }) => {
    const inbound = source[INBOUND]
    if (inbound?.unit !== unit) return
    attempt.isPipedInto = true
    const onPipeBack = (back: object) => {
      if (back !== clientRequest.res) return
      attempt.isPipedBack = true
      recognise(unit)
    }
    inbound.response.once('pipe', onPipeBack)
    // An attempt that failed is replaced by the next one; its listener would warn of a leak after ten.
    clientRequest.once('close', () => {
      if (!attempt.isPipedBack) inbound.response.removeListener('pipe', onPipeBack)
    })
  })
}

/** Whether this process has balanced before: decides what a request whose only upstream is dead was. */
let hasBalanced = false

function recognise(unit: RequestUnit): void {
  hasBalanced = true
  unit.component = 'load_balancer'
}

/**
 * Called when an attempt ended without a response. A dead upstream pipes nothing back, so what is left to go by: the
 * request was piped in, with its own method, and to its own path or by a process that has balanced before.
 */
export function judgeFailedAttempt(unit: RequestUnit, attempt: UpstreamAttempt): void {
  if (!attempt.isPipedInto || attempt.method !== unit.method) return
  const [path = ''] = attempt.target.split('?', 1)
  if (hasBalanced || path.endsWith(unit.path ?? '\0') || unit.path?.endsWith(path) === true) {
    unit.component = 'load_balancer'
  }
}

/** How often this very request was tried and failed before: `http.request.resend_count`. */
export function resendCount(unit: RequestUnit, method: string, target: string): number {
  return unit.attempts.filter(
    (attempt) =>
      attempt.method === method &&
      attempt.target === target &&
      attempt.endedMillis !== undefined &&
      !/^(?:|[123]\d\d|40[0-79]|41\d)$/.test(attempt.status),
  ).length
}
