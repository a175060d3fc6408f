/**
 * A plugin as a delivery: a thread of its own, which is watched, ended when it hangs, and started again. What it is given it is given
 * at most once, in order.
 */
import { Worker } from 'node:worker_threads'

import { guarded } from '../../../diag/guarded.ts'
import type { ExecAction } from '../rule.ts'
import type { DeliveryPart } from '../shape-request.ts'
import { DeliveryLedger, type DeliveryRunner, type Say } from './delivery.ts'
import { PartQueue } from './part-queue.ts'
import { printedLines } from './printed-lines.ts'
import type { FromPlugin, PluginData } from './plugin-protocol.ts'

/** Source: spec, rules. Milliseconds. */
const START_MILLIS = 10_000
const STOP_MILLIS = 5_000
const FIRST_PAUSE_MILLIS = 1_000
const MAX_PAUSE_MILLIS = 60_000
/** In a row. */
const MAX_FAULTS = 10
const MAX_HEAP_MIB = 128

export interface PluginOptions {
  /** Of the rule. */
  readonly name: string
  readonly action: ExecAction
  readonly say: Say
  /** A request of records that the plugin has written. */
  readonly onLogged: (bytes: Uint8Array) => void
}

export interface PluginDelivery extends DeliveryRunner {
  /** Resolves when the plugin is loaded. @throws an error that says with its place why it is not */
  start(): Promise<void>
}

export function createPluginDelivery(options: PluginOptions): PluginDelivery {
  return new Plugin(options)
}

class Plugin implements PluginDelivery {
  readonly #options: PluginOptions
  readonly #ledger: DeliveryLedger
  readonly #queue = new PartQueue()
  #worker: Worker | undefined
  /** Its module is being loaded. */
  #starting: Worker | undefined
  /** Given to the plugin, and not told of yet. Records. */
  #given = 0
  #isBusy = false
  #faults = 0
  #watch: NodeJS.Timeout | undefined
  /** Of a batch that is not full, and of the next start. */
  #later: NodeJS.Timeout | undefined
  #isStopping = false
  #onIdle: (() => void) | undefined

  constructor(options: PluginOptions) {
    this.#options = options
    this.#ledger = new DeliveryLedger(options.name, options.action.module, options.say)
  }

  async start(): Promise<void> {
    try {
      await this.#launch()
    } catch (error) {
      const { place, module } = this.#options.action
      throw new Error(`${place} rule "${this.#options.name}": ${module} does not load: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }

  take(part: DeliveryPart): void {
    this.#ledger.waits(part.count)
    if (this.#ledger.counts().state === 'off') {
      this.#lose(part.count)
      return
    }
    const dropped = this.#queue.push(part)
    if (dropped > 0) this.#ledger.lost(dropped, 'more than 8 MiB wait')
    const { batch, everyMillis } = this.#options.action
    if (this.#queue.count >= batch) this.#giveNext()
    else this.#later ??= setTimeout(() => this.#due(), everyMillis).unref()
  }

  counts(): ReturnType<DeliveryLedger['counts']> {
    return this.#ledger.counts()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#later)
    await this.#starting?.terminate()
    const worker = this.#worker
    if (worker !== undefined) {
      await withinMillis(STOP_MILLIS, async () => {
        await this.#drained()
        const stopped = new Promise<void>((resolve) => {
          worker.on('message', (message: FromPlugin) => message.kind === 'stopped' && resolve())
          worker.once('exit', () => resolve())
        })
        worker.postMessage({ kind: 'stop' })
        await stopped
      })
    }
    clearTimeout(this.#watch)
    this.#worker = undefined
    await worker?.terminate()
    if (this.#ledger.waiting > 0) this.#lose(this.#ledger.waiting)
  }

  #lose(count: number): void {
    this.#ledger.lost(count, this.#isStopping ? 'the backend ended' : 'the plugin is off')
  }

  async #drained(): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve))
    this.#giveNext()
    await idle
  }

  #due(): void {
    this.#later = undefined
    this.#giveNext()
  }

  /** What waits goes in the messages that it came in: at most one of them is under way. */
  #giveNext(): void {
    if (this.#isBusy || this.#worker === undefined) return
    const part = this.#queue.shift()
    if (part === undefined) {
      this.#onIdle?.()
      return
    }
    this.#isBusy = true
    this.#given = part.count
    this.#watchFor(this.#options.action.timeoutMillis)
    this.#worker.postMessage({ kind: 'records', signal: part.signal, bytes: part.bytes })
  }

  #watchFor(millis: number): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => this.#fault(`it has not answered for ${millis} ms`), millis).unref()
  }

  #launch(): Promise<void> {
    const { name, action } = this.#options
    const workerData: PluginData = { name, action }
    const entry = import.meta.url.endsWith('.ts') ? './plugin-worker.ts' : './plugin-worker.js'
    const worker = new Worker(new URL(entry, import.meta.url), {
      workerData,
      env: { ...action.env },
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    })
    this.#starting = worker
    for (const stream of [worker.stdout, worker.stderr]) printedLines(stream, name)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(`it took more than ${START_MILLIS / 1_000} s`)), START_MILLIS)
    let isStarted = false
    worker.on(
      'message',
      guarded('a message of a plugin', (message: FromPlugin) => {
        if (message.kind === 'started' && !this.#isStopping) {
          isStarted = true
          this.#worker = worker
          resolve()
        } else if (message.kind === 'notStarted') reject(new Error(message.message))
        else if (this.#worker === worker) this.#hear(message)
      }),
    )
    let last = 'it has ended'
    worker.on('error', (error) => (last = error instanceof Error ? error.message : String(error)))
    worker.on('exit', (code) => {
      reject(new Error(last))
      if (isStarted && this.#worker === worker) this.#fault(code === 0 ? last : `${last} (exit code ${code})`)
    })
    return promise.finally(() => {
      clearTimeout(timer)
      this.#starting = undefined
      if (!isStarted) void worker.terminate()
    })
  }

  #hear(message: FromPlugin): void {
    switch (message.kind) {
      case 'handling':
        this.#watchFor(this.#options.action.timeoutMillis)
        return
      case 'handled':
        this.#given -= message.count
        if (message.error === undefined) this.#ledger.delivered(message.count)
        else this.#ledger.failed(message.count, message.error)
        return
      case 'fault':
        this.#fault(message.message)
        return
      case 'logged':
        this.#options.onLogged(message.bytes)
        return
      case 'done':
        clearTimeout(this.#watch)
        this.#isBusy = false
        this.#faults = 0
        if (this.#isStopping || this.#queue.count >= this.#options.action.batch) this.#giveNext()
        else if (!this.#queue.isEmpty)
          this.#later ??= setTimeout(() => this.#due(), this.#options.action.everyMillis).unref()
        return
      default:
    }
  }

  /** The thread is ended; what it was given has failed. */
  #fault(reason: string): void {
    const worker = this.#worker
    this.#worker = undefined
    this.#isBusy = false
    clearTimeout(this.#watch)
    void worker?.terminate()
    if (this.#given > 0) this.#ledger.failed(this.#given, reason)
    else this.#ledger.fails(reason)
    this.#given = 0
    if (this.#isStopping) {
      this.#onIdle?.()
      return
    }
    this.#faults++
    if (this.#faults >= MAX_FAULTS) this.#giveUp(reason)
    else this.#restart()
  }

  #giveUp(reason: string): void {
    this.#ledger.off(`${reason}, and ${MAX_FAULTS} faults in a row`)
    for (let part = this.#queue.shift(); part !== undefined; part = this.#queue.shift()) this.#lose(part.count)
  }

  #restart(): void {
    clearTimeout(this.#later)
    const pause = Math.min(FIRST_PAUSE_MILLIS * 2 ** (this.#faults - 1), MAX_PAUSE_MILLIS)
    this.#later = setTimeout(() => {
      this.#later = undefined
      this.#launch().then(
        () => this.#giveNext(),
        (error: unknown) => {
          if (!this.#isStopping) this.#fault((error as Error).message)
        },
      )
    }, pause).unref()
  }
}

async function withinMillis(millis: number, run: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, millis)))
  await Promise.race([run(), over])
  clearTimeout(timer)
}
