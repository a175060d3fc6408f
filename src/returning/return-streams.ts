/**
 * All streams of a process: who may have one, which call it is bound to, when it is over.
 *
 * A stream is opened by a caller, bound to one call, ended once, and readable a while longer. Whoever asks for another's is told what one
 * is told who asks for none that there is.
 */
import { randomBytes } from 'node:crypto'

import type { ReturnScope } from './return-grant.ts'
import { ReturnStream, type RingBudget } from './return-stream.ts'

export interface StreamRights {
  readonly sub: string
  readonly scopes: readonly ReturnScope[]
  /** SeverityNumber: from here up. */
  readonly from: number
}

/** Who opens a stream, what of the call may be seen, and how long. */
export interface Authorised extends StreamRights {
  readonly ttlSeconds: number
}

export type EndStatus = 'ok' | 'error' | 'unbound' | 'expired'

export interface StreamEnd {
  readonly status: EndStatus
  readonly httpStatus?: number | undefined
}

export interface OpenStream extends StreamRights {
  readonly id: string
  readonly expiresMillis: number
  readonly openedMillis: number
  readonly ring: ReturnStream
  state: 'open' | 'bound' | 'ended'
  /** When it ended. */
  endedMillis: number
  /** Is told of each event. */
  onEvent: (() => void) | undefined
  /** Its time is over: whoever feeds it stops. */
  onExpired: (() => void) | undefined
}

export interface StreamLimits {
  readonly perSubject: number
  readonly streams: number
  readonly bytes: number
  readonly unboundMillis: number
  /** Readable after its end. */
  readonly keptMillis: number
}

/** Source: spec, return. */
export const STREAM_LIMITS: StreamLimits = {
  perSubject: 5,
  streams: 200,
  bytes: 16 * 1024 * 1024,
  unboundMillis: 30_000,
  keptMillis: 60_000,
}

export interface ReturnStreamsOptions {
  /** Milliseconds since the epoch: grants are compared with it. */
  readonly nowMillis: () => number
  /** A stream with console was opened, or the last of them is over. */
  readonly onConsole?: (isWanted: boolean) => void
  readonly limits?: StreamLimits
}

export class ReturnStreams {
  readonly #options: ReturnStreamsOptions
  readonly #limits: StreamLimits
  readonly #byId = new Map<string, OpenStream>()
  readonly #budget: RingBudget
  #consoles = 0

  constructor(options: ReturnStreamsOptions) {
    this.#options = options
    this.#limits = options.limits ?? STREAM_LIMITS
    this.#budget = { maxBytes: this.#limits.bytes, bytes: 0 }
  }

  get size(): number {
    return this.#byId.size
  }

  get bytes(): number {
    return this.#budget.bytes
  }

  /** @returns `undefined`: too many */
  open({ sub, scopes, from }: StreamRights, ttlMillis: number): OpenStream | undefined {
    this.sweep()
    const own = [...this.#byId.values()].filter((stream) => stream.sub === sub && stream.state !== 'ended')
    if (own.length >= this.#limits.perSubject || !this.#hasRoom()) return undefined
    const now = this.#options.nowMillis()
    const stream: OpenStream = {
      id: randomBytes(16).toString('base64url'),
      sub,
      scopes,
      from,
      openedMillis: now,
      expiresMillis: now + ttlMillis,
      ring: new ReturnStream({ budget: this.#budget }),
      state: 'open',
      endedMillis: 0,
      onEvent: undefined,
      onExpired: undefined,
    }
    this.#byId.set(stream.id, stream)
    if (scopes.includes('console') && this.#consoles++ === 0) this.#options.onConsole?.(true)
    return stream
  }

  find(id: string): OpenStream | undefined {
    return this.#byId.get(id)
  }

  /** Only the first call is bound. */
  bind(id: string, sub: string): OpenStream | 'unknown' | 'used' {
    const stream = this.#byId.get(id)
    if (stream === undefined || stream.sub !== sub) return 'unknown'
    if (stream.state !== 'open') return 'used'
    stream.state = 'bound'
    return stream
  }

  push(stream: OpenStream, kind: 'log' | 'stdout' | 'stderr', data: string): void {
    if (stream.state === 'ended') return
    stream.ring.push(kind, data)
    stream.onEvent?.()
  }

  /** Only the first end counts. */
  end(stream: OpenStream, { status, httpStatus }: StreamEnd): void {
    if (stream.state === 'ended') return
    stream.state = 'ended'
    stream.endedMillis = this.#options.nowMillis()
    const { dropped } = stream.ring
    stream.ring.push('end', JSON.stringify({ status, http_status: httpStatus, dropped }))
    stream.onExpired = undefined
    if (stream.scopes.includes('console') && --this.#consoles === 0) this.#options.onConsole?.(false)
    stream.onEvent?.()
  }

  /** Ends those whose time is over, forgets those that have ended long ago. @returns whether there are any left */
  sweep(): boolean {
    const now = this.#options.nowMillis()
    for (const stream of this.#byId.values()) {
      if (stream.state === 'ended') {
        if (now - stream.endedMillis >= this.#limits.keptMillis) this.#forget(stream)
      } else if (now >= stream.expiresMillis) {
        stream.onExpired?.()
        this.end(stream, { status: 'expired' })
      } else if (stream.state === 'open' && now - stream.openedMillis >= this.#limits.unboundMillis) {
        this.end(stream, { status: 'unbound' })
      }
    }
    return this.#byId.size > 0
  }

  /** The process takes its hooks back. */
  close(): void {
    for (const stream of this.#byId.values()) {
      stream.onExpired?.()
      this.end(stream, { status: 'expired' })
    }
  }

  /** Those that have ended make room first, the oldest of them. */
  #hasRoom(): boolean {
    if (this.#byId.size < this.#limits.streams) return true
    const over = [...this.#byId.values()].find((stream) => stream.state === 'ended' && stream.onEvent === undefined)
    if (over !== undefined) this.#forget(over)
    return over !== undefined
  }

  #forget(stream: OpenStream): void {
    this.#byId.delete(stream.id)
    stream.ring.close()
  }
}
