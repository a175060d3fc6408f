/**
 * Whom do we ask for the traces that have failed elsewhere? The backends that have said, in an answer to an export, that they know.
 *
 * Nothing is sent to anybody else: no answer with the header, no request. A stream that has ended is opened again by the next such
 * answer, at the earliest after a pause; so whoever takes the place of a backend is not asked either.
 */
import type { IncomingHttpHeaders } from 'node:http'

import { monotonicMillis } from '../../diag/clock.ts'
import { safely } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { BACKEND_HEADER, BACKEND_VERSION, wantedUrl } from '../../model/wanted-traces.ts'
import type { Composition } from '../lane-spec.ts'
import { endpointName, type OtlpEndpoint } from '../otlp-endpoint.ts'
import type { WantedNews } from './wanted-news.ts'
import { openWantedStream } from './wanted-stream.ts'

/** Between two streams to one backend: the first, doubled each time, and the longest. Milliseconds. */
const FIRST_PAUSE_MILLIS = 1_000
const MAX_PAUSE_MILLIS = 60_000
/** A stream that lived so long begins anew with the first pause. Milliseconds. */
const PROVEN_MILLIS = 60_000
/** Who sends more than a backend of ours does is left alone for so long. Milliseconds. */
const HOSTILE_MILLIS = 600_000
/** What is heard within this time is told at once: each word makes the recorder look through its rings. Milliseconds. */
const TELL_MILLIS = 100

export interface WantedFollowerOptions {
  readonly lanes: Composition
  readonly userAgent: string
  readonly tell: (news: WantedNews) => void
}

export interface WantedFollower {
  /** An endpoint has answered. */
  heard(endpoint: OtlpEndpoint, headers: IncomingHttpHeaders): void
  stop(): void
}

interface Backend {
  readonly endpoint: OtlpEndpoint
  readonly url: string
  /** While it is open. */
  stop: (() => void) | undefined
  openedMillis: number
  pauseMillis: number
  notBeforeMillis: number
}

export function createWantedFollower(options: WantedFollowerOptions): WantedFollower {
  return new Follower(options)
}

class Follower implements WantedFollower {
  readonly #options: WantedFollowerOptions
  /** Only where dumps go: by their addresses. */
  readonly #backends = new Map<string, Backend>()
  readonly #urls = new Map<string, string | undefined>()
  readonly #heard = new Set<string>()
  #dropped = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: WantedFollowerOptions) {
    this.#options = options
    for (const { signal, to } of options.lanes) {
      if (signal !== 'logs' || to.kind !== 'otlp') continue
      const { endpoint } = to
      const url = this.#urlOf(endpoint)
      if (url === undefined) continue
      const state = { stop: undefined, openedMillis: 0, pauseMillis: FIRST_PAUSE_MILLIS, notBeforeMillis: -Infinity }
      this.#backends.set(url, { endpoint, url, ...state })
    }
  }

  heard(endpoint: OtlpEndpoint, headers: IncomingHttpHeaders): void {
    if (headers[BACKEND_HEADER] !== BACKEND_VERSION) return
    const backend = this.#backends.get(this.#urlOf(endpoint) ?? '')
    if (backend === undefined || backend.stop !== undefined || monotonicMillis() < backend.notBeforeMillis) return
    backend.openedMillis = monotonicMillis()
    // A certificate that cannot be read, a header that cannot be sent: exports say so.
    const isAsked = safely('the stream of wanted traces', () => {
      this.#open(backend)
      return true
    })
    if (isAsked !== true) pause(backend, false)
  }

  stop(): void {
    stopTimer(this.#timer)
    for (const backend of this.#backends.values()) backend.stop?.()
    this.#backends.clear()
  }

  #urlOf({ url, protocol }: OtlpEndpoint): string | undefined {
    if (protocol === 'grpc') return undefined
    if (!this.#urls.has(url)) this.#urls.set(url, wantedUrl(url))
    return this.#urls.get(url)
  }

  #open(backend: Backend): void {
    const { userAgent, tell } = this.#options
    const name = endpointName(backend.endpoint.url)
    let isOpen = false
    backend.stop = openWantedStream({
      url: backend.url,
      endpoint: backend.endpoint,
      userAgent,
      onOpen: () => {
        isOpen = true
        tell({ kind: 'following', endpoint: name, isOpen })
      },
      onTraces: (traceIds, dropped) => this.#note(traceIds, dropped),
      onEnd: (isHostile) => {
        this.#tell()
        if (isOpen) tell({ kind: 'following', endpoint: name, isOpen: false })
        pause(backend, isHostile)
      },
    })
  }

  #note(traceIds: readonly string[], dropped: number): void {
    for (const traceId of traceIds) this.#heard.add(traceId)
    this.#dropped += dropped
    this.#timer ??= startTimer(() => this.#tell(), TELL_MILLIS).unref()
  }

  #tell(): void {
    stopTimer(this.#timer)
    this.#timer = undefined
    if (this.#heard.size + this.#dropped === 0) return
    this.#options.tell({ kind: 'wanted', traceIds: [...this.#heard], dropped: this.#dropped })
    this.#heard.clear()
    this.#dropped = 0
  }
}

function pause(backend: Backend, isHostile: boolean): void {
  const now = monotonicMillis()
  backend.stop = undefined
  if (now - backend.openedMillis >= PROVEN_MILLIS) backend.pauseMillis = FIRST_PAUSE_MILLIS
  backend.notBeforeMillis = now + (isHostile ? HOSTILE_MILLIS : backend.pauseMillis)
  backend.pauseMillis = Math.min(MAX_PAUSE_MILLIS, backend.pauseMillis * 2)
}
