/**
 * The spool, wherever batches are sent: the sender with a disk behind it.
 *
 * Lanes to an endpoint are behind it; all others are handed on as they are. What it tells beside the outcomes: spool-news.ts.
 */
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { Signal } from '../../model/signal.ts'
import type { Owners } from '../../segments/owner.ts'
import type { SharedSegmentFiles } from '../../segments/segment-files.ts'
import type { Disowned, Outcome, SentBatch } from '../worker/protocol.ts'
import type { Sender } from '../worker/sender.ts'
import { Adoption } from './adoption.ts'
import { LiveSends } from './live-sends.ts'
import { encodeService } from './segment-name.ts'
import { SYNC_MILLIS, type SpoolConfig } from './spool-config.ts'
import { SpoolDrain } from './spool-drain.ts'
import type { EntryHead } from './spool-format.ts'
import type { SpoolNews } from './spool-news.ts'
import { SpoolStore } from './spool-store.ts'
import { Turns } from './turns.ts'

/** After the first batches from memory have had their turn. Milliseconds. */
const FIRST_SCAN_MILLIS = 300
/** Between two looks through the directory. Milliseconds. */
const SCAN_MILLIS = 2_000
/** Between two signs of life. Milliseconds. Source: spec, pipeline. */
const TIDY_MILLIS = 1_000
/** The end may not come: then what is on disk is sent on. Milliseconds. */
const REST_MILLIS = 5_000

export interface SpoolOptions {
  readonly config: SpoolConfig
  /** Lanes behind the spool: the key of each signal's. */
  readonly lanes: Readonly<Partial<Record<Signal, string>>>
  readonly sender: Sender
  readonly files: SharedSegmentFiles
  readonly owners: Owners
  readonly makeDirectory: () => Promise<void>
  /** Since the epoch. */
  readonly wallMillis: () => number
  /** Batches that a worker before this one may have written, and that are sent again from memory. */
  readonly disowned: Disowned
  readonly tell: (news: SpoolNews) => void
}

export class Spool implements Sender {
  readonly #options: SpoolOptions
  readonly #store: SpoolStore
  readonly #adoption: Adoption
  readonly #live: LiveSends
  readonly #drains: Partial<Record<Signal, SpoolDrain>> = {}
  readonly #timers = new Set<NodeJS.Timeout>()
  #toldBytes = 0
  #isStopped = false

  constructor(options: SpoolOptions) {
    this.#options = options
    const { config, files, owners, makeDirectory, wallMillis, disowned } = options
    const turns = new Turns()
    const service = encodeService(config.service)
    this.#store = new SpoolStore({
      files,
      turns,
      config,
      service,
      owner: owners.own,
      wallMillis,
      makeDirectory,
      onLost: (loss) => this.#tellOf(loss.signal, (lane) => ({ kind: 'lost', lane, loss })),
    })
    this.#adoption = new Adoption({
      files,
      turns,
      store: this.#store,
      owners,
      service,
      signals: new Set(Object.keys(options.lanes) as Signal[]),
      disowned: { logs: new Set(disowned.logs), spans: new Set(disowned.spans) },
      onAdopted: (signal, counts) => this.#adopted(signal, counts),
    })
    this.#live = this.#createLive()
    for (const signal of ['logs', 'spans'] as const) {
      const lane = options.lanes[signal]
      if (lane !== undefined) this.#drains[signal] = this.#createDrain(signal, lane)
    }
    this.#every(TIDY_MILLIS, () => this.#store.tidy())
    if (config.fsync === 'interval') this.#every(SYNC_MILLIS, () => this.#store.sync())
    this.#after(FIRST_SCAN_MILLIS, () => this.#scan())
  }

  async send(sent: SentBatch): Promise<Outcome> {
    if (!this.#isBehind(sent)) return this.#options.sender.send(sent)
    const outcome = await (sent.isForSpool ? this.#live.keep(sent) : this.#live.send(sent))
    this.#tellBytes()
    return outcome
  }

  #isBehind(sent: SentBatch): sent is SentBatch<Signal> {
    return Object.values(this.#options.lanes).includes(sent.lane)
  }

  sendRequest: Sender['sendRequest'] = (lane, request) => this.#options.sender.sendRequest(lane, request)

  hurry(millis: number): void {
    this.#options.sender.hurry(millis)
    for (const drain of Object.values(this.#drains)) drain.rest(REST_MILLIS)
    this.#live.end()
    this.#after(REST_MILLIS, async () => this.#live.goOn())
  }

  /** Somebody waits in flush(). */
  settle(): void {
    this.#live.hurry()
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers) stopTimer(timer)
    for (const drain of Object.values(this.#drains)) drain.stop()
    this.#live.stop()
    this.#options.sender.stop()
  }

  #createLive(): LiveSends {
    return new LiveSends({
      store: this.#store,
      sendOnce: (sent) => this.#options.sender.send({ ...sent, isProbe: true }),
      onAnswer: (signal, outcome) => {
        if (outcome.kind !== 'spooled') this.#drains[signal]?.noteLive(outcome)
      },
      onLateAnswer: (records, outcome, isGone) => this.#answeredLate(records, outcome, isGone),
      onLeft: (signal) => this.#drains[signal]?.pump(),
    })
  }

  #createDrain(signal: Signal, lane: string): SpoolDrain {
    return new SpoolDrain({
      signal,
      store: this.#store,
      send: (bytes) => this.#options.sender.sendRequest(lane, { signal, bytes }),
      liveCount: () => this.#live.count(signal),
      onAnswered: (records, answer) => this.#options.tell({ kind: 'answered', lane, records, answer }),
      onUp: () => this.#options.tell({ kind: 'up', lane }),
    })
  }

  #answeredLate(records: EntryHead, outcome: Outcome, isGone: boolean): void {
    const { signal } = records
    if (outcome.kind === 'spooled') return
    this.#drains[signal]?.noteLive(outcome)
    if (outcome.kind !== 'unreachable')
      this.#tellOf(signal, (lane) => ({ kind: 'answered', lane, records, answer: outcome }))
    else if (isGone)
      this.#tellOf(signal, (lane) => ({ kind: 'lost', lane, loss: { ...records, reason: 'spool_full' } }))
  }

  #adopted(signal: Signal, { unsent, corrupt }: { readonly unsent: number; readonly corrupt: number }): void {
    this.#tellOf(signal, (lane) => ({ kind: 'adopted', lane, count: unsent + corrupt }))
    const loss = { signal, reason: 'corrupt', count: corrupt, firstSeq: 0, lastSeq: 0 } as const
    if (corrupt > 0) this.#tellOf(signal, (lane) => ({ kind: 'lost', lane, loss }))
    this.#drains[signal]?.pump()
  }

  async #scan(): Promise<void> {
    await this.#adoption.scan()
    for (const drain of Object.values(this.#drains)) drain.pump()
    this.#after(SCAN_MILLIS, () => this.#scan())
  }

  #tellOf(signal: Signal, news: (lane: string) => SpoolNews): void {
    const lane = this.#options.lanes[signal]
    if (lane !== undefined) this.#options.tell(news(lane))
    this.#tellBytes()
  }

  #tellBytes(): void {
    const { bytes } = this.#store
    if (bytes === this.#toldBytes) return
    this.#toldBytes = bytes
    this.#options.tell({ kind: 'bytes', bytes })
  }

  #every(millis: number, run: () => Promise<unknown>): void {
    this.#after(millis, async () => {
      await run()
      this.#tellBytes()
      this.#every(millis, run)
    })
  }

  /** Never keeps the process alive. */
  #after(millis: number, run: () => Promise<void>): void {
    if (this.#isStopped) return
    const timer = startTimer(() => {
      this.#timers.delete(timer)
      void run()
    }, millis)
    timer.unref()
    this.#timers.add(timer)
  }
}
