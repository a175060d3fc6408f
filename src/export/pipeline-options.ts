/**
 * What a pipeline is made of, and what it says when it is flushed.
 */
import type { Resource } from '../model/log-record.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { Sender } from './sender.ts'
import type { LineOutcomes } from './stdout-lines.ts'
import type { Signal } from '../model/signal.ts'
import type { SenderConfig } from './worker-protocol.ts'

/** Ways out of one signal. None: nothing of it is accepted. */
interface PipelineDestinations {
  readonly otlp: boolean
  readonly file: boolean
  readonly console: boolean
}

export interface PipelineOptions {
  readonly resource: Resource
  readonly destinations: Readonly<Record<Signal, PipelineDestinations>>
  readonly sender: SenderConfig
  readonly console: (told: LineOutcomes) => ConsoleSink | undefined
  readonly queueMaxBytes: number
  readonly maxBatchRecords: number
  /** How long a record waits for others to travel with. Milliseconds. */
  readonly delayMillis: number
  readonly usesWorker: boolean
  readonly workerPath: string
  readonly loadSender: () => Sender
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
