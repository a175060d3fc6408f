/**
 * The lane to standard output: written by this thread, line by line, as the records come.
 */
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { DropLedger } from './drop-ledger.ts'
import type { LaneState } from './lane-health.ts'
import type { LaneSpec } from './lane-spec.ts'
import type { LaneView } from './lane-view.ts'
import { LaneCounts, type DropReason } from './lane-counts.ts'

export interface ConsoleLaneOptions {
  readonly spec: LaneSpec
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
