/**
 * One signal on its way to one destination: which batch goes when, what its outcome means, and when to try a destination again.
 *
 * A batch leaves the lane only when answered for. While the destination is down one batch probes it, with growing pauses; while it is
 * up, four travel at a time. With a spool the others go to the disk meanwhile, and are sent from there. Nothing here waits, blocks or
 * keeps the process alive: `pump` is called when something changed.
 */
import type { EncodedBatch } from '../model/encoded-batch.ts'
import type { SentSignal } from '../model/signal.ts'
import { wholeOf } from './batch-parts.ts'
import { LaneHealth, type LaneState } from './lane-health.ts'
import type { LaneOptions } from './lane-options.ts'
import { isLocal, keyOf } from './lane-spec.ts'
import type { LaneView } from './lane-view.ts'
import { LaneCounts } from './lane-counts.ts'
import { LaneSpool } from './lane-spool.ts'
import { countAnswer, sayUnreachable } from './lane-outcome.ts'
import type { SpoolNews } from './spool/spool-news.ts'
import type { HeldBatch, Seat } from './stage.ts'
import { MAX_IN_FLIGHT } from './transports/transport.ts'
import type { Outcome } from './worker/protocol.ts'

export class Lane implements LaneView, Seat {
  readonly signal: SentSignal
  readonly name: string
  readonly label: string
  readonly key: string
  readonly isPrimary: boolean
  readonly bit: number
  readonly counts: LaneCounts = new LaneCounts()
  readonly #options: LaneOptions
  readonly #health = new LaneHealth()
  readonly #travelling = new Map<number, HeldBatch>()
  /** Undefined: it has none. */
  readonly #spool: LaneSpool | undefined
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
    this.#spool = spec.hasSpool === true ? new LaneSpool() : undefined
  }

  get hasSpool(): boolean {
    return this.#spool !== undefined
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
    for (let way = this.#way(); way !== undefined; way = this.#way()) {
      if (!this.#options.stage.hasWaiting(this)) this.#options.source.close(this.signal)
      const held = this.#options.stage.take(this)
      if (held === undefined) return
      this.#post(held, way === 'disk')
    }
  }

  /** What became of a batch; of one that is not under way any more there is nothing to do. */
  judge(outcome: Outcome): void {
    const held = this.#travelling.get(outcome.id)
    if (held === undefined) return
    this.#travelling.delete(outcome.id)
    const wasForDisk = this.#spool?.settled(outcome.id, outcome.kind === 'spooled') === true
    if (outcome.kind === 'spooled') {
      this.counts.spooled += wholeOf(held.batch).count
      this.#settle(held)
      if (outcome.reason !== undefined) this.#noteDown({ ...outcome, reason: outcome.reason })
      return
    }
    if (outcome.kind === 'unreachable') {
      this.#options.stage.putBack(this, held)
      if (wasForDisk) this.#wait(this.#spool?.pauseMillis() ?? 0)
      else this.#noteDown(outcome)
      return
    }
    this.#health.noteUp()
    if (outcome.kind === 'too_large' && this.#options.stage.split(this, held)) {
      this.#options.source.limit(held.batch.bytes.length >> 1)
      return
    }
    this.#settle(held)
    if (countAnswer(this, this.#options.ledger, outcome, wholeOf(held.batch))) this.#options.onDelivered()
  }

  /** What became of records that are on disk, or were. */
  hear(news: Exclude<SpoolNews, { readonly kind: 'bytes' }>): void {
    const { ledger, onDelivered } = this.#options
    if (news.kind === 'up') this.#health.noteUp()
    else if (news.kind === 'adopted') {
      this.counts.adopted += news.count
      this.counts.spooled += news.count
    } else if (news.kind === 'lost') {
      const { reason, ...removed } = news.loss
      this.counts.spooled -= removed.count
      ledger.add(this, { reason, removed })
    } else {
      this.counts.spooled -= news.records.count
      if (countAnswer(this, ledger, news.answer, news.records)) onDelivered()
    }
  }

  /**
   * Nobody can be waited for: what is left is written by this thread.
   *
   * @param keep  @returns how many of the batches, from the first one on, are on disk
   */
  keepRest(keep: (batches: readonly EncodedBatch[]) => number): void {
    const { stage } = this.#options
    const rest: HeldBatch[] = []
    for (let held = stage.take(this); held !== undefined; held = stage.take(this)) rest.push(held)
    const kept = rest.length === 0 ? 0 : keep(rest.map(({ batch }) => batch))
    for (const held of rest.slice(0, kept)) {
      this.counts.spooled += wholeOf(held.batch).count
      stage.settle(this, held)
    }
    for (const held of rest.slice(kept).toReversed()) stage.putBack(this, held)
  }

  /** The sender is gone: what was with it is first in line again. */
  takeBack(): void {
    for (const held of [...this.#travelling.values()].toReversed()) this.#options.stage.putBack(this, held)
    this.#travelling.clear()
    this.#spool?.clear()
  }

  /** Somebody waits: no pause but the shortest, unless the destination asked for it. */
  shortenPause(): void {
    this.#health.shortenPause()
  }

  /** How long nothing will travel, although something waits. Milliseconds; 0: something travels; `undefined`: nothing waits. */
  pauseMillis(): number | undefined {
    if (this.#travelling.size > 0) return 0
    if (!this.hasHope()) return undefined
    return this.#isForDisk() ? 0 : this.#health.pauseMillis()
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
    if (this.#travelling.size > 0) return true
    return this.#hasWaiting() && (!(this.#isEnding && this.#isGivenUp) || this.#isForDisk())
  }

  #hasWaiting(): boolean {
    return this.#options.stage.hasWaiting(this) || this.#options.source.isRipe(this.signal)
  }

  /** Where the next batch goes, if it may go now. */
  #way(): 'destination' | 'disk' | undefined {
    if (!this.#hasWaiting()) return undefined
    const limit = this.#health.state === 'down' ? 1 : MAX_IN_FLIGHT
    const isOpen = this.#travelling.size - (this.#spool?.size ?? 0) < limit && !(this.#isEnding && this.#isGivenUp)
    const wait = this.#health.pauseMillis()
    if (isOpen && wait === 0) return 'destination'
    if (isOpen) this.#wait(wait)
    if (this.#isForDisk()) return 'disk'
    const diskWait = this.#spool?.pauseMillis() ?? 0
    // Timers come up to a millisecond early.
    if (diskWait > 0) this.#wait(Math.max(1, diskWait))
    return undefined
  }

  /** Whether the disk takes what the destination does not. */
  #isForDisk(): boolean {
    return this.#spool !== undefined && this.#health.state === 'down' && this.#spool.mayPost
  }

  #post(held: HeldBatch, isForSpool: boolean): void {
    const id = this.#nextId++
    const { batch } = held
    this.#travelling.set(id, held)
    if (isForSpool) this.#spool?.posted(id)
    const isOnDisk = this.#options.ahead?.holds(batch) === true
    this.#options.link.post({
      id,
      lane: this.key,
      batch,
      isProbe: this.#health.state === 'down',
      isForSpool,
      isOnDisk,
    })
  }

  #settle(held: HeldBatch): void {
    this.#options.stage.settle(this, held)
    this.#options.ahead?.settle(held.batch)
  }

  #noteDown({ reason, retryAfterMillis }: { readonly reason: string; readonly retryAfterMillis?: number }): void {
    const wasDown = this.#health.state === 'down'
    const pause = this.#health.noteDown(retryAfterMillis)
    this.#isGivenUp = this.#isEnding
    this.#wait(pause)
    if (!wasDown) sayUnreachable(this.#options.spec, reason)
  }

  #wait(millis: number): void {
    if (!this.#isEnding) this.#options.onWait(millis)
  }
}
