/**
 * The lane to standard output: written by this thread, line by line, as the records come.
 */
import { requestOf, type EncodedBatch } from '../model/encoded-batch.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../model/otlp-decode.ts'
import { ATTR_SEQ } from '../model/semconv.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { DropLedger } from './drop-ledger.ts'
import type { LaneState } from './lane-health.ts'
import type { PrintedSpec } from './lane-spec.ts'
import type { LaneView } from './lane-view.ts'
import { LaneCounts, type DropReason } from './lane-counts.ts'

export interface ConsoleLaneOptions {
  readonly spec: PrintedSpec
  readonly isPrimary: boolean
  readonly sink: ConsoleSink
  readonly ledger: DropLedger
}

export class ConsoleLane implements LaneView {
  readonly signal: Signal
  readonly name: string
  readonly label: string
  readonly isPrimary: boolean
  readonly counts: LaneCounts = new LaneCounts()
  readonly #sink: ConsoleSink
  readonly #ledger: DropLedger

  constructor({ spec, isPrimary, sink, ledger }: ConsoleLaneOptions) {
    this.signal = spec.signal
    this.name = spec.name
    this.label = spec.label
    this.isPrimary = isPrimary
    this.#sink = sink
    this.#ledger = ledger
  }

  get state(): LaneState {
    return this.counts.delivered > 0 ? 'up' : 'unknown'
  }

  queued(): number {
    return this.#sink.count(this.signal)
  }

  oldestSinceMillis(): undefined {
    // Lines wait for milliseconds, or are lost: nobody notes since when.
    return undefined
  }

  writeLog(record: LogRecord, scope: InstrumentationScope, seq: number): void {
    this.#sink.writeLog(record, scope, seq)
  }

  writeSpan(span: SpanRecord, scope: InstrumentationScope, seq: number): void {
    this.#sink.writeSpan(span, scope, seq)
  }

  /** Of another thread: its lines come in batches. */
  writeBatch(batch: EncodedBatch): void {
    const request = requestOf(batch)
    // A request groups by scope; whoever reads wants to see what happened one after the other.
    if (this.signal === 'logs') {
      const scopes = decodeLogsRequest(request).flatMap((ofResource) => ofResource.scopes)
      const lines = scopes.flatMap(({ scope, records }) => records.map((record) => ({ record, scope })))
      lines.sort((a, b) => seqOf(a.record) - seqOf(b.record))
      for (const { record, scope } of lines) this.writeLog(record, scope, seqOf(record))
    } else {
      const scopes = decodeTracesRequest(request).flatMap((ofResource) => ofResource.scopes)
      for (const { scope, spans } of scopes) for (const span of spans) this.writeSpan(span, scope, 0)
    }
  }

  onWritten(): void {
    this.counts.delivered++
  }

  onLost(seq: number, reason: DropReason): void {
    this.#ledger.add(this, {
      reason,
      removed: { count: 1, firstSeq: seq, lastSeq: seq },
      detail: this.label,
    })
  }
}

function seqOf({ attributes }: LogRecord): number {
  return Number(attributes[ATTR_SEQ] ?? 0)
}
