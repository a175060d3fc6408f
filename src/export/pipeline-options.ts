/**
 * What a pipeline is made of, and what it says when it is flushed.
 */
import type { InstrumentationScope, LogRecord, Resource } from '../model/log-record.ts'
import type { WriteFields } from '../model/otlp-encode.ts'
import type { ScopeRecords } from '../model/otlp-request.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { Composition } from './lane-spec.ts'
import type { WrittenKind } from './open-batch.ts'
import type { PipelineStats } from './pipeline-stats.ts'
import type { LineWatcher } from './stdout-lines.ts'
import type { SpoolConfig } from './spool/spool-config.ts'
import type { createWriteAhead, keepSync } from './spool/from-main-thread.ts'
import type { WantedNews } from './wanted/wanted-news.ts'
import type { Surroundings } from './worker/main.ts'
import type { SenderConfig } from './worker/protocol.ts'
import type { Sender } from './worker/sender.ts'

export interface SpoolFromMainThread {
  readonly createWriteAhead: typeof createWriteAhead
  readonly keepSync: typeof keepSync
}

export interface PipelineOptions {
  readonly resource: Resource
  /** None of a signal: nothing of it is accepted. */
  readonly lanes: Composition
  /** `user-agent` of every request. */
  readonly userAgent: string
  /** Standard output, where a lane goes there. */
  readonly console: (watcher: LineWatcher) => ConsoleSink
  readonly queueMaxBytes: number
  readonly maxBatchRecords: number
  /** How long a record waits for others to travel with. Milliseconds. */
  readonly delayMillis: number
  readonly usesWorker: boolean
  /** The bundle of worker/main.ts. Absolute. */
  readonly workerPath: string
  /** The sender for this thread; loaded when it is needed. */
  readonly loadSender: (config: SenderConfig, surroundings: Surroundings) => Sender
  /** Where batches that nobody answers for are kept; lanes with `hasSpool` are behind it. */
  readonly spool: SpoolConfig | undefined
  /** What this thread needs to write to it; loaded when it is needed. */
  readonly loadSpool: () => SpoolFromMainThread
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  /** Runs an exporter of the application's: as `detached`, and what it logs is no record. */
  readonly exporting: <T>(run: () => T) => T
  /** Told of requests that have failed elsewhere; `undefined`: nobody wants to know. Called from within any call. MUST NOT throw. */
  readonly onWanted: ((news: WantedNews) => void) | undefined
  /** Nanoseconds since the epoch. */
  readonly nowUnixNano: () => bigint
}

/** What the stages before it, and the public API, see of a pipeline. */
export interface Pipeline {
  /** Whether records of a signal have anywhere to go. */
  accepts(signal: Signal): boolean
  /** Whether `append` may be used: every way out of the signal takes bytes. */
  takesBytes(signal: Signal): boolean
  /**
   * Accepts a record. The caller has asked `accepts('logs')`.
   *
   * @param rank  1 to 24: what goes first when there is no room. Default: the record's severity
   */
  emitLog(record: LogRecord, scope: InstrumentationScope, rank?: number): void
  /** Accepts a span. The caller has asked `accepts('spans')`. */
  emitSpan(span: SpanRecord, scope: InstrumentationScope): void
  /**
   * Accepts a record or span that is written straight to bytes. The caller has asked `takesBytes`.
   *
   * @returns false: nothing of it was taken or counted, it has to be emitted as an object
   */
  append<T>(kind: WrittenKind, subject: T, write: WriteFields<T>): boolean
  /** Accepts what was measured: encoded metrics by scope, which are sent as soon as may be. */
  emitMetrics(scopes: readonly ScopeRecords[]): void
  stats(): PipelineStats
  /** Resolves when all that was accepted before is answered for, or after the time-out. Never rejects. */
  flush(options?: FlushOptions): Promise<FlushResult>
  /** Flushes, then accepts nothing any more; what is left is dropped. The same promise for everyone who asks. */
  shutdown(options?: FlushOptions): Promise<FlushResult>
  /**
   * Blocks this thread until everything accepted is answered for, or nobody answers: for `exit` handlers and signals.
   *
   * Records accepted later are sent at once, until `goOn` is called.
   */
  drain(): void
  /**
   * Blocks until everything accepted is answered for, for so long at most; nothing is given up. Records accepted later are sent at
   * once within that time, until `goOn` is called. An endpoint that is down is not waited for.
   */
  drainWithin(millis: number): void
  /**
   * The event loop is empty. Where no worker may run nobody can be waited for at the very end: the loop is held now, once, until all is
   * answered for, for a second at most.
   */
  lastTurn(): void
  /** Nothing comes any more: says what was lost after the last `drain`. */
  sayLast(): void
  /** The end did not come: a signal that the system ignores, an exception that was handled. */
  goOn(): void
}

/** What flush and shutdown say. */
export interface FlushResult {
  /** True: everything accepted before the call has been answered for. */
  readonly isComplete: boolean
  /** Records and spans still waiting. */
  readonly queued: number
}

/** How long flush and shutdown wait, where nobody says it. Milliseconds. */
export const FLUSH_MILLIS = 5000

export interface FlushOptions {
  /** Default 5000. */
  readonly timeoutMillis?: number
}
