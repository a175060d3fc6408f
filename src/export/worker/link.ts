/**
 * The way to the code that sends: an export worker, started when the first batch is posted, or the same code in this thread.
 *
 * A worker that dies is started anew up to three times with growing pauses; then, or with TRACELOG_WORKER=off, the main thread sends.
 * The exit handler can block on it (`wait`): only a worker can work meanwhile, so there one is started whatever was before.
 * Nothing of it keeps the process alive, and no failure of it reaches the application.
 */
import { startTimer } from '../../diag/timers.ts'
import type { LaneLink } from '../lane-options.ts'
import type { Signal } from '../../model/signal.ts'
import type { SpareMemory } from '../spare-memory.ts'
import type { Surroundings } from './main.ts'
import type { FromWorker, Outcome, SenderConfig, SenderNews, SentBatch } from './protocol.ts'
import { RunningWorker } from './running-worker.ts'
import type { Sender } from './sender.ts'

/** Before the first, second and third new start. Milliseconds; together below the 2 s after which the main thread must send. */
const RESTART_PAUSES: readonly number[] = [50, 250, 1000]
/** A worker that lived this long has shown that it works: its end starts the count anew. Milliseconds. */
const PROVEN_MILLIS = 60_000

export interface WorkerLinkOptions {
  /** The bundle of main.ts. Absolute. */
  readonly workerPath: string
  readonly config: SenderConfig
  readonly spare: SpareMemory
  /** False: this thread sends. */
  readonly usesWorker: boolean
  /** The sender for this thread; loaded when it is needed. */
  readonly loadSender: (config: SenderConfig, surroundings: Surroundings) => Sender
  /** Runs something as if no request were being served: what it starts must not belong to one. */
  readonly detached: <T>(run: () => T) => T
  /** Called from the event loop, and from `poll` and `wait`. */
  readonly onOutcome: (outcome: Outcome) => void
  readonly onNews: (news: SenderNews) => void
  /** The sender is gone with everything it had; or it can be used again. */
  readonly onLost: () => void
  readonly onReady: () => void
}

export class WorkerLink implements LaneLink {
  readonly #options: WorkerLinkOptions
  #running: RunningWorker | undefined
  #inline: Sender | undefined
  #usesInline: boolean
  #isPausing = false
  #isStopped = false
  #deaths = 0
  #hurryMillis: number | undefined
  /** Batches behind the spool that a sender has, and that one before had when it died. */
  readonly #posted: Record<Signal, Set<number>> = { logs: new Set(), spans: new Set() }
  readonly #disowned: Record<Signal, number[]> = { logs: [], spans: [] }

  constructor(options: WorkerLinkOptions) {
    this.#options = options
    this.#usesInline = !options.usesWorker || !mayStartWorkers()
  }

  isReady(): boolean {
    return !this.#isPausing && !this.#isStopped
  }

  /** Whether `wait` is of use without `block`. */
  get hasWorker(): boolean {
    return !this.#usesInline
  }

  /** Whether `block` can be of use. */
  get mayBlock(): boolean {
    return mayStartWorkers()
  }

  /** Starts what sends, if it is not there: the spool may have something from before. */
  open(): void {
    if (!this.isReady()) return
    if (this.#usesInline) this.#options.detached(() => this.#sender())
    else this.#start()
  }

  /** A worker that has begun, and not ended. */
  get isWorking(): boolean {
    return this.#running?.isRunning === true
  }

  post(sent: SentBatch): void {
    const { signal } = sent.batch
    if (this.#options.config.spool !== undefined && signal !== 'metrics') this.#posted[signal].add(sent.id)
    if (this.#usesInline) this.#options.detached(() => this.#sendInline(sent))
    else this.#start()?.send(sent)
  }

  /** Takes the outcomes that are there already: for a main thread too busy to get to its event loop. */
  poll(): void {
    this.#running?.poll()
  }

  /**
   * Blocks until an outcome came or the time is over. `gone`: there is no worker, or it has ended. `starting`: the worker had not
   * started when this call began; back after 20 ms at most.
   */
  wait(millis: number): 'outcome' | 'time' | 'starting' | 'gone' {
    const came = this.#running?.wait(millis) ?? 'gone'
    if (came !== 'ended') return came
    this.#abandon()
    return 'gone'
  }

  /** From now on only a worker will do, because this thread is about to block. */
  block(): void {
    this.#isPausing = false
    if (!this.#usesInline || !mayStartWorkers()) return
    this.#usesInline = false
    this.#inline?.stop()
    this.#inline = undefined
    this.#lose()
  }

  /** The process ends: as `Transport.hurry`, for the sender there is and for those that come. */
  hurry(millis: number): void {
    this.#hurryMillis = millis
    this.#running?.hurry(millis)
    this.#inline?.hurry(millis)
  }

  /** Somebody waits in flush(). */
  settle(): void {
    this.#running?.settle()
    this.#inline?.settle()
  }

  stop(): void {
    this.#isStopped = true
    this.#inline?.stop()
    this.#running?.stop()
    this.#running = undefined
  }

  #sendInline(sent: SentBatch): void {
    void this.#relay(this.#sender(), sent)
  }

  #sender(): Sender {
    const { config, loadSender, onNews: tell } = this.#options
    return (this.#inline ??= loadSender(config, { disowned: this.#disowned, tell }))
  }

  async #relay(sender: Sender, sent: SentBatch): Promise<void> {
    const outcome = await sender.send(sent)
    if (sender === this.#inline) this.#take(outcome)
  }

  #start(): RunningWorker | undefined {
    if (this.#running !== undefined) return this.#running
    try {
      this.#running = this.#options.detached(() => this.#spawn())
    } catch {
      // No threads here (permission model, limits): the same road as a worker that dies.
      this.#died()
    }
    return this.#running
  }

  #spawn(): RunningWorker {
    const { workerPath, config, spare } = this.#options
    const worker = new RunningWorker({
      workerPath,
      config,
      spare,
      disowned: this.#disowned,
      onMessage: (message) => this.#take(message),
      onEnd: (ended) => this.#ended(ended),
    })
    if (this.#hurryMillis !== undefined) worker.hurry(this.#hurryMillis)
    return worker
  }

  #take(message: FromWorker): void {
    if ('news' in message) {
      this.#options.onNews(message.news)
      return
    }
    if (message.lane.startsWith('logs/')) this.#posted.logs.delete(message.id)
    else if (message.lane.startsWith('spans/')) this.#posted.spans.delete(message.id)
    this.#options.onOutcome(message)
  }

  #lose(): void {
    for (const signal of ['logs', 'spans'] as const) {
      this.#disowned[signal].push(...this.#posted[signal])
      this.#posted[signal].clear()
    }
    this.#options.onLost()
  }

  #ended(worker: RunningWorker): void {
    if (this.#running !== worker || this.#isStopped) return
    worker.poll()
    this.#running = undefined
    worker.close()
    if (worker.ageMillis > PROVEN_MILLIS) this.#deaths = 0
    this.#died()
  }

  #died(): void {
    const pause = RESTART_PAUSES[this.#deaths++]
    this.#usesInline = pause === undefined
    this.#isPausing = pause !== undefined
    this.#lose()
    if (pause === undefined) this.#options.onReady()
    else {
      const timer = startTimer(() => {
        this.#isPausing = false
        this.#options.onReady()
      }, pause)
      timer.unref()
    }
  }

  /** Its end was seen while this thread is blocked: the next post starts another. */
  #abandon(): void {
    this.#running?.close()
    this.#running = undefined
    this.#lose()
  }
}

/** `--permission` without `--allow-worker` forbids them. */
function mayStartWorkers(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } }
  return permission === undefined || permission.has('worker')
}
