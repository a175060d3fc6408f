/**
 * The calls whose lines this process sends to a stream in the backend: with its records, each of which says which stream it is for.
 *
 * A grant is good for one call of this process. Bounded: so many calls at once, so many grants that are remembered until they expire.
 */
import { randomBytes } from 'node:crypto'

import type { RequestUnit } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import type { Attributes } from '../model/any-value.ts'
import * as key from '../model/semconv.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { derivedClaims, LEEWAY_SECONDS, signGrant, streamMark, type GrantClaims } from '../returning/return-grant.ts'
import { STREAM_LIMITS, type StreamEnd, type StreamRights } from '../returning/return-streams.ts'
import type { ReturnWay } from './return-way.ts'
import { RETURN_SCOPE } from './returned-unit.ts'

export interface RelayedCallsOptions {
  readonly records: RecordEmitter
  /** Those that services and backend share. */
  readonly keys: readonly string[]
  readonly nowMillis: () => number
  readonly detached: <T>(run: () => T) => T
  /** A call with console was bound, or the last of them is over. */
  readonly onConsole: (isWanted: boolean) => void
}

/** Remembered until they expire. */
const MAX_GRANTS = 10_000

export class RelayedCalls {
  readonly #options: RelayedCallsOptions
  readonly #open = new Set<RelayedWay>()
  /** When each expires. Milliseconds. */
  readonly #used = new Map<string, number>()
  #consoles = 0

  constructor(options: RelayedCallsOptions) {
    this.#options = options
  }

  /** @returns why not, where it is not */
  bind(claims: GrantClaims, unit: RequestUnit): ReturnWay | 'used' | 'too_many' {
    const name = `${claims.sid} ${claims.jti}`
    if (this.#used.has(name)) return 'used'
    this.sweep()
    if (this.#open.size >= STREAM_LIMITS.streams || this.#used.size >= MAX_GRANTS) return 'too_many'
    const expiresMillis = claims.exp * 1_000
    // As long as it would be taken.
    this.#used.set(name, expiresMillis + LEEWAY_SECONDS * 1_000)
    const forget = (): void => void this.#used.delete(name)
    const way = new RelayedWay({ ...this.#options, claims, unit: unit.spanId, forget, onOver: () => this.#drop(way) })
    this.#open.add(way)
    if (claims.scopes.includes('console') && this.#consoles++ === 0) this.#options.onConsole(true)
    return way
  }

  /** Stops those whose time is over. @returns whether there is anything to look after */
  sweep(): boolean {
    const now = this.#options.nowMillis()
    for (const way of this.#open) if (now >= way.expiresMillis) this.#stop(way)
    for (const [name, millis] of this.#used) if (now >= millis) this.#used.delete(name)
    return this.#open.size > 0 || this.#used.size > 0
  }

  /** The process ends, or takes its hooks back: nothing more will come of any of them. */
  close(): void {
    for (const way of this.#open) {
      const end = way.soFar?.() ?? { status: 'error' }
      this.#stop(way)
      way.end(end)
    }
  }

  #stop(way: RelayedWay): void {
    way.onExpired?.()
    this.#drop(way)
  }

  #drop(way: RelayedWay): void {
    if (!this.#open.delete(way)) return
    if (way.rights.scopes.includes('console') && --this.#consoles === 0) this.#options.onConsole(false)
  }
}

interface RelayedWayOptions extends Pick<RelayedCallsOptions, 'records' | 'keys' | 'nowMillis' | 'detached'> {
  readonly claims: GrantClaims
  /** Its span id. */
  readonly unit: string
  /** The grant is as if it had not been shown. */
  readonly forget: () => void
  readonly onOver: () => void
}

class RelayedWay implements ReturnWay {
  readonly isRelayed = true
  readonly rights: StreamRights
  readonly expiresMillis: number
  onExpired: (() => void) | undefined
  soFar: (() => StreamEnd) | undefined
  readonly #options: RelayedWayOptions
  readonly #marks: Attributes
  readonly #mark: string
  #hasEnded = false

  constructor(options: RelayedWayOptions) {
    const { sub, scopes, lvl, exp, sid = '' } = options.claims
    this.#options = options
    this.rights = { sub, scopes, from: lvl }
    this.expiresMillis = exp * 1_000
    this.#mark = streamMark(sid, options.keys)
    this.#marks = { [key.ATTR_RETURN_SENT]: true, [key.ATTR_RETURN_STREAM]: this.#mark }
    this.#say(key.EVENT_RETURN_BOUND, this.#ofUnit())
  }

  log(): Attributes {
    return this.#marks
  }

  text(kind: 'stdout' | 'stderr', text: string): void {
    this.#say(key.EVENT_RETURN_OUTPUT, { [key.ATTR_LOG_IOSTREAM]: kind }, text)
  }

  end({ status, httpStatus }: StreamEnd): void {
    this.#over({
      [key.ATTR_RETURN_STATUS]: status,
      ...(httpStatus !== undefined && { [key.ATTR_HTTP_RESPONSE_STATUS_CODE]: httpStatus }),
    })
  }

  unbind(): void {
    // Of no hop: how it ended is nothing to the caller.
    this.#over({ [key.ATTR_RETURN_HOP]: -1 })
    this.#options.forget()
  }

  onward(): string | undefined {
    const { claims, keys, nowMillis } = this.#options
    const now = nowMillis()
    if (now >= this.expiresMillis) return undefined
    const jti = randomBytes(16).toString('base64url')
    const derived = derivedClaims(claims, { iat: Math.floor(now / 1_000), jti })
    return derived && signGrant(derived, keys)
  }

  #over(attributes: Attributes): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#say(key.EVENT_RETURN_OVER, { ...this.#ofUnit(), ...attributes })
    this.#options.onOver()
  }

  #ofUnit(): Attributes {
    const { claims, unit } = this.#options
    return { [key.ATTR_RETURN_UNIT]: unit, [key.ATTR_RETURN_HOP]: claims.hop ?? 0 }
  }

  /** Whatever the level is, and outside of the request: it is no line of it. */
  #say(eventName: string, attributes: Attributes, body = ''): void {
    const { records, detached } = this.#options
    const all = { ...attributes, [key.ATTR_RETURN_STREAM]: this.#mark }
    const input = { severityNumber: SEVERITY_INFO, eventName, body, attributes: all }
    safely('a relayed call', () => detached(() => records.emit(input, RETURN_SCOPE, 'export')))
  }
}
