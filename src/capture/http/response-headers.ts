/**
 * What a server hop adds to a response before its headers go: `Server-Timing` with the trace, `Cache-Status`.
 *
 * `_storeHeader` is where all ways to send headers meet (setHeader, writeHead, write, end, pipe). It is an accessor on
 * ServerResponse.prototype: reading it completes the headers and hands back the original, so that no function of ours
 * stands in a stack that the application prints.
 */
import type { ServerResponse } from 'node:http'

import type { RequestUnit } from '../../context/request-unit.ts'
import { formatTraceparent } from '../../model/trace-context.ts'

/** On a response: what completes its headers. */
const COMPLETES_HEADERS: unique symbol = Symbol.for('org.tracelog.completes-headers')
const SERVER_TIMING = 'Server-Timing'
const CACHE_STATUS = 'Cache-Status'

interface WatchedResponse extends ServerResponse {
  [COMPLETES_HEADERS]?: (() => void) | undefined
}

export interface ResponseHeaderOptions {
  /** Default true. */
  readonly sendsResponseContext?: boolean
  /** Default true. */
  readonly sendsCacheStatus?: boolean
  readonly serviceName: string
}

/**
 * Makes `response` carry our headers. Call before the application sees it.
 *
 * Node keeps headers that are given to `writeHead` alone apart from all others; one header set beforehand joins them.
 */
export function addResponseHeaders(response: ServerResponse, unit: RequestUnit, options: ResponseHeaderOptions): void {
  const { sendsResponseContext = true, sendsCacheStatus = true, serviceName } = options
  const timing = sendsResponseContext ? serverTiming(unit) : undefined
  const mayTellCache = sendsCacheStatus && unit.isPeerTrusted
  if (timing === undefined && !mayTellCache) return
  response.setHeader(SERVER_TIMING, timing ?? '')
  if (timing === undefined) response.removeHeader(SERVER_TIMING)
  // Not assigned at once: V8 puts a function literal that is assigned to a property into the old generation, and there each
  // one kept its request alive until the next full collection (a young generation of 128 MB instead of 16, measured).
  const complete = (): void => {
    if (timing !== undefined) appendTiming(response, timing)
    if (mayTellCache && unit.cacheHit !== undefined && !response.hasHeader(CACHE_STATUS)) {
      response.setHeader(CACHE_STATUS, cacheStatus(serviceName, unit.cacheHit))
    }
  }
  ;(response as WatchedResponse)[COMPLETES_HEADERS] = complete
}

/** `trace;desc=00-<trace>-<span>-<flags>`. */
export function serverTiming({ traceId, spanId, traceFlags }: RequestUnit): string {
  return `trace;desc=${formatTraceparent({ traceId, spanId, flags: traceFlags })}`
}

/** RFC 9211: `<cache>; hit` or `<cache>; fwd=miss`. */
export function cacheStatus(name: string, hit: boolean): string {
  const token = /^[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*$/.test(name)
  // Structured fields know printable ASCII only.
  const text = token ? name : `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, String.raw`\$&`)}"`
  return `${text}; ${hit ? 'hit' : 'fwd=miss'}`
}

/** The application's own entries stay, ours comes last; one of an upstream that a proxy passes on goes. */
function appendTiming(response: ServerResponse, timing: string): void {
  const present = response.getHeader(SERVER_TIMING)
  if (present === timing) return
  const entries = (Array.isArray(present) ? present : [present])
    .filter((entry) => entry !== undefined)
    .flatMap((entry) => String(entry).split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('trace;desc='))
  response.setHeader(SERVER_TIMING, [...entries, timing].join(', '))
}

/** Hooks `_storeHeader`. @returns false when this Node has none: then headers stay as they were set at the beginning */
export function watchResponseHeaders(prototype: ServerResponse): boolean {
  const parent = Object.getPrototypeOf(prototype) as { _storeHeader?: unknown }
  if (typeof parent._storeHeader !== 'function' || Object.hasOwn(prototype, '_storeHeader')) {
    return typeof parent._storeHeader === 'function'
  }
  Object.defineProperty(prototype, '_storeHeader', {
    configurable: true,
    get(this: WatchedResponse) {
      const complete = this[COMPLETES_HEADERS]
      if (complete !== undefined) {
        this[COMPLETES_HEADERS] = undefined
        try {
          complete()
        } catch {
          // A header that cannot be set is no reason to fail the application's response.
        }
      }
      return parent._storeHeader
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, '_storeHeader', { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return true
}

/** Undoes `watchResponseHeaders`. */
export function unwatchResponseHeaders(prototype: ServerResponse): void {
  Reflect.deleteProperty(prototype, '_storeHeader')
}
