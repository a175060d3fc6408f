/**
 * The rules as the backend's thread sees them: a stage between receiving and the journal, whose work a thread of its own does.
 */
import { Worker } from 'node:worker_threads'

import { createClock, monotonicMillis } from '../../diag/clock.ts'
import { say } from '../../diag/events.ts'
import { guarded } from '../../diag/guarded.ts'
import type { Signal } from '../../model/signal.ts'
import { createJudge } from './judge.ts'
import type { Rule } from './rule.ts'
import { RuleTallies, type RuleStatus } from './rule-tallies.ts'
import { Unshaped } from './unshaped.ts'
import type { FromRulesWorker, RulesWorkerData, ToRulesWorker } from './worker-protocol.ts'

/** What comes in and goes on: the sink of backend/receive/, declared here because rules know no other stage. */
export interface RuledRequest {
  readonly signal: Signal
  /** Checked; it owns its memory. */
  readonly bytes: Uint8Array
  /** Records or spans in it. */
  readonly count: number
}

export interface RuledSink {
  append(request: RuledRequest): Promise<void>
}

export interface RulesStage {
  /** The same sink behind the rules. */
  over(next: RuledSink): RuledSink
  /** In force for all that comes after it. @throws what is wrong with a plugin; then the old rules stay */
  reload(rules: readonly Rule[]): Promise<void>
  status(): readonly RuleStatus[]
  /** Records that rules dropped. */
  droppedRecords(): number
  /** Gives away what deliveries have, for seconds at most. */
  stop(): Promise<void>
}

/** A thread that has not answered for so long is stuck. Source: spec, rules. Milliseconds. */
const STUCK_MILLIS = 5_000
/** Before it is started again; after the last of them, each time. Milliseconds. */
const PAUSES_MILLIS = [100, 1_000, 10_000, 60_000]
/** One that has worked for so long is well again. Milliseconds. */
const WELL_MILLIS = 60_000
const STOP_MILLIS = 8_000

/** @throws what is wrong with a plugin */
export async function startRulesStage(rules: readonly Rule[], userAgent: string): Promise<RulesStage> {
  const stage = new Stage(rules, userAgent)
  await stage.start()
  return stage
}

type Shaped = FromRulesWorker & { readonly kind: 'shaped' }

interface Waiting {
  readonly sinceMillis: number
  resolve(shaped: Shaped): void
  reject(error: Error): void
}

class Stage implements RulesStage {
  #rules: readonly Rule[]
  readonly #userAgent: string
  readonly #tallies: RuleTallies
  readonly #clock = createClock()
  #worker: Worker | undefined
  /** Not ready yet. */
  #starting: Worker | undefined
  #next: RuledSink | undefined
  #lastId = 0
  #isStopping = false
  #ends = 0
  #startedMillis = 0
  #restart: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  readonly #waiting = new Map<number, Waiting>()
  readonly #reloads = new Map<number, (error: string | undefined) => void>()
  #concerns: Readonly<Record<Signal, boolean>>

  constructor(rules: readonly Rule[], userAgent: string) {
    this.#rules = rules
    this.#userAgent = userAgent
    this.#tallies = new RuleTallies(rules)
    this.#concerns = concernsOf(rules)
  }

  async start(): Promise<void> {
    await this.#launch()
    this.#watch = setInterval(() => this.#look(), 1_000).unref()
  }

  over(next: RuledSink): RuledSink {
    this.#next = next
    return { append: (request) => this.#append(request, next) }
  }

  async reload(rules: readonly Rule[]): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) throw new Unshaped('the rules are being started again')
    const id = ++this.#lastId
    const error = await new Promise<string | undefined>((resolve) => {
      this.#reloads.set(id, resolve)
      this.#send({ kind: 'reload', id, rules })
    })
    if (error !== undefined) throw new Error(error)
    this.#rules = rules
    this.#concerns = concernsOf(rules)
    this.#tallies.follow(rules)
  }

  status(): readonly RuleStatus[] {
    return this.#tallies.status(this.#worker !== undefined)
  }

  droppedRecords(): number {
    return this.#tallies.droppedRecords()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#watch)
    clearTimeout(this.#restart)
    await this.#starting?.terminate()
    const worker = this.#worker
    if (worker === undefined) return
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    this.#send({ kind: 'stop' })
    const timer = setTimeout(() => void worker.terminate(), STOP_MILLIS)
    await exited
    clearTimeout(timer)
  }

  async #append(request: RuledRequest, next: RuledSink): Promise<void> {
    if (!this.#concerns[request.signal]) {
      await next.append(request)
      return
    }
    const { id, bytes, count, tallies, hasParts } = await this.#shape(request)
    try {
      // Nothing of it is left: who sent it did nothing wrong.
      if (count > 0) await next.append({ signal: request.signal, bytes, count })
    } catch (error) {
      if (hasParts) this.#send({ kind: 'forgotten', id })
      throw error
    }
    this.#tallies.add(tallies)
    if (hasParts) this.#send({ kind: 'kept', id })
  }

  #shape({ signal, bytes }: RuledRequest): Promise<Shaped> {
    if (this.#worker === undefined || this.#isStopping)
      return Promise.reject(new Unshaped('the rules are being started again: send it once more'))
    const id = ++this.#lastId
    const owned = own(bytes)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { sinceMillis: monotonicMillis(), resolve, reject })
      const message = { kind: 'shape', id, signal, bytes: owned, receivedUnixNano: this.#clock.nowUnixNano() } as const
      this.#send(message, [owned.buffer])
    })
  }

  #send(message: ToRulesWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, transfer)
  }

  #launch(): Promise<void> {
    const workerData: RulesWorkerData = { rules: this.#rules, userAgent: this.#userAgent }
    const entry = import.meta.url.endsWith('.ts') ? './rules-worker.ts' : './rules-worker.js'
    const worker = new Worker(new URL(entry, import.meta.url), { workerData })
    this.#starting = worker
    let last = 'it has ended'
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    worker.on(
      'message',
      guarded('a message of the rules', (message: FromRulesWorker) => {
        if (message.kind === 'started' && !this.#isStopping) {
          this.#worker = worker
          this.#startedMillis = monotonicMillis()
          resolve()
        } else if (message.kind === 'notStarted') {
          reject(new Error(message.message))
          void worker.terminate()
        } else this.#hear(message)
      }),
    )
    worker.on('error', (error) => (last = error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => {
      reject(new Error(last))
      if (this.#worker === worker) this.#ended(last)
    })
    return promise.finally(() => (this.#starting = undefined))
  }

  #hear(message: FromRulesWorker): void {
    switch (message.kind) {
      case 'shaped':
        this.#take(message.id)?.resolve(message)
        return
      case 'unshaped':
        say('rules', `the rules could not read a request, which is refused: ${message.message}`)
        this.#take(message.id)?.reject(new Unshaped('the rules could not read it', 'malformed'))
        return
      case 'reloaded':
        this.#reloads.get(message.id)?.(message.error)
        this.#reloads.delete(message.id)
        return
      case 'counts':
        this.#tallies.hear(message.counts)
        return
      case 'logged':
        // What a plugin says of itself is no reason to trouble anyone when it cannot be kept.
        if (this.#next !== undefined)
          void this.#append({ signal: 'logs', bytes: message.bytes, count: message.count }, this.#next).catch(() => {})
        return
      case 'say':
        say(message.about, message.text)
        return
      default:
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  /** The oldest one is the first. */
  #look(): void {
    const [oldest] = this.#waiting.values()
    if (oldest === undefined || monotonicMillis() - oldest.sinceMillis < STUCK_MILLIS) return
    const worker = this.#worker
    this.#ended(`nothing came back for ${STUCK_MILLIS / 1_000} s`)
    void worker?.terminate()
  }

  #ended(reason: string): void {
    const isWell = monotonicMillis() - this.#startedMillis > WELL_MILLIS
    this.#ends = isWell ? 1 : this.#ends + 1
    this.#worker = undefined
    this.#tallies.loseWaiting()
    for (const waiting of this.#waiting.values())
      waiting.reject(new Unshaped('the rules have ended: send it once more'))
    this.#waiting.clear()
    for (const answer of this.#reloads.values()) answer('the rules have ended')
    this.#reloads.clear()
    if (this.#isStopping) return
    const pause = PAUSES_MILLIS[Math.min(this.#ends, PAUSES_MILLIS.length) - 1]!
    say(
      'rules',
      `the thread of the rules has ended (${reason}); it is started again in ${pause} ms, and requests are refused meanwhile`,
    )
    this.#restart = setTimeout(
      () => void this.#launch().catch((error: unknown) => this.#ended((error as Error).message)),
      pause,
    )
    this.#restart.unref()
  }
}

function concernsOf(rules: readonly Rule[]): Readonly<Record<Signal, boolean>> {
  const judge = createJudge(rules)
  return { logs: judge.concerns('logs'), spans: judge.concerns('spans') }
}

/** In memory that can be handed over: it holds nothing else. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isAlone = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isAlone && bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}
