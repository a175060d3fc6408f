/**
 * Is this request handled by a load balancer? It is when the inbound request is piped into a client request made in its
 * context, and that one's response is piped back. Both ways: an upload handler pipes one way only, a download handler the other.
 *
 * Generic on purpose: http-proxy, http-proxy-3, httpxy, http-proxy-middleware and hand-written ones all do it.
 */
import type { RequestUnit } from '../context/request-unit.ts'
import type { UpstreamAttempt } from '../context/upstream-attempts.ts'
import type { EmitWatcher } from '../context/emitter-state.ts'
import { watchEmits } from './http/emitter-context.ts'

/** A readable stream of Node's; what it is piped into is in the list when the other end emits `pipe`. */
interface PipingStream {
  readonly _readableState?: { readonly pipes?: readonly object[] }
}
interface UpstreamRequest {
  /** The response. */
  readonly res?: object | null
}

/** Lets `watchAttempt` recognise the inbound request of `unit` when it is piped somewhere. */
export function markInbound(request: object, unit: RequestUnit): void {
  unit.inbound = request
}

/** Watches whether the inbound request of `unit` is piped into this client request. */
export function watchAttempt(unit: RequestUnit, attempt: UpstreamAttempt, clientRequest: UpstreamRequest): void {
  attempt.request = clientRequest
  watchEmits(clientRequest, new PipeWatcher(unit, attempt, clientRequest))
}

class PipeWatcher implements EmitWatcher {
  readonly #unit: RequestUnit
  readonly #attempt: UpstreamAttempt
  readonly #clientRequest: object

  constructor(unit: RequestUnit, attempt: UpstreamAttempt, clientRequest: object) {
    this.#unit = unit
    this.#attempt = attempt
    this.#clientRequest = clientRequest
  }

  onEmit(): boolean {
    this.#attempt.isPipedInto ||= isPiped(this.#unit.inbound, this.#clientRequest)
    return !this.#attempt.isPipedInto && !this.#unit.hasEnded
  }
}

/** Called when the inbound request's response is about to emit something: an upstream's may be piped into it. */
export function watchPipeBack(unit: RequestUnit, response: object): void {
  if (!unit.hasUpstreams) return
  for (const attempt of unit.upstreams.all) {
    if (attempt.isPipedBack || !attempt.isPipedInto || !isPiped(attempt.request?.res, response)) continue
    attempt.isPipedBack = true
    recognise(unit)
  }
}

function isPiped(from: PipingStream | null | undefined, into: object): boolean {
  return from?._readableState?.pipes?.includes(into) === true
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
  return unit.upstreams.all.filter(
    (attempt) =>
      attempt.method === method &&
      attempt.target === target &&
      attempt.endedMillis !== undefined &&
      !/^(?:|[123]\d\d|40[0-79]|41\d)$/.test(attempt.status),
  ).length
}
