/**
 * The pipeline of an application's worker thread: the same intake, whose batches the main thread sends.
 *
 * Until the main thread has said in which context this thread was made, log records wait as objects: those without a trace get that
 * context's. Where the main thread has no engine, this thread runs a whole pipeline of its own, and everything that waited goes there.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { recordsIn } from '../../model/encoded-batch.ts'
import type { InstrumentationScope, LogRecord } from '../../model/log-record.ts'
import type { WriteFields } from '../../model/otlp-encode.ts'
import type { EncodedBatch } from '../../model/encoded-batch.ts'
import type { Signal } from '../../model/signal.ts'
import type { SpanRecord } from '../../model/span-record.ts'
import { DropLedger } from '../drop-ledger.ts'
import { Intake } from '../intake.ts'
import { MemoryStage } from '../memory-stage.ts'
import type { WrittenKind } from '../open-batch.ts'
import {
  FLUSH_MILLIS,
  type FlushOptions,
  type FlushResult,
  type Pipeline,
  type PipelineOptions,
} from '../pipeline-options.ts'
import { emptyStats, type PipelineStats } from '../pipeline-stats.ts'
import type { ExportPipeline } from '../pipeline.ts'
import { Schedule } from '../schedule.ts'
import { RelayLane } from './lane.ts'
import { RelayLink } from './link.ts'
import type { ContextCarrier } from './protocol.ts'

/** How long a record waits for others to travel with. Milliseconds. Source: spec, pipeline. */
const DELAY_MILLIS = 40
/** Records that wait for their context; a thread that writes more before the main thread has a moment gets them without. */
const MAX_EARLY = 1_000

/** A record without a trace, as it is in the context that the thread was made in. */
export type PlaceRecord = (record: LogRecord) => LogRecord

export interface ThreadPipelineOptions {
  readonly threadId: number
  readonly accepts: Readonly<Record<Signal, boolean>>
  readonly maxBytes: number
  readonly maxRecords: number
  readonly detached: <T>(run: () => T) => T
  /** Makes the context that this thread was made in its own. @returns what it is to records; `undefined`: nothing */
  readonly adoptContext: (carrier: ContextCarrier) => PlaceRecord | undefined
  /** As in PipelineOptions. */
  readonly onWanted: PipelineOptions['onWanted']
  /** The main thread has no engine. */
  readonly createWhole: () => ExportPipeline
}

interface EarlyRecord {
  readonly record: LogRecord
  readonly scope: InstrumentationScope
  readonly rank: number | undefined
}

export class ThreadPipeline implements Pipeline {
  readonly #options: ThreadPipelineOptions
  readonly #lanes: Readonly<Record<Signal, RelayLane>> = { logs: new RelayLane('logs'), spans: new RelayLane('spans') }
  readonly #ledger = new DropLedger()
  readonly #stage: MemoryStage
  readonly #intake: Intake
  readonly #schedule: Schedule
  readonly #link: RelayLink
  #early: EarlyRecord[] | undefined = []
  #whole: ExportPipeline | undefined
  #phase: 'running' | 'ending' | 'stopped' = 'running'

  constructor(options: ThreadPipelineOptions) {
    this.#options = options
    const { threadId, maxBytes, maxRecords, detached } = options
    const { logs, spans } = this.#lanes
    this.#stage = new MemoryStage({ maxBytes, seats: [logs, spans] })
    this.#intake = new Intake({
      // That of the process is put in its place by the main thread.
      resource: new Uint8Array(),
      threadId,
      maxBytes,
      maxRecords,
      delayMillis: DELAY_MILLIS,
      stage: this.#stage,
      onPushedOut: ({ signal, removed }) =>
        this.#ledger.add(this.#lanes[signal as Signal], { reason: 'queue_full', removed }),
      onCorrupt: (signal, seq) =>
        this.#ledger.add(this.#lanes[signal], {
          reason: 'corrupt',
          removed: { count: 1, firstSeq: seq, lastSeq: seq },
        }),
    })
    this.#schedule = new Schedule({ delayMillis: DELAY_MILLIS, detached, onDue: () => this.#post() })
    this.#link = detached(
      () =>
        new RelayLink({
          onHello: (carrier) => this.#begin(options.adoptContext(carrier)),
          onNothing: () => this.#stop(),
          onAlone: () => this.#goAlone(),
          onDrain: () => {
            this.#post()
            this.#link.sayDrained()
          },
          onWanted: (news) => options.onWanted?.(news),
        }),
    )
  }

  accepts(signal: Signal): boolean {
    return this.#whole?.accepts(signal) ?? (this.#phase !== 'stopped' && this.#options.accepts[signal])
  }

  takesBytes(signal: Signal): boolean {
    return this.#whole?.takesBytes(signal) ?? (this.#early === undefined && this.accepts(signal))
  }

  emitLog(record: LogRecord, scope: InstrumentationScope, rank?: number): void {
    if (this.#whole !== undefined) return this.#whole.emitLog(record, scope, rank)
    if (this.#early === undefined) return this.#added(this.#intake.addLog(record, scope, rank))
    this.#early.push({ record, scope, rank })
    if (this.#phase === 'ending' || this.#early.length >= MAX_EARLY) this.#begin(undefined)
  }

  emitSpan(span: SpanRecord, scope: InstrumentationScope): void {
    if (this.#whole !== undefined) this.#whole.emitSpan(span, scope)
    else this.#added(this.#intake.addSpan(span, scope))
  }

  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>): boolean {
    if (this.#whole !== undefined) return this.#whole.append(kind, subject, write)
    const isFull = this.#intake.append(kind, subject, write)
    if (isFull !== undefined) this.#added(isFull)
    return isFull !== undefined
  }

  /** Threads measure nothing. */
  emitMetrics(): void {}

  /** What the main thread has been given counts as delivered: it answers for it from then on. */
  stats(): PipelineStats {
    if (this.#whole !== undefined) return this.#whole.stats()
    const early = this.#early?.length ?? 0
    const statsOf = (signal: Signal, waiting: number) => {
      const queued = this.#intake.openCount(signal) + this.#stage.count(this.#lanes[signal]) + waiting
      return this.#lanes[signal].stats(this.#intake.accepted(signal) + waiting, queued)
    }
    const lanes = [statsOf('logs', early), statsOf('spans', 0)] as const
    return { ...emptyStats(), logs: lanes[0], spans: lanes[1], lanes, queueBytes: this.#intake.bytes }
  }

  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    const { timeoutMillis = FLUSH_MILLIS } = options
    const until = monotonicMillis() + timeoutMillis
    await this.#link.whenAnswered(timeoutMillis)
    if (this.#whole !== undefined) return await this.#whole.flush(options)
    this.#post()
    const result = await this.#link.flush(Math.max(0, until - monotonicMillis()))
    const { logs, spans } = this.stats()
    const queued = logs.queued + spans.queued + (result?.queued ?? 0)
    return { isComplete: result?.isComplete === true && this.#intake.bytes === 0, queued }
  }

  async shutdown(options?: FlushOptions): Promise<FlushResult> {
    if (this.#whole !== undefined) return await this.#whole.shutdown(options)
    const result = await this.flush(options)
    this.#stop()
    return result
  }

  /** Posts all there is, and waits for nothing: what a thread has posted arrives, also when it ends in the same moment. */
  drain(): void {
    if (this.#whole === undefined) this.#link.poll()
    if (this.#whole !== undefined) return this.#whole.drain()
    if (this.#phase === 'stopped') return
    this.#phase = 'ending'
    if (this.#early !== undefined) this.#begin(undefined)
    this.#intake.closeAll()
    this.#postWhile(() => true)
  }

  drainWithin(millis: number): void {
    if (this.#whole !== undefined) this.#whole.drainWithin(millis)
    else this.#post()
  }

  lastTurn(): void {
    this.#whole?.lastTurn()
  }

  sayLast(): void {
    if (this.#whole === undefined) this.#ledger.sayEnded(true)
    else this.#whole.sayLast()
  }

  goOn(): void {
    if (this.#whole !== undefined) this.#whole.goOn()
    else if (this.#phase === 'ending') this.#phase = 'running'
  }

  #added(isFull: boolean): void {
    if (this.#phase === 'ending') this.drain()
    else if (isFull) this.#post()
    else this.#schedule.soon()
  }

  /** The context is known, or is not waited for any longer. */
  #begin(place: PlaceRecord | undefined): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const { record, scope, rank } of early) {
      const isBare = place !== undefined && record.traceId === ''
      this.#intake.addLog(isBare ? place(record) : record, scope, rank)
    }
    this.#schedule.soon()
  }

  /** What may travel. */
  #post(): void {
    this.#intake.closeAll()
    this.#postWhile(() => this.#link.mayPost)
    if (this.#intake.bytes > 0) this.#schedule.soon()
  }

  #postWhile(mayPost: () => boolean): void {
    for (const lane of [this.#lanes.logs, this.#lanes.spans]) {
      while (mayPost()) {
        const held = this.#stage.take(lane)
        if (held === undefined) break
        lane.counts.delivered += recordsIn(held.batch)
        this.#stage.settle(lane, held)
        // Its bytes are gone with it.
        this.#link.post(held.batch as EncodedBatch<Signal>)
      }
    }
  }

  #goAlone(): void {
    this.#link.close()
    const whole = this.#options.createWhole()
    this.#begin(undefined)
    this.#intake.closeAll()
    for (const lane of [this.#lanes.logs, this.#lanes.spans]) {
      for (let held = this.#stage.take(lane); held !== undefined; held = this.#stage.take(lane))
        whole.adopt(held.batch as EncodedBatch<Signal>)
    }
    this.#schedule.stop()
    this.#whole = whole
    if (this.#phase === 'ending') whole.drain()
  }

  #stop(): void {
    this.#phase = 'stopped'
    this.#early = undefined
    this.#schedule.stop()
    this.#stage.dropAll()
    this.#link.close()
  }
}
