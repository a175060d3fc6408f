/**
 * From the queue to the way out: which batch goes when, what its outcome means, and when to try an endpoint that did not answer.
 *
 * A batch leaves the queue only when answered for. While an endpoint is down one batch probes it, with growing pauses; while it is
 * up, four travel at a time. Nothing here waits, blocks or keeps the process alive: `pump` is called when something changed.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { say, sayOnce } from '../diag/events.ts'
import { requestOf, type EncodedBatch } from '../model/encoded-batch.ts'
import { wholeOf } from './batch-parts.ts'
import type { Signal } from '../model/signal.ts'
import type { DropLedger } from './drop-ledger.ts'
import type { Counts } from './pipeline-stats.ts'
import type { RecordQueue } from './queue.ts'
import type { Route } from './route.ts'
import { delayMillis, MIN_DELAY_MILLIS } from './transports/retry-policy.ts'
import { MAX_IN_FLIGHT } from './transports/transport.ts'
import type { Outcome, SentRequest } from './worker-protocol.ts'

/** How a request gets to the code that sends it, wherever that runs. */
export interface SenderLink {
  /** False while the worker is being started anew. */
  isReady(): boolean
  post(request: SentRequest): void
}

export interface DispatcherOptions {
  readonly queue: RecordQueue
  readonly link: SenderLink
  readonly ledger: DropLedger
  readonly counts: Counts
  /** No route: nothing of the signal is ever queued. */
  readonly routes: Readonly<Record<Signal, Route | undefined>>
  /** Called when `pump` is worth calling again, after this long. Milliseconds. */
  readonly onWait: (millis: number) => void
  /** A batch has been delivered. */
  readonly onDelivered: () => void
}

type LaneState = 'unknown' | 'up' | 'down'

/** How one signal's destination stands. */
interface Lane {
  readonly signal: Signal
  readonly route: Route
  state: LaneState
  failures: number
  /** Not before, by performance.now. */
  notBeforeMillis: number
  /** When it last did not answer, on the same clock. */
  failedMillis: number
  /** It did not answer while the process ends. */
  isGivenUp: boolean
  inFlight: number
}

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #lanes: readonly Lane[]
  readonly #travelling = new Map<number, { batch: EncodedBatch; lane: Lane }>()
  #nextId = 1
  #isEnding = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#lanes = (['logs', 'spans'] as const).flatMap((signal) => {
      const route = options.routes[signal]
      return route === undefined
        ? []
        : [
            {
              signal,
              route,
              state: 'unknown' as const,
              failures: 0,
              notBeforeMillis: 0,
              failedMillis: -Infinity,
              isGivenUp: false,
              inFlight: 0,
            },
          ]
    })
  }

  get inFlight(): number {
    return this.#travelling.size
  }

  get endpoint(): LaneState {
    const states = this.#lanes.map((lane) => lane.state)
    if (states.includes('down')) return 'down'
    return states.includes('up') ? 'up' : 'unknown'
  }

  /** Posts whatever may travel now. */
  pump(): void {
    if (!this.#options.link.isReady()) return
    for (const lane of this.#lanes) {
      while (this.#maySend(lane)) this.#send(lane)
    }
  }

  /** Takes an outcome of a request of ours; of any other there is nothing to do. */
  settle(outcome: Outcome): boolean {
    const travelling = this.#travelling.get(outcome.id)
    if (travelling === undefined) return false
    this.#travelling.delete(outcome.id)
    travelling.lane.inFlight--
    this.#judge(outcome, travelling)
    return true
  }

  /** The sender is gone: what was with it is first in line again. */
  takeBack(): void {
    for (const { batch, lane } of this.#travelling.values()) {
      lane.inFlight--
      this.#options.queue.putBack(batch)
    }
    this.#travelling.clear()
  }

  /** No pause but the shortest: whoever calls decides how long to go on. */
  hurry(): void {
    for (const lane of this.#lanes) lane.notBeforeMillis = lane.failedMillis + MIN_DELAY_MILLIS
  }

  /** How long nothing will travel, although something waits. Milliseconds; 0: something travels, or nothing waits for time alone. */
  pauseMillis(): number {
    const paused = this.#lanes.filter((lane) => !lane.isGivenUp && this.#options.queue.hasWaiting(lane.signal))
    if (this.#travelling.size > 0 || paused.length === 0) return 0
    return Math.max(0, Math.min(...paused.map((lane) => lane.notBeforeMillis)) - monotonicMillis())
  }

  /** The process ends: an endpoint that does not answer is given up on instead of waited for. */
  end(): void {
    this.#isEnding = true
    this.hurry()
  }

  /** The end did not come (a signal that the system ignores). */
  goOn(): void {
    this.#isEnding = false
    for (const lane of this.#lanes) lane.isGivenUp = false
  }

  /** Whether there is something left that could still be delivered. */
  hasHope(): boolean {
    if (this.#travelling.size > 0) return true
    return this.#lanes.some(
      (lane) => this.#options.queue.hasWaiting(lane.signal) && !(this.#isEnding && lane.isGivenUp),
    )
  }

  #maySend(lane: Lane): boolean {
    const limit = lane.state === 'down' ? 1 : MAX_IN_FLIGHT
    if (lane.inFlight >= limit || this.#travelling.size >= MAX_IN_FLIGHT * this.#lanes.length) return false
    if (!this.#options.queue.hasWaiting(lane.signal)) return false
    if (this.#isEnding && lane.isGivenUp) return false
    const wait = lane.notBeforeMillis - monotonicMillis()
    if (wait <= 0) return true
    if (!this.#isEnding) this.#options.onWait(wait)
    return false
  }

  #send(lane: Lane): void {
    const batch = this.#options.queue.take(lane.signal)
    if (batch === undefined) return
    const id = this.#nextId++
    this.#travelling.set(id, { batch, lane })
    lane.inFlight++
    this.#options.link.post({
      id,
      signal: lane.signal,
      destination: lane.route.destination,
      bytes: requestOf(batch),
      isProbe: lane.state === 'down',
    })
  }

  #judge(outcome: Outcome, { batch, lane }: { batch: EncodedBatch; lane: Lane }): void {
    const { queue, ledger, counts } = this.#options
    if (outcome.kind === 'unreachable') {
      queue.putBack(batch)
      this.#noteDown(lane, outcome)
      return
    }
    this.#noteUp(lane)
    if (outcome.kind === 'too_large') {
      if (queue.split(batch)) return
      queue.settle(batch)
      ledger.add(lane.signal, { reason: 'too_large', removed: wholeOf(batch), detail: outcome.reason })
      return
    }
    queue.settle(batch)
    if (outcome.kind === 'rejected') {
      const kind = `${outcome.reason} from ${lane.route.name}`
      ledger.add(lane.signal, { reason: 'rejected', removed: wholeOf(batch), detail: kind })
      return
    }
    const whole = wholeOf(batch)
    const rejected = outcome.kind === 'partial' ? Math.min(outcome.rejected, whole.count) : 0
    counts[lane.signal].delivered += whole.count - rejected
    if (outcome.kind === 'delivered' && outcome.remark !== undefined) sayStrange(lane.route.name, outcome.remark)
    if (outcome.kind === 'partial') {
      // Which ones were refused is not said: the range is that of the request.
      const { message: detail } = outcome
      ledger.add(lane.signal, {
        reason: 'rejected',
        removed: { ...whole, count: rejected },
        detail,
        kind: lane.route.name,
      })
    }
    if (whole.count > rejected) this.#options.onDelivered()
  }

  #noteUp(lane: Lane): void {
    lane.state = 'up'
    lane.failures = 0
    lane.notBeforeMillis = 0
  }

  #noteDown(lane: Lane, { reason, retryAfterMillis }: { reason: string; retryAfterMillis?: number }): void {
    const wasDown = lane.state === 'down'
    lane.state = 'down'
    lane.isGivenUp = this.#isEnding
    lane.failedMillis = monotonicMillis()
    // Several requests that were under way together are one failure.
    const isNews = lane.notBeforeMillis <= monotonicMillis()
    if (isNews) lane.failures++
    // Two steps further than between tries of one request: those three are over.
    const pause = retryAfterMillis ?? delayMillis(lane.failures + 2, Math.random())
    if (isNews || retryAfterMillis !== undefined) lane.notBeforeMillis = monotonicMillis() + pause
    if (!this.#isEnding) this.#options.onWait(pause)
    if (!wasDown) sayUnreachable(lane.route.name, reason)
  }
}

function sayStrange(name: string, remark: string): void {
  sayOnce(
    `strange ${name}`,
    `${name} answers 200, but not as an OTLP endpoint does (${remark}): records may be lost there`,
  )
}

/** Once per endpoint and process: what was tried, and how to get a backend. */
const saidUnreachable = new Set<string>()

function sayUnreachable(name: string, reason: string): void {
  if (saidUnreachable.has(name)) return
  saidUnreachable.add(name)
  say(
    `unreachable ${name}`,
    `${reason.startsWith('HTTP') ? '' : 'nothing answers at '}${name}${reason.startsWith('HTTP') ? ` answers ${reason}` : ` (${reason})`}. ` +
      'To look at logs and requests here, run: npx tracelog dev. To send them elsewhere, set OTEL_EXPORTER_OTLP_ENDPOINT.',
  )
}
