/**
 * One signal on its way to one destination: which batch goes when, what its outcome means, and when to try a destination again.
 *
 * A batch leaves the lane only when answered for. While the destination is down one batch probes it, with growing pauses; while it is
 * up, four travel at a time. Nothing here waits, blocks or keeps the process alive: `pump` is called when something changed.
 */
import { say, sayOnce } from '../diag/events.ts'
import type { Signal } from '../model/signal.ts'
import { wholeOf } from './batch-parts.ts'
import type { DropLedger } from './drop-ledger.ts'
import { LaneHealth, type LaneState } from './lane-health.ts'
import { isLocal, keyOf, type LaneSpec } from './lane-spec.ts'
import type { LaneView } from './lane-view.ts'
import { LaneCounts } from './lane-counts.ts'
import type { HeldBatch, Seat, Stage } from './stage.ts'
import { otherProtocolAt } from './transports/other-protocol.ts'
import { MAX_IN_FLIGHT } from './transports/transport.ts'
import type { Outcome, SentBatch } from './worker/protocol.ts'

/** How a batch gets to the code that sends it, wherever that runs. */
export interface LaneLink {
  /** False while the worker is being started anew. */
  isReady(): boolean
  post(sent: SentBatch): void
}

/** Where records are added to batches. */
export interface LaneSource {
  /** Records of the application in the batch begun. */
  openCount(signal: Signal): number
  /** When the first of them came, by performance.now; `undefined` when there is none. */
  openSinceMillis(signal: Signal): number | undefined
  /** Whether a batch is begun that has waited long enough. */
  isRipe(signal: Signal): boolean
  /** Adds nothing more to the batch begun. */
  close(signal: Signal): void
  /** Later batches are to be no larger than this. Bytes. */
  limit(bytes: number): void
}

export interface LaneOptions {
  readonly spec: LaneSpec
  readonly isPrimary: boolean
  readonly bit: number
  readonly stage: Stage
  readonly source: LaneSource
  readonly link: LaneLink
  readonly ledger: DropLedger
  /** Called when `pump` is worth calling again, after this long. Milliseconds. */
  readonly onWait: (millis: number) => void
  /** A batch has been delivered. */
  readonly onDelivered: () => void
}

export class Lane implements LaneView, Seat {
  readonly signal: Signal
  readonly name: string
  readonly label: string
  readonly key: string
  readonly isPrimary: boolean
  readonly bit: number
  readonly counts: LaneCounts = new LaneCounts()
  readonly #options: LaneOptions
  readonly #health = new LaneHealth()
  readonly #travelling = new Map<number, HeldBatch>()
  #nextId = 1
  #isEnding = false
  /** It did not answer while the process ends. */
  #isGivenUp = false
  /** It sends in the thread that blocks at the end. */
  readonly isLocal: boolean

  constructor(options: LaneOptions) {
    this.#options = options
    const { spec, isPrimary, bit } = options
    this.signal = spec.signal
    this.name = spec.name
    this.label = spec.label
    this.key = keyOf(spec)
    this.isPrimary = isPrimary
    this.isLocal = isLocal(spec)
    this.bit = bit
  }

  get state(): LaneState {
    return this.#health.state
  }

  queued(): number {
    return this.#options.stage.count(this) + this.#options.source.openCount(this.signal)
  }

  oldestSinceMillis(): number | undefined {
    const { stage, source } = this.#options
    return stage.oldestSinceMillis(this) ?? source.openSinceMillis(this.signal)
  }

  /** Sends what may travel. */
  pump(): void {
    while (this.#maySend()) {
      const held = this.#options.stage.take(this)
      if (held === undefined) return
      this.#send(held)
    }
  }

  /** What became of a batch; of one that is not under way any more there is nothing to do. */
  judge(outcome: Outcome): void {
    const held = this.#travelling.get(outcome.id)
    if (held === undefined) return
    this.#travelling.delete(outcome.id)
    if (outcome.kind === 'unreachable') {
      this.#options.stage.putBack(this, held)
      this.#noteDown(outcome)
      return
    }
    this.#health.noteUp()
    if (outcome.kind === 'too_large' && this.#options.stage.split(this, held)) {
      this.#options.source.limit(held.batch.bytes.length >> 1)
      return
    }
    this.#options.stage.settle(this, held)
    this.#count(outcome, held)
  }

  /** The sender is gone: what was with it is first in line again. */
  takeBack(): void {
    for (const held of [...this.#travelling.values()].toReversed()) this.#options.stage.putBack(this, held)
    this.#travelling.clear()
  }

  /** Somebody waits: no pause but the shortest, unless the destination asked for it. */
  shortenPause(): void {
    this.#health.shortenPause()
  }

  /** How long nothing will travel, although something waits. Milliseconds; 0: something travels; `undefined`: nothing waits. */
  pauseMillis(): number | undefined {
    if (this.#travelling.size > 0) return 0
    return this.hasHope() ? this.#health.pauseMillis() : undefined
  }

  /** The process ends: a destination that does not answer is given up on instead of waited for. */
  end(): void {
    this.#isEnding = true
    this.#health.endPause()
  }

  /** The end did not come (a signal that the system ignores). */
  goOn(): void {
    this.#isEnding = false
    this.#isGivenUp = false
  }

  /** Whether there is something left that could still be delivered while this thread blocks. */
  hasHope(): boolean {
    if (this.isLocal) return false
    return this.#travelling.size > 0 || (this.#hasWaiting() && !(this.#isEnding && this.#isGivenUp))
  }

  #hasWaiting(): boolean {
    return this.#options.stage.hasWaiting(this) || this.#options.source.isRipe(this.signal)
  }

  #maySend(): boolean {
    const limit = this.#health.state === 'down' ? 1 : MAX_IN_FLIGHT
    if (this.#travelling.size >= limit || !this.#hasWaiting()) return false
    if (this.#isEnding && this.#isGivenUp) return false
    const wait = this.#health.pauseMillis()
    if (wait > 0) {
      if (!this.#isEnding) this.#options.onWait(wait)
      return false
    }
    if (!this.#options.stage.hasWaiting(this)) this.#options.source.close(this.signal)
    return true
  }

  #send(held: HeldBatch): void {
    const id = this.#nextId++
    this.#travelling.set(id, held)
    this.#options.link.post({ id, lane: this.key, batch: held.batch, isProbe: this.#health.state === 'down' })
  }

  /** Of an outcome that is for good. */
  #count(outcome: Outcome, { batch }: HeldBatch): void {
    const { ledger } = this.#options
    const whole = wholeOf(batch)
    if (outcome.kind === 'too_large') {
      ledger.add(this, { reason: 'too_large', removed: whole, detail: outcome.reason })
    } else if (outcome.kind === 'rejected') {
      ledger.add(this, { reason: 'rejected', removed: whole, detail: `${outcome.reason} from ${this.label}` })
    } else {
      const rejected = outcome.kind === 'partial' ? Math.min(outcome.rejected, whole.count) : 0
      this.counts.delivered += whole.count - rejected
      if (outcome.kind === 'delivered' && outcome.remark !== undefined) sayStrange(this.label, outcome.remark)
      if (outcome.kind === 'partial') {
        // Which ones were refused is not said: the range is that of the request.
        const { message: detail } = outcome
        ledger.add(this, { reason: 'rejected', removed: { ...whole, count: rejected }, detail, kind: this.label })
      }
      if (whole.count > rejected) this.#options.onDelivered()
    }
  }

  #noteDown({ reason, retryAfterMillis }: { readonly reason: string; readonly retryAfterMillis?: number }): void {
    const wasDown = this.#health.state === 'down'
    const pause = this.#health.noteDown(retryAfterMillis)
    this.#isGivenUp = this.#isEnding
    if (!this.#isEnding) this.#options.onWait(pause)
    if (!wasDown) sayUnreachable(this.label, reason)
  }
}

function sayStrange(label: string, remark: string): void {
  sayOnce(
    `strange ${label}`,
    `${label} answers 200, but not as an OTLP endpoint does (${remark}): records may be lost there`,
  )
}

/** Once per destination and process: what was tried, and how to get a backend. */
const saidUnreachable = new Set<string>()

function sayUnreachable(label: string, reason: string): void {
  if (saidUnreachable.has(label)) return
  saidUnreachable.add(label)
  const other = otherProtocolAt(reason)
  if (other !== undefined) {
    say(`unreachable ${label}`, `${label} answers in another protocol (${reason}). ${other}`)
    return
  }
  const what = reason.startsWith('HTTP') ? `${label} answers ${reason}` : `nothing answers at ${label} (${reason})`
  say(
    `unreachable ${label}`,
    `${what}. To look at logs and requests here, run: npx tracelog dev. To send them elsewhere, set OTEL_EXPORTER_OTLP_ENDPOINT.`,
  )
}
