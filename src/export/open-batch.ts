/**
 * The batch that records are being added to: encodes each once and notes beside it what the queue needs.
 */
import { monotonicMillis } from '../diag/clock.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { OtlpEncoder, type WriteFields } from '../model/otlp-encode.ts'
import { SEVERITY_ERROR, SEVERITY_INFO } from '../model/severity.ts'
import { STATUS_CODE, type SpanRecord } from '../model/span-record.ts'
import { OWN_SCOPE_NUMBER, type EncodedBatch } from '../model/encoded-batch.ts'
import type { Signal } from '../model/signal.ts'
import { ScopeTable } from './scope-table.ts'
import { takeChunk, type SpareMemory } from './spare-memory.ts'

export interface OpenBatchOptions {
  readonly signal: Signal
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  readonly maxRecords: number
  /** Written into each log record. Default: none */
  readonly threadId?: number | undefined
  /** Default: all memory is allocated. */
  readonly spare?: SpareMemory | undefined
}

/** What is known of a record beside its bytes. */
export interface WrittenKind {
  readonly signal: Signal
  readonly scope: InstrumentationScope
  /** 1 to 24; of a span 17 for an error, 9 for all others. */
  readonly severityNumber: number
}

/** One record of a batch. */
export interface WrittenRecord {
  readonly seq: number
  /** From `encodeScope`. */
  readonly scope: Uint8Array
  /** With its tag and length. */
  readonly record: Uint8Array
}

export class OpenBatch {
  readonly #options: OpenBatchOptions
  readonly #scopes = new ScopeTable()
  readonly #encoder: OtlpEncoder
  // Grown by doubling up to maxRecords: most processes never fill one batch.
  #ends = new Int32Array(256)
  #severities = new Uint8Array(256)
  #ranks = new Uint8Array(256)
  #hasRanks = false
  #scopeOf = new Uint16Array(256)
  #seqs = new Float64Array(256)
  #count = 0
  #ownCount = 0
  #sinceMillis = 0

  constructor(options: OpenBatchOptions) {
    this.#options = options
    const { threadId = 0, spare } = options
    this.#encoder = new OtlpEncoder({ memory: () => takeChunk(spare), threadId })
  }

  get count(): number {
    return this.#count
  }

  /** How many of them are our own. */
  get ownCount(): number {
    return this.#ownCount
  }

  get byteLength(): number {
    return this.#encoder.byteLength
  }

  /** When its first record came, by performance.now. */
  get sinceMillis(): number {
    return this.#sinceMillis
  }

  /** Since its first record came. */
  get ageMillis(): number {
    return monotonicMillis() - this.#sinceMillis
  }

  /** Number of its first record; `undefined` when empty. */
  get firstSeq(): number | undefined {
    return this.#count === 0 ? undefined : this.#seqs[0]
  }

  isFull(maxBytes: number): boolean {
    return this.#encoder.byteLength >= maxBytes || this.#count >= this.#options.maxRecords || this.#scopes.isFull
  }

  /**
   * @param rank  1 to 24: what goes first when there is no room. Default: the record's severity
   * @returns bytes added; 0 when it could not be encoded in any form
   */
  addLog(record: LogRecord, scope: InstrumentationScope, seq: number, rank?: number): number {
    const added = this.#encoder.appendLog(record, seq)
    if (added > 0) this.#note(scope, severityOf(record.severityNumber), seq, rank)
    return added
  }

  /** @returns bytes added; 0 when it could not be encoded in any form */
  addSpan(span: SpanRecord, scope: InstrumentationScope, seq: number): number {
    const added = this.#encoder.appendSpan(span)
    const severity = span.statusCode === STATUS_CODE.error ? SEVERITY_ERROR : SEVERITY_INFO
    if (added > 0) this.#note(scope, severity, seq)
    return added
  }

  /**
   * Adds one record that is written straight to bytes.
   *
   * @returns bytes added; 0 when nothing of it is there: it has to be given as an object
   */
  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>, seq: number): number {
    const added = this.#encoder.append(subject, write, seq)
    if (added > 0) this.#note(kind.scope, kind.severityNumber, seq)
    return added
  }

  /** What was added last, as it stands in a request: views, until the next call. @param length  what was added */
  last(length: number): WrittenRecord {
    const at = this.#count - 1
    return {
      seq: this.#seqs[at] as number,
      scope: this.#scopes.encoded(this.#scopeOf[at] as number),
      record: this.#encoder.last(length),
    }
  }

  /** Closes it and begins the next; `undefined` when it is empty. */
  take(): EncodedBatch | undefined {
    const count = this.#count
    if (count === 0) return undefined
    this.#count = 0
    this.#ownCount = 0
    const severities = this.#severities.slice(0, count)
    const ranks = this.#hasRanks ? this.#ranks.slice(0, count) : severities
    this.#hasRanks = false
    return {
      signal: this.#options.signal,
      resource: this.#options.resource,
      scopes: this.#scopes.take(),
      bytes: this.#encoder.take(),
      ends: this.#ends.slice(0, count),
      severities,
      ranks,
      scopeOf: this.#scopeOf.slice(0, count),
      seqs: this.#seqs.slice(0, count),
      sinceMillis: this.#sinceMillis,
    }
  }

  #note(scope: InstrumentationScope, severity: number, seq: number, rank: number = severity): void {
    const at = this.#count++
    if (at === 0) this.#sinceMillis = monotonicMillis()
    if (at === this.#ends.length) this.#grow()
    this.#ends[at] = this.#encoder.byteLength
    this.#severities[at] = severity
    this.#ranks[at] = rank
    if (rank !== severity) this.#hasRanks = true
    const number = this.#scopes.numberOf(scope)
    if (number === OWN_SCOPE_NUMBER) this.#ownCount++
    this.#scopeOf[at] = number
    this.#seqs[at] = seq
  }

  #grow(): void {
    const length = this.#ends.length * 2
    this.#ends = copyInto(new Int32Array(length), this.#ends)
    this.#severities = copyInto(new Uint8Array(length), this.#severities)
    this.#ranks = copyInto(new Uint8Array(length), this.#ranks)
    this.#scopeOf = copyInto(new Uint16Array(length), this.#scopeOf)
    this.#seqs = copyInto(new Float64Array(length), this.#seqs)
  }
}

function copyInto<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from)
  return larger
}

/** 1 to 24; an unspecified one counts as INFO. */
function severityOf(severityNumber: number): number {
  return severityNumber >= 1 && severityNumber <= 24 ? severityNumber : SEVERITY_INFO
}
