/**
 * Who may talk to the backend at all: asked first of every request of every port.
 *
 * Loopback is no protection by itself: any web page can make a browser send requests there. So: the Host must be a name
 * of ours (DNS rebinding), a browser must be on our own page (Origin, Sec-Fetch-Site), and where a token is required it
 * must be there. Pure: it sees headers, nothing else.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

import type { Headers, RequestGuard } from './contract/request-guard.ts'

export interface GuardOptions {
  /** Host names beside the loopback ones, without port. */
  readonly allowedHosts?: readonly string[]
  /** True when the server listens on every address: then any IP literal is a host of ours (a rebound name is no literal). */
  readonly isAnyAddressAllowed?: boolean
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']
/** `none`: typed into the address bar. `same-site` is not enough: every port of localhost is the same site. */
const OWN_FETCH_SITES: ReadonlySet<string> = new Set(['same-origin', 'none'])
const IP_LITERAL = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

/** Checks Host, Origin and Sec-Fetch-Site. */
export function createRequestGuard(options: GuardOptions = {}): RequestGuard {
  const names = new Set([...LOOPBACK_HOSTS, ...(options.allowedHosts ?? [])].map((name) => name.toLowerCase()))
  const isOurs = (name: string): boolean =>
    names.has(name) || (options.isAnyAddressAllowed === true && IP_LITERAL.test(name))

  return (headers) => {
    const host = textOf(headers['host'])
    if (host === undefined || !isOurs(hostName(host))) {
      return { status: 403, message: 'the Host header names no host of this backend (--allow-host adds one)' }
    }
    const origin = textOf(headers['origin'])
    if (origin !== undefined && !isOwnOrigin(origin, host)) {
      return { status: 403, message: 'requests from other web pages are not answered' }
    }
    const site = textOf(headers['sec-fetch-site'])
    if (site !== undefined && !OWN_FETCH_SITES.has(site)) {
      return { status: 403, message: 'requests from other web pages are not answered' }
    }
    return undefined
  }
}

/** Adds the token, as `Authorization: Bearer`, to what a guard checks. */
export function requireToken(guard: RequestGuard, isToken: (text: string) => boolean): RequestGuard {
  return (headers) => {
    const refusal = guard(headers)
    if (refusal !== undefined) return refusal
    const bearer = bearerOf(headers)
    if (bearer !== undefined && isToken(bearer)) return undefined
    return { status: 401, message: 'the token is missing or wrong: send Authorization: Bearer <token>' }
  }
}

/** Compares in constant time, whatever the lengths. */
export function createTokenCheck(token: string): (text: string) => boolean {
  const expected = digest(token)
  return (text) => timingSafeEqual(digest(text), expected)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function bearerOf(headers: Headers): string | undefined {
  const match = /^Bearer +(\S+)$/i.exec(textOf(headers['authorization']) ?? '')
  return match?.[1]
}

/** Twice the same header is never ours: treated as a name that nobody has. */
function textOf(value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return value.join(',')
}

/** `localhost:4330` -> `localhost`, `[::1]:4330` -> `[::1]`. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '')
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`
}
