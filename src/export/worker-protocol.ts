/**
 * What the main thread and the export worker say to each other.
 *
 * Main -> worker: `ToWorker` over a MessagePort; the bytes of a request are transferred. Worker -> main: one `Outcome` per request
 * and destination over the same port, each followed by an increment of `signal[RESULTS]` and a notify, so that a main thread that
 * is blocked in its `exit` handler wakes up and reads the port with `receiveMessageOnPort`.
 *
 * Invariant: the main thread keeps the records of a request until its outcome has come; a worker may die at any time.
 */
import type { MessagePort } from 'node:worker_threads'

import type { FileSinkConfig } from './file-sink.ts'
import type { OtlpEndpoint } from './otlp-endpoint.ts'
import type { Signal } from '../model/signal.ts'

export type { Signal } from '../model/signal.ts'

/** Where a request goes. A batch for both is two requests. */
export type Destination = 'otlp' | 'file'

/** One request: a complete ExportLogsServiceRequest or ExportTraceServiceRequest in protobuf. */
export interface ExportRequest {
  readonly id: number
  readonly signal: Signal
  readonly destination: Destination
  readonly bytes: Uint8Array<ArrayBuffer>
  /** 1 while the endpoint is known not to answer. */
  readonly tries: number
}

/** What became of a request. Exactly one per request. */
export type Outcome = { readonly id: number } &
  /** `remark`: what is strange about an answer that counts all the same. */
  (
    | { readonly kind: 'delivered'; readonly remark?: string }
    | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
    /** Answered for good: sending it again is of no use. `reason` as `HTTP 400`. */
    | { readonly kind: 'rejected'; readonly reason: string }
    /** 413: smaller requests may pass. */
    | { readonly kind: 'too_large' }
    /** Not answered, or asked to come back later. `reason` as `ECONNREFUSED`, `HTTP 503`. */
    | { readonly kind: 'unreachable'; readonly reason: string; readonly retryAfterMillis?: number }
  )

export type ToWorker =
  | { readonly kind: 'export'; readonly request: ExportRequest }
  /** The process ends: no more waiting between tries than 100 ms, no new tries after `millis`. */
  | { readonly kind: 'hurry'; readonly millis: number }

export interface SenderConfig {
  readonly logs: OtlpEndpoint
  readonly traces: OtlpEndpoint
  readonly file: FileSinkConfig | undefined
  /** `user-agent` of every request. */
  readonly userAgent: string
}

/** `workerData` of the export worker; its first key is what the preload recognises our threads by. */
export interface WorkerInput {
  readonly 'org.tracelog.worker': true
  readonly port: MessagePort
  readonly signal: Int32Array<SharedArrayBuffer>
  readonly config: SenderConfig
}

/** Index into `signal`: how many outcomes have been posted. */
export const RESULTS = 0
/** Index into `signal`: 0 starting, 1 running, 2 ended. */
export const STATE = 1
export const STATE_STARTING = 0
export const STATE_RUNNING = 1
export const STATE_ENDED = 2
