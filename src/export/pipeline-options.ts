/**
 * What a pipeline is made of, and what it says when it is flushed.
 */
import type { Resource } from '../model/log-record.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { Composition } from './lane-spec.ts'
import type { LineWatcher } from './stdout-lines.ts'
import type { SenderConfig } from './worker/protocol.ts'
import type { Sender } from './worker/sender.ts'

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
  readonly loadSender: (config: SenderConfig) => Sender
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  /** Nanoseconds since the epoch. */
  readonly nowUnixNano: () => bigint
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
