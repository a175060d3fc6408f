/**
 * From an accepted record to the way out: intake, stage, lanes and the end, put together.
 *
 * intake.ts (counts, encodes) -> stage.ts (waits) -> lane.ts, one per signal and destination -> worker/link.ts -> transports.
 * A line to standard output leaves at the intake. emitLog, emitSpan and append are on the application's path and never throw.
 */
import { monotonicMillis } from '../diag/clock.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import { encodeResource, type ScopeRecords } from '../model/otlp-request.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { together, type Removed } from './batch-parts.ts'
import { DropLedger } from './drop-ledger.ts'
import { droppedRecord } from './dropped-record.ts'
import { End } from './end.ts'
import { Intake } from './intake.ts'
import { bitOf, checkComposition, isLocal, isPrinted, type Composition } from './lane-spec.ts'
import { LocalLink } from './local-link.ts'
import { createLanes, type Lanes } from './lanes.ts'
import { MemoryStage } from './memory-stage.ts'
import { metricsBatch } from './metrics-batch.ts'
import type { WrittenKind } from './open-batch.ts'
import type { FlushOptions, FlushResult, Pipeline, PipelineOptions } from './pipeline-options.ts'
import { laneStats, signalStats, stateOf, type PipelineStats } from './pipeline-stats.ts'
import type { RelayedBatch } from './relay/protocol.ts'
import type { PushedOut, Seat } from './stage.ts'
import { PipelineSpool } from './pipeline-spool.ts'
import { SpareMemory } from './spare-memory.ts'
import { WorkerLink } from './worker/link.ts'
import type { Outcome, SenderConfig, SenderNews } from './worker/protocol.ts'

export class ExportPipeline implements Pipeline {
  readonly #options: PipelineOptions
  readonly #ledger = new DropLedger()
  readonly #lanes: Lanes
  readonly #stage: MemoryStage
  readonly #intake: Intake
  readonly #end: End
  /** Of the batches of the application's worker threads: a copy of its own, because their numbers are not this thread's. */
  readonly #threadResource: Uint8Array
  readonly #resource: Uint8Array
  readonly #spool: PipelineSpool
  readonly #link: WorkerLink

  /** @throws Error when the lanes cannot stand beside each other */
  constructor(options: PipelineOptions) {
    this.#options = options
    this.#threadResource = encodeResource(options.resource)
    const { lanes: specs, queueMaxBytes: maxBytes, maxBatchRecords: maxRecords, delayMillis } = options
    checkComposition(specs)
    const resource = (this.#resource = encodeResource(options.resource))
    this.#spool = new PipelineSpool(options, resource)
    const spare = new SpareMemory()
    this.#stage = new MemoryStage({ maxBytes, spare, seats: seatsOf(specs) })
    this.#intake = new Intake({
      resource,
      maxBytes,
      maxRecords,
      delayMillis,
      stage: this.#stage,
      spare,
      onLog: this.#spool.onLog,
      onPushedOut: (out) => this.#pushedOut(out),
      onCorrupt: (signal, seq) => this.#corrupt(signal, seq),
    })
    const onOutcome = (outcome: Outcome) => this.#judge(outcome)
    const local = new LocalLink({ lanes: specs.filter(isLocal), exporting: options.exporting, onOutcome })
    const link = (this.#link = new WorkerLink({
      ...options,
      config: senderConfig(options),
      spare,
      onOutcome,
      onNews: (news) => this.#hear(news),
      onLost: () => this.#lanes.sending.forEach((lane) => lane.takeBack()),
      onReady: () => this.#end.pump(),
    }))
    this.#lanes = createLanes(specs, {
      stage: this.#stage,
      source: this.#intake,
      linkOf: (spec) => (isLocal(spec) ? local : link),
      ledger: this.#ledger,
      ahead: this.#spool.ahead,
      console: options.console,
      onWait: (millis) => this.#end.pause(millis),
      onDelivered: () => this.#delivered(),
      onPrinted: () => this.#end.linePrinted(),
    })
    this.#end = new End({
      intake: this.#intake,
      stage: this.#stage,
      lanes: this.#lanes.sending,
      printing: this.#lanes.printing,
      link,
      local,
      console: this.#lanes.console,
      delayMillis,
      detached: options.detached,
      onGiveUp: () => this.#giveUp(),
      reportDrops: (isLast) => this.#reportDrops(isLast),
      sayDrops: () => this.#ledger.sayEnded(true),
      onIdle: () => this.#spool.tidy(),
    })
    this.#spool.openSoon(link)
  }

  accepts(signal: Signal): boolean {
    return !this.#end.isStopped && (this.#lanes.sends[signal] || this.#lanes.printer[signal] !== undefined)
  }

  emitLog(record: LogRecord, scope: InstrumentationScope, rank?: number): void {
    this.#lanes.printer.logs?.writeLog(record, scope, this.#intake.nextSeq('logs'))
    if (this.#lanes.sends.logs) this.#end.added(this.#intake.addLog(record, scope, rank))
    else this.#printed('logs')
  }

  emitSpan(span: SpanRecord, scope: InstrumentationScope): void {
    this.#lanes.printer.spans?.writeSpan(span, scope, this.#intake.nextSeq('spans'))
    if (this.#lanes.sends.spans) this.#end.added(this.#intake.addSpan(span, scope))
    else this.#printed('spans')
  }

  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>): boolean {
    const isFull = this.#intake.append(kind, subject, write)
    if (isFull !== undefined) this.#end.added(isFull)
    return isFull !== undefined
  }

  takesBytes(signal: Signal): boolean {
    return this.accepts(signal) && this.#lanes.printer[signal] === undefined
  }

  emitMetrics(scopes: readonly ScopeRecords[]): void {
    if (this.#end.isStopped || !this.#lanes.sends.metrics || scopes.length === 0) return
    const firstSeq = this.#intake.accepted('metrics')
    this.#intake.adopt(metricsBatch(scopes, { resource: this.#resource, firstSeq, sinceMillis: monotonicMillis() }))
    this.#end.added(true)
  }

  /** Accepts a batch of another thread, as it is. */
  adopt(batch: RelayedBatch): void {
    const whole = { ...batch, resource: this.#threadResource }
    this.#lanes.printer[batch.signal]?.writeBatch(whole)
    if (this.#lanes.sends[batch.signal]) this.#intake.adopt(whole)
    else this.#intake.countBatch(whole)
    this.#end.adopted()
  }

  stats(): PipelineStats {
    const lanes = this.#lanes.all.map((lane) => laneStats(lane, this.#intake.accepted(lane.signal)))
    const primary = lanes.filter((lane) => lane.isPrimary)
    const ages = primary.map((lane) => lane.oldestUnsentMillis).filter((millis) => millis !== null)
    return {
      logs: signalStats('logs', lanes),
      spans: signalStats('spans', lanes),
      lanes,
      queueBytes: this.#intake.bytes,
      spoolBytes: this.#spool.bytes,
      oldestUnsentMillis: ages.length === 0 ? null : Math.max(...ages),
      endpoint: stateOf(this.#lanes.sending.filter((lane) => lane.isPrimary)),
    }
  }

  flush(options?: FlushOptions): Promise<FlushResult> {
    return this.#end.flush(options)
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    return this.#end.shutdown(options)
  }

  drain(): void {
    this.#end.drain()
  }

  drainWithin(millis: number): void {
    this.#end.drainWithin(millis)
  }

  lastTurn(): void {
    this.#end.lastTurn()
  }

  sayLast(): void {
    this.#end.sayLast()
  }

  goOn(): void {
    this.#end.goOn()
  }

  #printed(signal: Signal): void {
    this.#intake.count(signal)
    this.#end.printed()
  }

  #corrupt(signal: Signal, seq: number): void {
    const removed = { count: 1, firstSeq: seq, lastSeq: seq }
    for (const lane of this.#lanes.sending)
      if (lane.signal === signal) this.#ledger.add(lane, { reason: 'corrupt', removed })
  }

  #pushedOut(out: PushedOut): void {
    this.#spool.forget(out)
    this.#lost(out, 'queue_full')
  }

  #judge(outcome: Outcome): void {
    this.#lanes.byKey.get(outcome.lane)?.judge(outcome)
    this.#end.answered()
  }

  #hear(news: SenderNews): void {
    if (news.kind === 'wanted' || news.kind === 'following') this.#options.onWanted?.(news)
    else if (news.kind === 'bytes') this.#spool.workerBytes = news.bytes
    else {
      this.#lanes.byKey.get(news.lane)?.hear(news)
      this.#end.answered()
    }
  }

  #lost({ signal, lanes, removed }: PushedOut, reason: 'queue_full' | 'process_end'): void {
    for (const lane of this.#lanes.sending) {
      if (lane.signal === signal && (lane.bit & lanes) !== 0) this.#ledger.add(lane, { reason, removed })
    }
  }

  #giveUp(): void {
    this.#spool.keepRest(this.#lanes.sending, this.#link.isWorking)
    // One line per lane, whatever the number of batches.
    const lost = new Map<string, { out: PushedOut; removed: Removed }>()
    for (const out of this.#stage.dropAll()) {
      const key = `${out.signal} ${out.lanes}`
      lost.set(key, { out, removed: together(lost.get(key)?.removed, out.removed) })
    }
    for (const { out, removed } of lost.values()) this.#lost({ ...out, removed }, 'process_end')
  }

  #delivered(): void {
    if (this.#end.isRunning) this.#reportDrops(false)
    this.#ledger.sayEnded()
  }

  #reportDrops(isLast: boolean): boolean {
    if (!this.accepts('logs') || !this.#lanes.sends.logs) return false
    const due = this.#ledger.takeDue(isLast)
    for (const attributes of due) this.#intake.addOwn(droppedRecord(attributes, this.#options.nowUnixNano()))
    if (due.length > 0) this.#end.addedOwn()
    return due.length > 0
  }
}

/** Of lanes that the sender serves. */
function senderConfig({ lanes, userAgent, spool, onWanted }: PipelineOptions): SenderConfig {
  const sent = lanes.filter((spec) => !isPrinted(spec) && !isLocal(spec))
  return { lanes: sent, userAgent, spool, followsFailures: onWanted !== undefined }
}

/** Of the lanes that send. */
function seatsOf(specs: Composition): readonly Seat[] {
  return specs.filter((spec) => !isPrinted(spec)).map((spec) => ({ signal: spec.signal, bit: bitOf(spec, specs) }))
}
