/**
 * From an accepted record to the way out: counts it, queues it, sends it, and answers for what became of it.
 *
 * emitLog and emitSpan are on the application's path: they encode into memory and return. They never throw.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import { encodeResource } from '../model/otlp-request.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { ANSWER_MILLIS, awaitAnswers, type AwaitedLink } from './await-answers.ts'
import type { EncodedBatch } from '../model/encoded-batch.ts'
import { together, type Removed } from './batch-parts.ts'
import { consoleOutcomes } from './console-outcomes.ts'
import type { ConsoleSink } from './console-sink.ts'
import { Dispatcher } from './dispatcher.ts'
import { DropLedger } from './drop-ledger.ts'
import { droppedRecord, OWN_SCOPE } from './dropped-record.ts'
import { FileCopies } from './file-copies.ts'
import { FLUSH_MILLIS, type FlushOptions, type FlushResult, type PipelineOptions } from './pipeline-options.ts'
import { SignalCounts, type PipelineStats } from './pipeline-stats.ts'
import type { WrittenKind } from './open-batch.ts'
import { RecordQueue } from './queue.ts'
import { routeOf } from './route.ts'
import { WorkerLink } from './worker-link.ts'
import type { Signal } from '../model/signal.ts'
import type { Outcome } from './worker-protocol.ts'

const SIGNALS = ['logs', 'spans'] as const
/** While someone waits in flush(), an endpoint that is down is asked this often. Milliseconds. */
const FLUSH_PROBE_MILLIS = 500
/** How long the end of the process waits for the reader of standard output. Milliseconds. */
const STDOUT_MILLIS = 300
/** How long an empty event loop is held, where it is. Milliseconds. */
const LAST_TURN_MILLIS = 1_000
/** However well it goes, the end of the process takes no longer. Milliseconds. */
const END_MAX_MILLIS = 15_000

export class ExportPipeline {
  readonly #options: PipelineOptions
  readonly #counts: Readonly<Record<Signal, SignalCounts>> = { logs: new SignalCounts(), spans: new SignalCounts() }
  readonly #ledger = new DropLedger(this.#counts)
  readonly #queue: RecordQueue
  readonly #link: WorkerLink
  readonly #dispatcher: Dispatcher
  readonly #console: ConsoleSink | undefined
  readonly #copies: FileCopies
  readonly #waiters = new Set<() => void>()
  readonly #seqs: Record<Signal, number> = { logs: 0, spans: 0 }
  #timer: NodeJS.Timeout | undefined
  #timerAtMillis = Infinity
  #phase: 'running' | 'urgent' | 'ending' | 'ended' | 'stopped' = 'running'
  #urgentUntilMillis = 0
  #hadLastTurn = false
  #shutdown: Promise<FlushResult> | undefined

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#console = options.console(
      consoleOutcomes({
        counts: this.#counts,
        ledger: this.#ledger,
        isOnlyWay: (signal) => !options.destinations[signal].otlp && !options.destinations[signal].file,
        onSettled: () => this.#look(),
      }),
    )
    this.#queue = new RecordQueue({
      resource: encodeResource(options.resource),
      maxBytes: options.queueMaxBytes,
      maxRecords: options.maxBatchRecords,
      delayMillis: options.delayMillis,
      onEvict: (signal, removed) => this.#ledger.add(signal, { reason: 'queue_full', removed }),
      onClose: (batch) => this.#copyToFile(batch),
    })
    this.#link = new WorkerLink({
      ...options,
      config: options.sender,
      onOutcome: (outcome) => this.#settle(outcome),
      onLost: () => this.#dispatcher.takeBack(),
      onReady: () => this.#pump(),
    })
    this.#copies = new FileCopies({
      link: this.#link,
      path: options.sender.file?.path ?? '',
    })
    this.#dispatcher = new Dispatcher({
      queue: this.#queue,
      link: this.#link,
      ledger: this.#ledger,
      counts: this.#counts,
      routes: { logs: routeOf(options, 'logs'), spans: routeOf(options, 'spans') },
      onWait: (millis) => this.#schedule(this.#waiters.size > 0 ? Math.min(millis, FLUSH_PROBE_MILLIS) : millis),
      onDelivered: () => this.#reportDrops(),
    })
  }

  /** Whether records of a signal have anywhere to go. */
  accepts(signal: Signal): boolean {
    const { otlp, file, console } = this.#options.destinations[signal]
    return this.#phase !== 'stopped' && (otlp || file || console)
  }

  /** Accepts a record. The caller has asked `accepts('logs')`. */
  emitLog(record: LogRecord, scope: InstrumentationScope): void {
    const { otlp, file, console } = this.#options.destinations.logs
    const seq = this.#accept('logs')
    if (console) this.#console?.writeLog(record, scope, seq)
    if (otlp || file) this.#added('logs', seq, this.#queue.addLog(record, scope, seq))
    else if (this.#phase !== 'running') this.#console?.drain(STDOUT_MILLIS)
  }

  /** Accepts a span. The caller has asked `accepts('spans')`. */
  emitSpan(span: SpanRecord, scope: InstrumentationScope): void {
    const { otlp, console } = this.#options.destinations.spans
    const seq = this.#accept('spans')
    if (console) this.#console?.writeSpan(span, scope, seq)
    if (otlp) this.#added('spans', seq, this.#queue.addSpan(span, scope, seq))
    else if (this.#phase !== 'running') this.#console?.drain(STDOUT_MILLIS)
  }

  /**
   * Accepts a record or span that is written straight to bytes. The caller has asked `takesBytes`.
   *
   * @returns false: nothing of it was taken or counted, it has to be emitted as an object
   */
  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>): boolean {
    const isFull = this.#queue.append(kind, subject, write, this.#seqs[kind.signal])
    if (isFull !== undefined) this.#added(kind.signal, this.#accept(kind.signal), isFull)
    return isFull !== undefined
  }

  /** Whether `append` may be used: every way out of the signal takes bytes. */
  takesBytes(signal: Signal): boolean {
    return this.accepts(signal) && !this.#options.destinations[signal].console
  }

  stats(): PipelineStats {
    const oldest = this.#queue.oldestSinceMillis()
    return {
      logs: this.#counts.logs.stats(this.#waiting('logs')),
      spans: this.#counts.spans.stats(this.#waiting('spans')),
      queueBytes: this.#queue.bytes,
      spoolBytes: 0,
      oldestUnsentMillis: oldest === undefined ? null : monotonicMillis() - oldest,
      endpoint: this.#dispatcher.endpoint,
    }
  }

  /** Settles when all that was accepted before is answered for, or after the time-out. Never rejects. */
  flush({ timeoutMillis = FLUSH_MILLIS }: FlushOptions = {}): Promise<FlushResult> {
    const upTo = { ...this.#seqs }
    const isDone = () =>
      this.#copies.count === 0 &&
      SIGNALS.every(
        (signal) => this.#linesWaiting(signal) === 0 && (this.#queue.oldestSeq(signal) ?? Infinity) >= upTo[signal],
      )
    if (isDone()) return Promise.resolve(this.#flushResult(true))
    return new Promise((resolve) => {
      const settle = (isComplete: boolean) => {
        stopTimer(timer)
        this.#waiters.delete(look)
        resolve(this.#flushResult(isComplete))
      }
      const look = () => {
        if (isDone()) settle(true)
      }
      // The one timer that holds the process: whoever awaits wants it to.
      const timer = startTimer(() => settle(isDone()), timeoutMillis)
      this.#waiters.add(look)
      this.#queue.closeAll()
      this.#dispatcher.hurry()
      this.#pump()
    })
  }

  /** Flushes, then accepts nothing any more; what is left is dropped. The same promise for everyone who asks. */
  shutdown(options: FlushOptions = {}): Promise<FlushResult> {
    this.#shutdown ??= this.flush(options).then((result) => {
      this.#phase = 'stopped'
      this.#giveUp()
      this.#link.stop()
      if (this.#timer !== undefined) stopTimer(this.#timer)
      return result
    })
    return this.#shutdown
  }

  /**
   * Blocks this thread until everything accepted is answered for, or nobody answers: for `exit` handlers and signals.
   *
   * Records accepted later are sent at once, until `goOn` is called.
   */
  drain(): void {
    if (this.#phase === 'stopped' || this.#phase === 'ended') return this.#giveUp()
    this.#phase = 'ending'
    this.#console?.drain(STDOUT_MILLIS)
    if (this.#isIdle()) return
    this.#link.block()
    this.#dispatcher.end()
    this.#link.hurry(ANSWER_MILLIS)
    this.#drainUntil(monotonicMillis() + END_MAX_MILLIS)
    if (this.#dispatcher.endpoint === 'up' && this.#emitDrops(true)) this.#drainUntil(monotonicMillis() + ANSWER_MILLIS)
    if (!this.#isIdle()) {
      this.#phase = 'ended'
      this.#giveUp()
    }
    this.#ledger.sayEnded(true)
  }

  /**
   * Blocks until everything accepted is answered for, for so long at most; nothing is given up. Records accepted later are sent at
   * once within that time, until `goOn` is called. An endpoint that is down is not waited for.
   */
  drainWithin(millis: number): void {
    if (this.#phase !== 'running') return
    this.#phase = 'urgent'
    this.#urgentUntilMillis = monotonicMillis() + millis
    this.#drainUrgent()
  }

  /**
   * The event loop is empty. Where no worker may run nobody can be waited for at the very end: the loop is held now, once, until all is
   * answered for, for a second at most.
   */
  lastTurn(): void {
    if (this.#link.mayBlock || this.#hadLastTurn || this.#isIdle()) return
    this.#hadLastTurn = true
    void this.flush({ timeoutMillis: LAST_TURN_MILLIS })
  }

  /** Nothing comes any more: says what was lost after the last `drain`. */
  sayLast(): void {
    this.#ledger.sayEnded(true)
  }

  /** The end did not come: a signal that the system ignores, an exception that was handled. */
  goOn(): void {
    if (this.#phase === 'stopped') return
    this.#phase = 'running'
    this.#dispatcher.goOn()
  }

  #accept(signal: Signal): number {
    this.#counts[signal].emitted++
    return this.#seqs[signal]++
  }

  #added(signal: Signal, seq: number, isFull: boolean | undefined): void {
    if (isFull === undefined) {
      this.#ledger.add(signal, { reason: 'corrupt', removed: { count: 1, firstSeq: seq, lastSeq: seq } })
    }
    if (this.#phase === 'urgent') this.#drainUrgent()
    else if (this.#phase !== 'running') this.drain()
    else if (isFull === true) {
      // The event loop may be far away: a burst in one tick is sent while it goes on.
      this.#link.poll()
      this.#pump()
    } else this.#schedule(this.#options.delayMillis)
  }

  #copyToFile(batch: EncodedBatch): void {
    const { otlp, file } = this.#options.destinations[batch.signal]
    if (otlp && file) this.#copies.add(batch)
  }

  #settle(outcome: Outcome): void {
    if (!this.#dispatcher.settle(outcome)) this.#copies.settle(outcome)
    if (this.#phase === 'running') this.#pump()
    this.#look()
  }

  /** Those who wait in flush look again. */
  #look(): void {
    for (const look of this.#waiters) look()
  }

  #waiting(signal: Signal): number {
    return this.#queue.count(signal) + this.#linesWaiting(signal)
  }

  /** On standard output, where that is the only way out. */
  #linesWaiting(signal: Signal): number {
    const { otlp, file } = this.#options.destinations[signal]
    return otlp || file ? 0 : (this.#console?.count(signal) ?? 0)
  }

  /** Called whenever something may travel. */
  #pump(): void {
    if (this.#link.isReady()) {
      if (this.#link.isNew()) this.#copies.postAll()
      this.#dispatcher.pump()
    }
  }

  #schedule(millis: number): void {
    const at = monotonicMillis() + millis
    if (at >= this.#timerAtMillis) return
    if (this.#timer !== undefined) stopTimer(this.#timer)
    this.#timerAtMillis = at
    this.#timer = this.#options.detached(() => startTimer(() => this.#due(), millis))
    this.#timer.unref()
  }

  #due(): void {
    this.#timer = undefined
    this.#timerAtMillis = Infinity
    if (this.#phase !== 'running') return
    if (this.#waiters.size > 0) this.#dispatcher.hurry()
    if (this.#options.destinations.logs.file) this.#queue.closeAll()
    this.#pump()
    const ripeIn = this.#queue.ripeInMillis()
    if (ripeIn !== undefined) this.#schedule(Math.max(1, ripeIn))
  }

  #isIdle(): boolean {
    return this.#queue.isEmpty && this.#copies.count === 0
  }

  #drainUntil(limitMillis: number): void {
    this.#queue.closeAll()
    const awaited: AwaitedLink = {
      pump: () => this.#pump(),
      hasHope: () => this.#dispatcher.hasHope() || this.#copies.count > 0,
      isUp: () => this.#dispatcher.endpoint === 'up',
      answered: () => this.#answered(),
      pauseMillis: () => (this.#copies.count > 0 ? 0 : this.#dispatcher.pauseMillis()),
      wait: (millis) => this.#link.wait(millis),
    }
    awaitAnswers(awaited, limitMillis)
  }

  #drainUrgent(): void {
    if (this.#dispatcher.endpoint === 'down' || !this.#link.hasWorker) this.#schedule(this.#options.delayMillis)
    else if (!this.#isIdle()) this.#drainUntil(this.#urgentUntilMillis)
  }

  /** Grows with every record that is answered for. */
  #answered(): number {
    const { logs, spans } = this.#counts
    return logs.delivered + spans.delivered + logs.dropped.rejected + spans.dropped.rejected - this.#copies.count
  }

  #giveUp(): void {
    this.#dispatcher.takeBack()
    this.#copies.clear()
    const lost = new Map<Signal, Removed>()
    this.#queue.dropAll((signal, removed) => lost.set(signal, together(lost.get(signal), removed)))
    for (const [signal, removed] of lost) this.#ledger.add(signal, { reason: 'process_end', removed })
  }

  #reportDrops(): void {
    if (this.#phase === 'running') this.#emitDrops(false)
    this.#ledger.sayEnded()
  }

  #emitDrops(isLast: boolean): boolean {
    if (!this.accepts('logs')) return false
    const due = this.#ledger.takeDue(isLast)
    for (const attributes of due) this.#emitOwn(attributes)
    return due.length > 0
  }

  #emitOwn(attributes: Attributes): void {
    const record = droppedRecord(attributes, this.#options.nowUnixNano())
    const isQueued = this.#queue.addLog(record, OWN_SCOPE, this.#seqs.logs++) !== undefined
    if (isQueued) this.#schedule(this.#options.delayMillis)
  }

  #flushResult(isComplete: boolean): FlushResult {
    return { isComplete, queued: this.#waiting('logs') + this.#waiting('spans') }
  }
}
