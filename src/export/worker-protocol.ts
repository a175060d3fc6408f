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

import type { OtlpEndpoint } from './otlp-endpoint.ts'
import type { Answer } from './transports/answer.ts'
import type { FileConfig } from './transports/rotating-file.ts'
import type { ExportRequest } from './transports/transport.ts'

/** Where a request goes. A batch for both is two requests. */
export type Destination = 'otlp' | 'file'

/** One request of one destination. */
export interface SentRequest extends ExportRequest {
  readonly id: number
  readonly destination: Destination
  /** The endpoint is known not to answer: one try. */
  readonly isProbe: boolean
}

/** What became of a request. Exactly one per request. */
export type Outcome = { readonly id: number } & Answer

export type ToWorker =
  | { readonly kind: 'export'; readonly request: SentRequest }
  /** The process ends: no more waiting between tries than 100 ms, no new tries after `millis`. */
  | { readonly kind: 'hurry'; readonly millis: number }

export interface SenderConfig {
  readonly logs: OtlpEndpoint
  readonly traces: OtlpEndpoint
  readonly file: FileConfig | undefined
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
