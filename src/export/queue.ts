/**
 * Everything accepted and not yet answered for, in memory, bounded by bytes.
 *
 * When it is full the lowest severities go first, the oldest of them before the newer. What travels (`take` until `settle` or
 * `putBack`) is counted in, but never pushed out.
 */
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { halvesOf, wholeOf, without, type Removed } from './batch-parts.ts'
import { recordsIn, type EncodedBatch } from '../model/encoded-batch.ts'
import type { Signal } from '../model/signal.ts'
import { BATCH_BYTES, OpenBatch, type WrittenKind } from './open-batch.ts'

/** What is freed at once when full, as a share of the whole: each search through the queue pays for many records. */
const EVICTED_SHARE = 1 / 128

export interface QueueOptions {
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  readonly maxBytes: number
  /** Per batch. */
  readonly maxRecords: number
  /** How long a record may wait for company before its batch is taken as it is. Milliseconds. */
  readonly delayMillis: number
  /** Told of what was pushed out. */
  readonly onEvict: (signal: Signal, removed: Removed) => void
  /** Told of each batch when no more records come to it. */
  readonly onClose: (batch: EncodedBatch) => void
}

export class RecordQueue {
  readonly #options: QueueOptions
  readonly #open: Readonly<Record<Signal, OpenBatch>>
  /** Closed and waiting, oldest first. */
  readonly #waiting: Record<Signal, EncodedBatch[]> = { logs: [], spans: [] }
  readonly #travelling = new Set<EncodedBatch>()
  #closedBytes = 0
  #batchBytes = BATCH_BYTES

  constructor(options: QueueOptions) {
    this.#options = options
    const { resource, maxRecords } = options
    this.#open = {
      logs: new OpenBatch({ signal: 'logs', resource, maxRecords }),
      spans: new OpenBatch({ signal: 'spans', resource, maxRecords }),
    }
  }

  /** Bytes of all records, waiting and travelling. */
  get bytes(): number {
    return this.#closedBytes + this.#open.logs.byteLength + this.#open.spans.byteLength
  }

  get isEmpty(): boolean {
    return this.bytes === 0
  }

  /** Records of a signal, waiting and travelling, without our own. */
  count(signal: Signal): number {
    let count = this.#open[signal].count - this.#open[signal].ownCount
    for (const batch of this.#waiting[signal]) count += recordsIn(batch)
    for (const batch of this.#travelling) if (batch.signal === signal) count += recordsIn(batch)
    return count
  }

  /** Whether anything of a signal could be taken: a closed batch, or one that has waited long enough. */
  hasWaiting(signal: Signal): boolean {
    return this.#waiting[signal].length > 0 || this.#isRipe(signal)
  }

  /** When a batch will be ripe that is not yet. Milliseconds from now; `undefined` when there is none. */
  ripeInMillis(): number | undefined {
    const unripe = (['logs', 'spans'] as const).filter(
      (signal) => this.#open[signal].count > 0 && !this.#isRipe(signal),
    )
    if (unripe.length === 0) return undefined
    return Math.min(...unripe.map((signal) => this.#options.delayMillis - this.#open[signal].ageMillis))
  }

  /** Age of the oldest record, by performance.now; `undefined` when empty. */
  oldestSinceMillis(): number | undefined {
    let oldest: number | undefined
    const see = (since: number) => (oldest = Math.min(oldest ?? since, since))
    for (const signal of ['logs', 'spans'] as const) {
      if (this.#open[signal].count > 0) see(this.#open[signal].sinceMillis)
      for (const batch of this.#waiting[signal]) see(batch.sinceMillis)
    }
    for (const batch of this.#travelling) see(batch.sinceMillis)
    return oldest
  }

  /** @returns whether a batch is full now: time to send; `undefined` when the record could not be encoded */
  addLog(record: LogRecord, scope: InstrumentationScope, seq: number): boolean | undefined {
    return this.#added('logs', this.#open.logs.addLog(record, scope, seq))
  }

  /** @returns as `addLog` */
  addSpan(span: SpanRecord, scope: InstrumentationScope, seq: number): boolean | undefined {
    return this.#added('spans', this.#open.spans.addSpan(span, scope, seq))
  }

  /** @returns as `addLog`; `undefined`: nothing of it was added */
  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>, seq: number): boolean | undefined {
    return this.#added(kind.signal, this.#open[kind.signal].append(kind, subject, write, seq))
  }

  /** The lowest number in the queue; `undefined` when it has none of the signal. */
  oldestSeq(signal: Signal): number | undefined {
    let oldest = this.#open[signal].firstSeq
    const see = (batch: EncodedBatch) => (oldest = Math.min(oldest ?? Infinity, batch.seqs[0] ?? Infinity))
    for (const batch of this.#waiting[signal]) see(batch)
    for (const batch of this.#travelling) if (batch.signal === signal) see(batch)
    return oldest
  }

  /** Adds nothing more to the batches begun. */
  closeAll(): void {
    this.#close('logs')
    this.#close('spans')
  }

  /** The oldest batch of a signal, to be sent; `undefined` when there is none. */
  take(signal: Signal): EncodedBatch | undefined {
    if (this.#waiting[signal].length === 0) this.#close(signal)
    const batch = this.#waiting[signal].shift()
    if (batch !== undefined) this.#travelling.add(batch)
    return batch
  }

  /** It could not be sent: first in line again. */
  putBack(batch: EncodedBatch): void {
    if (this.#travelling.delete(batch)) this.#waiting[batch.signal].unshift(batch)
  }

  /** It was too large: its halves are first in line, and later batches are made no larger. False for a single record. */
  split(batch: EncodedBatch): boolean {
    if (batch.ends.length < 2 || !this.#travelling.delete(batch)) return false
    this.#waiting[batch.signal].unshift(...halvesOf(batch))
    this.#batchBytes = Math.max(Math.min(this.#batchBytes, batch.bytes.length >> 1), 1024)
    return true
  }

  /** It has been answered for: delivered, or lost for good. */
  settle(batch: EncodedBatch): void {
    if (this.#travelling.delete(batch)) this.#closedBytes -= batch.bytes.length
  }

  /** Empties it. What travels is put back before. */
  dropAll(onDrop: (signal: Signal, removed: Removed) => void): void {
    for (const batch of this.#travelling) this.putBack(batch)
    for (const signal of ['logs', 'spans'] as const) {
      this.#close(signal)
      for (const batch of this.#waiting[signal].splice(0)) {
        this.#closedBytes -= batch.bytes.length
        onDrop(signal, wholeOf(batch))
      }
    }
  }

  #isRipe(signal: Signal): boolean {
    const open = this.#open[signal]
    // Timers come up to a millisecond early.
    return open.count > 0 && open.ageMillis >= this.#options.delayMillis - 1
  }

  #added(signal: Signal, bytes: number): boolean | undefined {
    if (bytes === 0) return undefined
    const isFull = this.#open[signal].isFull(this.#batchBytes)
    if (isFull) this.#close(signal)
    const excess = this.bytes - this.#options.maxBytes
    if (excess > 0) this.#evict(excess + this.#options.maxBytes * EVICTED_SHARE)
    return isFull
  }

  #close(signal: Signal): void {
    const batch = this.#open[signal].take()
    if (batch === undefined) return
    this.#waiting[signal].push(batch)
    this.#closedBytes += batch.bytes.length
    this.#options.onClose(batch)
  }

  #evict(bytes: number): void {
    this.closeAll()
    for (let rank = 1; rank <= 24 && bytes > 0; rank++) {
      for (const signal of ['logs', 'spans'] as const) {
        if (bytes > 0) bytes -= this.#evictFrom(signal, rank, bytes)
      }
    }
  }

  #evictFrom(signal: Signal, rank: number, bytes: number): number {
    const waiting = this.#waiting[signal]
    let freed = 0
    for (let i = 0; i < waiting.length && freed < bytes; i++) {
      const batch = waiting[i] as EncodedBatch
      if (!batch.ranks.includes(rank)) continue
      const { rest, removed } = without(batch, rank, bytes - freed)
      freed += batch.bytes.length - rest.bytes.length
      if (rest.ends.length > 0) waiting[i] = rest
      else waiting.splice(i--, 1)
      this.#options.onEvict(signal, removed)
    }
    this.#closedBytes -= freed
    return freed
  }
}
