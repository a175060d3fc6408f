/**
 * The way to the code that sends: an export worker, started when the first request is posted, or the same code in this thread.
 *
 * A worker that dies is started anew up to three times with growing pauses; then, or with TRACELOG_WORKER=off, the main thread sends.
 * The exit handler can block on it (`wait`): only a worker can work meanwhile, so there one is started whatever was before.
 * Nothing of it keeps the process alive, and no failure of it reaches the application.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'

import { monotonicMillis } from '../diag/clock.ts'
import { startTimer } from '../diag/timers.ts'
import { guarded } from '../diag/guarded.ts'
import type { SenderLink } from './dispatcher.ts'
import type { Sender } from './sender.ts'
import {
  RESULTS,
  STATE,
  STATE_ENDED,
  STATE_STARTING,
  type SentRequest,
  type Outcome,
  type SenderConfig,
  type ToWorker,
  type WorkerInput,
} from './worker-protocol.ts'

/** Before the first, second and third new start. Milliseconds; together below the 2 s after which the main thread must send. */
const RESTART_PAUSES: readonly number[] = [50, 250, 1000]
/** A worker that lived this long has shown that it works: its end starts the count anew. Milliseconds. */
const PROVEN_MILLIS = 60_000

/** How often a thread that is blocked looks whether its worker has started. Milliseconds. */
const START_LOOK_MILLIS = 20

export interface WorkerLinkOptions {
  /** The bundle of worker-main.ts. Absolute. */
  readonly workerPath: string
  readonly config: SenderConfig
  /** False: this thread sends. */
  readonly usesWorker: boolean
  /** The sender for this thread; loaded when it is needed. */
  readonly loadSender: () => Sender
  /** Runs something as if no request were being served: what it starts must not belong to one. */
  readonly detached: <T>(run: () => T) => T
  /** Called from the event loop, and from `poll` and `wait`. */
  readonly onOutcome: (outcome: Outcome) => void
  /** The sender is gone with everything it had; or it can be used again. */
  readonly onLost: () => void
  readonly onReady: () => void
}

interface RunningWorker {
  readonly worker: Worker
  readonly port: MessagePort
  readonly signal: Int32Array<SharedArrayBuffer>
  readonly sinceMillis: number
}

export class WorkerLink implements SenderLink {
  readonly #options: WorkerLinkOptions
  #running: RunningWorker | undefined
  #inline: Sender | undefined
  #usesInline: boolean
  #isPausing = false
  #isStopped = false
  #deaths = 0
  #outcomes = 0
  #hasLost = false
  #hurryMillis: number | undefined

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

  post(request: SentRequest): void {
    if (this.#usesInline) {
      this.#options.detached(() => this.#sendInline(request))
      return
    }
    const running = this.#start()
    const message: ToWorker = { kind: 'export', request }
    running?.port.postMessage(message, [request.bytes.buffer])
  }

  /** Takes the outcomes that are there already: for a main thread too busy to get to its event loop. */
  poll(): void {
    const port = this.#running?.port
    if (port === undefined) return
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      this.#take(got.message as Outcome)
    }
  }

  /**
   * Blocks until an outcome came or the time is over. `gone`: there is no worker, or it has ended. `starting`: the worker had not
   * started when this call began; back after 20 ms at most.
   */
  wait(millis: number): 'outcome' | 'time' | 'starting' | 'gone' {
    const running = this.#running
    if (running === undefined) return 'gone'
    const { signal } = running
    const seen = Atomics.load(signal, RESULTS)
    if (this.#pollCount() > 0) return 'outcome'
    const state = Atomics.load(signal, STATE)
    if (state === STATE_ENDED) {
      this.#abandon()
      return 'gone'
    }
    Atomics.wait(signal, RESULTS, seen, state === STATE_STARTING ? Math.min(millis, START_LOOK_MILLIS) : millis)
    if (this.#pollCount() > 0) return 'outcome'
    return state === STATE_STARTING ? 'starting' : 'time'
  }

  /** True once after each start of a sender: what the one before had must be posted again. */
  isNew(): boolean {
    const isNew = this.#hasLost
    this.#hasLost = false
    return isNew
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

  hurry(millis: number): void {
    this.#hurryMillis = millis
    const message: ToWorker = { kind: 'hurry', millis }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort, not a window
    this.#running?.port.postMessage(message)
    this.#inline?.hurry(millis)
  }

  stop(): void {
    this.#isStopped = true
    this.#inline?.stop()
    const running = this.#running
    this.#running = undefined
    running?.port.close()
    void running?.worker.terminate()
  }

  #pollCount(): number {
    const before = this.#outcomes
    this.poll()
    return this.#outcomes - before
  }

  #lose(): void {
    this.#hasLost = true
    this.#options.onLost()
  }

  #take(outcome: Outcome): void {
    this.#outcomes++
    this.#options.onOutcome(outcome)
  }

  #sendInline(request: SentRequest): void {
    const sender = (this.#inline ??= this.#options.loadSender())
    void this.#relay(sender, request)
  }

  async #relay(sender: Sender, request: SentRequest): Promise<void> {
    const outcome = await sender.send(request)
    if (sender === this.#inline) this.#options.onOutcome(outcome)
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
    const { port1: port, port2 } = new MessageChannel()
    const signal = new Int32Array(new SharedArrayBuffer(8))
    const workerData: WorkerInput = { 'org.tracelog.worker': true, port: port2, signal, config: this.#options.config }
    const worker = new Worker(this.#options.workerPath, {
      name: 'tracelog-export',
      workerData,
      transferList: [port2],
      // Or it would load the preload, which the application's flags and NODE_OPTIONS name, once more.
      execArgv: [],
      env: {},
      // Pipes of its own that nobody reads: the default would touch the application's process.stdout.
      stdout: true,
      stderr: true,
    })
    worker.unref()
    const running: RunningWorker = { worker, port, signal, sinceMillis: monotonicMillis() }
    const onEnd = guarded('the end of the export worker', () => this.#ended(running))
    worker.on('error', onEnd)
    worker.on('exit', onEnd)
    port.on(
      'message',
      guarded('an outcome', (outcome: Outcome) => this.#take(outcome)),
    )
    port.unref()
    if (this.#hurryMillis !== undefined) {
      const message: ToWorker = { kind: 'hurry', millis: this.#hurryMillis }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort, not a window
      port.postMessage(message)
    }
    return running
  }

  #ended(running: RunningWorker): void {
    if (this.#running !== running || this.#isStopped) return
    this.poll()
    this.#running = undefined
    running.port.close()
    if (monotonicMillis() - running.sinceMillis > PROVEN_MILLIS) this.#deaths = 0
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
    const running = this.#running
    this.#running = undefined
    running?.port.close()
    this.#lose()
  }
}

/** `--permission` without `--allow-worker` forbids them. */
function mayStartWorkers(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } }
  return permission === undefined || permission.has('worker')
}
