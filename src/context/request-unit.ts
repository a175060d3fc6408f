/**
 * What is known of the request that this code runs for? One object per inbound request, carried in the Context under a
 * `Symbol.for` key, there whether or not the trace is sampled.
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../diag/clock.ts'
import type { Attributes } from '../model/any-value.ts'
import { toAttributes } from '../model/js-value.ts'
import { ATTR_REQUEST_PATH, type Component } from '../model/semconv.ts'

/** The Context key under which the unit travels; the same in every copy of the package. */
export const REQUEST_UNIT: symbol = Symbol.for('org.tracelog.request-unit')

/** One try to reach an upstream within a request. Times are milliseconds of `performance.now()`. */
export interface UpstreamAttempt {
  /** `host:port`. */
  readonly upstream: string
  readonly method: string
  /** Path and query as sent; compared, never written down. */
  readonly target: string
  readonly startedMillis: number
  endedMillis: number | undefined
  /** The answer's status, or the error's code; `''` while there is neither. */
  status: string
  /** The inbound request was piped into this one: what a proxy does, and an upload handler. */
  isPipedInto: boolean
  /** The library's own request object while the inbound request runs. */
  request?: { readonly res?: object | null } | undefined
  /** Its response was piped into the inbound request's response: what only a proxy does. */
  isPipedBack: boolean
  /** What the upstream's Cache-Status said. */
  cacheHit: boolean | undefined
}

/** Attempts kept per request; a fan-out of thousands is no load balancer. */
const MAX_ATTEMPTS = 32

export interface RequestUnitOptions {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly method: string
  /** Without query and fragment; `undefined` for units that are no HTTP request. */
  readonly path: string | undefined
  /** `performance.now()` at its start. */
  readonly startedMillis: number
  /** Whether the peer at the other end of the connection is in TRACELOG_TRUSTED_PEERS. */
  readonly isPeerTrusted: boolean
  /** TRACELOG_REQUEST_PATH: span ids of the server spans from the first service down to this one. Default: not kept. */
  readonly requestPath?: readonly string[] | undefined
}

/** What a request's hop hears while it runs. */
export interface ThrownListener {
  recordThrown(error: unknown): void
}

/** The current request. Mutable: capture/ writes into it what it sees. */
export class RequestUnit {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly method: string
  readonly path: string | undefined
  readonly startedMillis: number
  readonly isPeerTrusted: boolean
  /** What travels on; `undefined`: not kept. */
  readonly requestPath: readonly string[] | undefined
  /** `http.route`, as soon as the framework knows it. */
  route: string | undefined
  component: Component = 'http_server'
  /** Look-ups in all caches, how many of them hit, and the time spent in them (milliseconds). */
  cacheReads = 0
  cacheHits = 0
  cacheMillis = 0
  /** Whether the cache that was consulted last hit; `undefined`: none was. */
  cacheHit: boolean | undefined
  readonly attempts: UpstreamAttempt[] = []
  /** On every record of the request: the request's path, and what `requestFields()` added. */
  fields: Attributes | undefined
  /** The unhandled error that ended this request. */
  thrown: unknown = undefined
  hasThrown = false
  hasEnded = false
  /** The library's own request object while the request runs; not kept beyond. A field: a WeakMap cost 1 us per request. */
  inbound: object | undefined
  /** Who is told of an error that nobody caught; `undefined` when the request is over. */
  hop: ThrownListener | undefined

  constructor(options: RequestUnitOptions) {
    this.traceId = options.traceId
    this.spanId = options.spanId
    this.traceFlags = options.traceFlags
    this.method = options.method
    this.path = options.path
    this.startedMillis = options.startedMillis
    this.isPeerTrusted = options.isPeerTrusted
    this.requestPath = options.requestPath
    this.fields = this.requestPath && { [ATTR_REQUEST_PATH]: this.requestPath.join(':') }
  }

  /** Milliseconds since the request's start. */
  elapsedMillis(): number {
    return monotonicMillis() - this.startedMillis
  }

  /** @param hit  `undefined` for a read that failed: it counts as read, and says nothing about hit or miss */
  addCacheRead(hit: boolean | undefined, millis: number): void {
    this.cacheReads += 1
    this.cacheMillis += millis
    if (hit === undefined) return
    this.cacheHit = hit
    if (hit) this.cacheHits += 1
  }

  /** The request is over: what was only needed for its end is not kept, for contexts may live on (timers, sockets). */
  forget(): void {
    for (const attempt of this.attempts) attempt.request = undefined
    this.attempts.length = 0
    this.thrown = undefined
    this.inbound = undefined
  }

  addAttempt(attempt: UpstreamAttempt): void {
    if (this.attempts.length < MAX_ATTEMPTS) this.attempts.push(attempt)
  }

  addFields(fields: Attributes): void {
    this.fields = { ...this.fields, ...fields }
  }
}

/** The unit of a context, or `undefined` outside of requests. */
export function unitOf(context: Context): RequestUnit | undefined {
  return context.getValue(REQUEST_UNIT) as RequestUnit | undefined
}

/** The unit of the active context. */
export function currentUnit(): RequestUnit | undefined {
  return unitOf(contextApi.active())
}

export function withUnit(context: Context, unit: RequestUnit): Context {
  return context.setValue(REQUEST_UNIT, unit)
}

/** What the public API shows of the current request (public-api.md). */
export interface CurrentRequest {
  readonly traceId: string
  readonly spanId: string
  readonly path: string | undefined
  elapsedMillis(): number
}

/** The current request, or `undefined` outside of one. */
export function currentRequest(): CurrentRequest | undefined {
  const unit = currentUnit()
  if (unit === undefined) return undefined
  const { traceId, spanId, path } = unit
  return { traceId, spanId, path, elapsedMillis: () => unit.elapsedMillis() }
}

/** Adds fields to every later record of the current request, its completion record too; outside of a request: nothing. */
export function requestFields(fields: Attributes): void {
  currentUnit()?.addFields(toAttributes(fields))
}
