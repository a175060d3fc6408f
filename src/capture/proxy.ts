/**
 * Is this request handled by a load balancer? It is when the inbound request is piped into a client request made in its
 * context, and that one's response is piped back. Both ways: an upload handler pipes one way only, a download handler the other.
 * Generic on purpose: http-proxy, http-proxy-3, httpxy, http-proxy-middleware and hand-written ones all do it.
 *
 * Others do half of it. They are balancers where the package says that it forwards (proxy-packages.ts), or where the one answer that
 * they got is passed on and was asked for with the request's own method, path and query: what a download handler asks for has another
 * path. One that mirrors it on purpose says so with TRACELOG_COMPONENT.
 */
import type { RequestUnit } from '../context/request-unit.ts'
import type { AnswerIdentity, UpstreamAttempt } from '../context/upstream-attempts.ts'
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

/** A package that forwards requests is about to ask for this one: attempts from now on that have its method are what it makes of it. */
export function noteForwarding(unit: RequestUnit): void {
  unit.isForwarded = true
}

/** Of each attempt, when it is made. */
export function beginAttempt(unit: RequestUnit, attempt: UpstreamAttempt): void {
  unit.upstreams.add(attempt)
  attempt.isPipedInto = unit.isForwarded && attempt.method === unit.method
}

/** An attempt has been answered. */
export function judgeAnsweredAttempt(unit: RequestUnit, attempt: UpstreamAttempt): void {
  if (unit.isForwarded && attempt.isPipedInto) recognise(unit)
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
export function watchPipeBack(unit: RequestUnit, response: AnswerHead): void {
  if (!unit.hasUpstreams || unit.component === 'load_balancer') return
  const { all } = unit.upstreams
  for (const attempt of all) {
    if (attempt.isPipedBack || !isPassedOn(attempt, response)) continue
    if (!attempt.isPipedInto && !isOnlyAim(unit, attempt)) continue
    attempt.isPipedBack = true
    recognise(unit)
  }
}

/** What of a ServerResponse is read. */
export interface AnswerHead {
  readonly statusCode: number
  readonly _header?: string | null
  readonly _events?: { readonly unpipe?: unknown }
  getHeader(name: string): unknown
}

/** Of node:http's it is seen; of undici's, whose body nobody shows us, its head is, or something is piped. */
function isPassedOn({ request, answer, status }: UpstreamAttempt, response: AnswerHead): boolean {
  if (request !== undefined) return isPiped(request.res, response)
  if (answer === undefined || status !== String(response.statusCode)) return false
  // What is piped into is told when it is not any more.
  return response._events?.unpipe !== undefined || hasHeadOf(answer, response)
}

/**
 * An application has no time of its own in a head: Node writes `Date` there. One in small letters was copied from an answer, and so was
 * an entity tag that is the same.
 */
function hasHeadOf({ date, etag }: AnswerIdentity, response: AnswerHead): boolean {
  if (etag !== undefined && headerOf(response, 'etag') === etag) return true
  return date !== undefined && headerOf(response, 'date') === date
}

/** As it was set, or as `writeHead` has written it without keeping it. */
function headerOf(response: AnswerHead, name: string): string | undefined {
  const set = response.getHeader(name)
  if (set !== undefined) return typeof set === 'string' ? set : undefined
  const head = response._header
  const start = typeof head === 'string' ? head.indexOf(`\r\n${name}: `) : -1
  if (start < 0 || typeof head !== 'string') return undefined
  const from = start + name.length + 4
  return head.slice(from, head.indexOf('\r\n', from))
}

/** Whether nothing else was asked for: a handler that asks one for the user and another for the file is no balancer. */
function isOnlyAim(unit: RequestUnit, attempt: UpstreamAttempt): boolean {
  const { method, target } = attempt
  return isMirror(unit, attempt) && unit.upstreams.all.every((one) => one.method === method && one.target === target)
}

/** Whether it was asked for what the request asks for: a base path may stand before one of them. */
function isMirror({ method, path, inbound }: RequestUnit, attempt: UpstreamAttempt): boolean {
  if (attempt.method !== method || path === undefined) return false
  const [target = '', query = ''] = attempt.target.split('?', 2)
  // Routers move parts of the path elsewhere, and leave the query.
  const asking: Asking | undefined = inbound
  if (query !== (asking?.url?.split('?', 2)[1] ?? '')) return false
  const [shorter, longer] = path.length < target.length ? [path, target] : [target, path]
  return shorter === longer || (shorter.length > 1 && longer.endsWith(shorter))
}

interface Asking {
  readonly url?: string
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
  const isAlike = attempt.isPipedInto || (hasBalanced && isMirror(unit, attempt))
  if (!isAlike || attempt.method !== unit.method) return
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
