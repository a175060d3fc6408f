/**
 * From an accepted record to bytes in a batch: counts it, numbers it, encodes it. The only thing on the application's path.
 *
 * Never throws, never waits. A batch that is closed goes to the stage; what has to make room there is counted as lost.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { recordsIn, type EncodedBatch } from '../model/encoded-batch.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import type { SentSignal, Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { OWN_SCOPE } from './dropped-record.ts'
import type { LaneSource } from './lane-options.ts'
import { OpenBatch, type WrittenKind, type WrittenRecord } from './open-batch.ts'
import { BATCH_BYTES, type SpareMemory } from './spare-memory.ts'
import type { PushedOut, Stage } from './stage.ts'

/** However small an endpoint wants its requests. Bytes. */
const MIN_BATCH_BYTES = 1024

export interface IntakeOptions {
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  /** Of all records that wait or travel. */
  readonly maxBytes: number
  /** Per batch. */
  readonly maxRecords: number
  /** How long a record may wait for company before its batch may be taken as it is. Milliseconds. */
  readonly delayMillis: number
  readonly stage: Pick<Stage, 'bytes' | 'offer'>
  /** Default: all memory is allocated. */
  readonly spare?: SpareMemory | undefined
  /** Of an application's worker thread: written into its records. Default: none */
  readonly threadId?: number
  /** Told of each log record before the call that emitted it returns. Default: nobody */
  readonly onLog?: ((record: WrittenRecord) => void) | undefined
  readonly onPushedOut: (out: PushedOut) => void
  /** A record could not be encoded in any form. */
  readonly onCorrupt: (signal: Signal, seq: number) => void
}

export class Intake implements LaneSource {
  readonly #options: IntakeOptions
  readonly #open: Readonly<Record<Signal, OpenBatch>>
  /** Records of the application. */
  readonly #accepted: Record<SentSignal, number> = { logs: 0, spans: 0, metrics: 0 }
  /** The next number. */
  readonly #seqs: Record<Signal, number> = { logs: 0, spans: 0 }
  #batchBytes = BATCH_BYTES

  constructor(options: IntakeOptions) {
    this.#options = options
    const { resource, maxRecords, threadId, spare } = options
    this.#open = {
      logs: new OpenBatch({ signal: 'logs', resource, maxRecords, threadId, spare }),
      spans: new OpenBatch({ signal: 'spans', resource, maxRecords, spare }),
    }
  }

  /** Records of the application, whatever became of them. */
  accepted(signal: SentSignal): number {
    return this.#accepted[signal]
  }

  /** The number that the next record gets. */
  nextSeq(signal: Signal): number {
    return this.#seqs[signal]
  }

  /** Of all records that wait or travel. */
  get bytes(): number {
    return this.#options.stage.bytes + this.#open.logs.byteLength + this.#open.spans.byteLength
  }

  /** Counts a record that no lane wants as bytes. @returns its number */
  count(signal: Signal): number {
    this.#accepted[signal]++
    return this.#seqs[signal]++
  }

  /**
   * @param rank  what goes first when there is no room; default: the record's severity
   * @returns whether a batch is full now: time to send
   */
  addLog(record: LogRecord, scope: InstrumentationScope, rank?: number): boolean {
    const seq = this.count('logs')
    return this.#added('logs', seq, this.#open.logs.addLog(record, scope, seq, rank))
  }

  /** @returns as `addLog` */
  addSpan(span: SpanRecord, scope: InstrumentationScope): boolean {
    const seq = this.count('spans')
    return this.#added('spans', seq, this.#open.spans.addSpan(span, scope, seq))
  }

  /** What tracelog says of itself: has a number, and is not counted. */
  addOwn(record: LogRecord): void {
    if (this.#open.logs.addLog(record, OWN_SCOPE, this.#seqs.logs++) > 0) this.#makeRoom('logs')
  }

  /**
   * Accepts a record or span that is written straight to bytes.
   *
   * @returns as `addLog`; `undefined`: nothing of it was taken or counted, it has to be added as an object
   */
  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>): boolean | undefined {
    const { signal } = kind
    const bytes = this.#open[signal].append(kind, subject, write, this.#seqs[signal])
    if (bytes === 0) return undefined
    return this.#added(signal, this.count(signal), bytes)
  }

  /** Accepts a batch that was encoded elsewhere. */
  adopt(batch: EncodedBatch): void {
    this.countBatch(batch)
    this.#offer(batch)
  }

  /** Counts a batch that no lane wants as bytes. */
  countBatch(batch: EncodedBatch): void {
    this.#accepted[batch.signal] += recordsIn(batch)
  }

  /** Metrics come as whole batches. */
  openCount(signal: SentSignal): number {
    if (signal === 'metrics') return 0
    return this.#open[signal].count - this.#open[signal].ownCount
  }

  openSinceMillis(signal: SentSignal): number | undefined {
    if (signal === 'metrics') return undefined
    return this.#open[signal].count === 0 ? undefined : this.#open[signal].sinceMillis
  }

  isRipe(signal: SentSignal): boolean {
    if (signal === 'metrics') return false
    const open = this.#open[signal]
    // Timers come up to a millisecond early.
    return open.count > 0 && open.ageMillis >= this.#options.delayMillis - 1
  }

  /** When a batch will be ripe that is not yet. Milliseconds from now; `undefined` when there is none. */
  ripeInMillis(): number | undefined {
    const now = monotonicMillis()
    const ages = [this.openSinceMillis('logs'), this.openSinceMillis('spans')]
      .filter((since) => since !== undefined)
      .map((since) => this.#options.delayMillis - (now - since))
      .filter((millis) => millis > 1)
    return ages.length === 0 ? undefined : Math.min(...ages)
  }

  close(signal: SentSignal): void {
    if (signal === 'metrics') return
    const batch = this.#open[signal].take()
    if (batch !== undefined) this.#offer(batch)
  }

  closeAll(): void {
    this.close('logs')
    this.close('spans')
  }

  limit(bytes: number): void {
    this.#batchBytes = Math.max(Math.min(this.#batchBytes, bytes), MIN_BATCH_BYTES)
  }

  #added(signal: Signal, seq: number, bytes: number): boolean {
    if (bytes === 0) {
      this.#options.onCorrupt(signal, seq)
      return false
    }
    if (signal === 'logs') this.#options.onLog?.(this.#open.logs.last(bytes))
    return this.#makeRoom(signal)
  }

  /** @returns whether the batch was full */
  #makeRoom(signal: Signal): boolean {
    const isFull = this.#open[signal].isFull(this.#batchBytes)
    if (isFull) this.close(signal)
    // The stage makes room when it is offered more than it may hold.
    if (this.bytes > this.#options.maxBytes) this.closeAll()
    return isFull
  }

  #offer(batch: EncodedBatch): void {
    for (const out of this.#options.stage.offer(batch)) this.#options.onPushedOut(out)
  }
}
