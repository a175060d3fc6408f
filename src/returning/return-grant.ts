/**
 * What a caller may see of its own call, signed: `v1.<base64url claims>.<base64url HMAC-SHA256>` (spec: return).
 *
 * A grant names one stream (`sid`) and travels with the call. A bearer has no `sid`: it opens streams and nothing else, so that who is
 * shown a grant cannot open one. Pure but for the HMAC: the time is passed in. Nothing here throws on what a caller sends.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const RETURN_SCOPES: readonly ReturnScope[] = ['logs:public', 'logs:all', 'logs:stack', 'console']
export type ReturnScope = 'logs:public' | 'logs:all' | 'logs:stack' | 'console'

export interface GrantClaims {
  /** Who may see it. */
  readonly sub: string
  /** The service that is called, or `*`. */
  readonly aud: string
  /** The stream; `undefined`: a bearer. */
  readonly sid?: string
  readonly scopes: readonly ReturnScope[]
  /** SeverityNumber, 1 to 24: from here up. */
  readonly lvl: number
  /** Seconds since the epoch. */
  readonly iat: number
  readonly exp: number
  /** The stream lives in the backend, and not in the service that is called. */
  readonly isRelayed?: boolean
  /** How many services stand between the caller and the one that is called. Default 0. */
  readonly hop?: number
  /** What tells grants of one stream apart, each of which is for one call. */
  readonly jti?: string
}

/** Why a text is no grant here. */
export type GrantRefusal = 'malformed' | 'tampered' | 'expired' | 'audience'

/** Of the text. Characters. */
const MAX_GRANT = 2_048
/** From `iat` to `exp`. Seconds. */
export const MAX_LIFE_SECONDS = 900
/** How far the clocks of two machines may be apart. Seconds. */
export const LEEWAY_SECONDS = 30

const FORM = /^v1\.([\w-]+)\.([\w-]{43})$/
export const STREAM_ID: RegExp = /^[\w-]{22}$/
/** Services that call each other in a circle come to an end. */
const MAX_HOPS = 16

/** @param keys  the first signs; at least one */
export function signGrant(claims: GrantClaims, [key = '']: readonly string[]): string {
  const signed = `v1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${signed}.${macOf(signed, key)}`
}

export interface GrantCheck {
  /** All of them verify. */
  readonly keys: readonly string[]
  readonly nowMillis: number
  /** Whom grants must be for, besides `*`; `undefined`: anyone. */
  readonly audience?: string | undefined
}

/** What a text grants, or why nothing. */
export function readGrant(text: string, { keys, nowMillis, audience }: GrantCheck): GrantClaims | GrantRefusal {
  const [, payload, mac] = text.length > MAX_GRANT ? [] : (FORM.exec(text) ?? [])
  if (payload === undefined || mac === undefined) return 'malformed'
  const signed = text.slice(0, -mac.length - 1)
  // Every key is tried, whichever fits: the time says nothing. The text is compared, for some texts decode to the same bytes.
  const isSigned = keys.map((key) => isSameText(macOf(signed, key), mac)).includes(true)
  if (!isSigned) return 'tampered'
  const claims = claimsOf(payload)
  if (claims === undefined) return 'malformed'
  const { iat, exp, aud } = claims
  const now = nowMillis / 1_000
  if (exp - iat > MAX_LIFE_SECONDS || now >= exp + LEEWAY_SECONDS || now < iat - LEEWAY_SECONDS) return 'expired'
  return audience === undefined || aud === '*' || aud === audience ? claims : 'audience'
}

/**
 * What a service hands on to the next one, for one call: the same stream, and never more than it was given itself.
 *
 * @returns `undefined`: it has come too far
 */
export function derivedClaims(
  claims: GrantClaims,
  { iat, jti }: { iat: number; jti: string },
): GrantClaims | undefined {
  const hop = (claims.hop ?? 0) + 1
  return hop > MAX_HOPS ? undefined : { ...claims, aud: '*', iat: Math.max(claims.iat, iat), hop, jti }
}

const MARK = /^([\w-]{22})\.([\w-]{43})$/

/**
 * By which records say what stream they are for. The caller knows the stream's id, and what a caller sends may be logged: the id alone
 * would let it mark records.
 *
 * @param keys  the first signs
 */
export function streamMark(sid: string, [key = '']: readonly string[]): string {
  return `${sid}.${macOf(markOf(sid), key)}`
}

/** The stream that a mark names, by whom it may be signed is asked next. */
export function streamOfMark(mark: unknown): string | undefined {
  return typeof mark === 'string' ? MARK.exec(mark)?.[1] : undefined
}

/** @param keys  any of them */
export function isSignedMark(mark: string, keys: readonly string[]): boolean {
  const [, sid = '', mac = ''] = MARK.exec(mark) ?? []
  return keys.map((key) => isSameText(macOf(markOf(sid), key), mac)).includes(true)
}

/** No grant: those begin with their version. */
function markOf(sid: string): string {
  return `mark.${sid}`
}

function macOf(signed: string, key: string): string {
  return createHmac('sha256', key).update(signed).digest('base64url')
}

function isSameText(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'))
}

function claimsOf(payload: string): GrantClaims | undefined {
  let claims: unknown
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
  if (typeof claims !== 'object' || claims === null) return undefined
  const { sub, aud, sid, scopes, lvl, iat, exp } = claims as Partial<GrantClaims>
  const isNamed = typeof sub === 'string' && typeof aud === 'string' && Array.isArray(scopes)
  const isStream = sid === undefined || (typeof sid === 'string' && STREAM_ID.test(sid))
  if (!isNamed || !isStream || !isSeverity(lvl) || !Number.isFinite(iat) || !Number.isFinite(exp)) return undefined
  const known = scopesOf(scopes)
  const stream = sid === undefined ? {} : { sid, ...relayOf(claims) }
  return { sub, aud, ...stream, scopes: known, lvl, iat: Number(iat), exp: Number(exp) }
}

function relayOf({ isRelayed, hop, jti }: Partial<GrantClaims>): Partial<GrantClaims> {
  if (isRelayed !== true) return {}
  const isHop = Number.isInteger(hop) && (hop as number) >= 0 && (hop as number) <= MAX_HOPS
  const isNamed = typeof jti === 'string' && STREAM_ID.test(jti)
  return { isRelayed, ...(isHop && { hop: hop as number }), ...(isNamed && { jti }) }
}

export function isSeverity(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 24
}

/** Those that there are, each once. */
export function scopesOf(names: readonly unknown[]): readonly ReturnScope[] {
  return RETURN_SCOPES.filter((scope) => names.includes(scope))
}
