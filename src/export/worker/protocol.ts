/**
 * What the main thread and the export worker say to each other.
 *
 * Main -> worker: `ToWorker` over a MessagePort; a batch is copied, its bytes are transferred, and come back. Worker -> main: one `Outcome` per
 * batch and lane over the same port, and news, each followed by an increment of `signal[RESULTS]` and a notify, so that a main thread that is blocked
 * in its `exit` handler wakes up and reads the port with `receiveMessageOnPort`.
 *
 * Invariant: the main thread keeps a batch until its outcome has come; a worker may die at any time.
 */
import type { MessagePort } from 'node:worker_threads'

import type { EncodedBatch } from '../../model/encoded-batch.ts'
import type { SentSignal, Signal } from '../../model/signal.ts'
import type { Composition } from '../lane-spec.ts'
import type { SpoolConfig } from '../spool/spool-config.ts'
import type { SpoolNews } from '../spool/spool-news.ts'
import type { WantedNews } from '../wanted/wanted-news.ts'
import type { Answer } from '../transports/answer.ts'

/** A batch on its way to one destination. */
export interface SentBatch<S extends SentSignal = SentSignal> {
  /** Of its lane's. */
  readonly id: number
  /** `keyOf` its specification. */
  readonly lane: string
  readonly batch: EncodedBatch<S>
  /** The destination is known not to answer: one try. */
  readonly isProbe: boolean
  /** It is to be written to the spool, and not sent: the destination is known not to answer. */
  readonly isForSpool: boolean
  /** Its records were written ahead by the main thread. */
  readonly isOnDisk: boolean
}

/** What became of a batch in its lane. Exactly one per batch. */
export type Outcome = { readonly id: number; readonly lane: string } & (Answer | Spooled)

/** It is on disk, and sent from there: nobody answered, for this reason; without one it was not sent, or its answer is yet to come. */
export interface Spooled {
  readonly kind: 'spooled'
  readonly reason?: string
  readonly retryAfterMillis?: number
}

/** What a sender tells beside outcomes. */
export type SenderNews = SpoolNews | WantedNews

/** What a worker says. */
export type FromWorker = (Outcome & GivenBack) | { readonly news: SenderNews }

export interface GivenBack {
  /** That of the batch's bytes, for the next one. Not where there is a spool: it may need them for longer. */
  readonly memory?: ArrayBuffer
}

export type ToWorker =
  | { readonly kind: 'send'; readonly sent: SentBatch }
  /** The process ends: no more waiting between tries than 100 ms, no new tries after `millis`. */
  | { readonly kind: 'hurry'; readonly millis: number }
  /** Somebody waits in flush(): what has no answer soon is left to the spool, where there is one. */
  | { readonly kind: 'settle' }

export interface SenderConfig {
  /** Those that do not end at standard output. */
  readonly lanes: Composition
  /** `user-agent` of every request. */
  readonly userAgent: string
  readonly spool: SpoolConfig | undefined
  /** Somebody wants to know of requests that have failed elsewhere. */
  readonly followsFailures: boolean
}

/** Ids of batches that a worker had when it died, and that are sent again from memory: the spool may have them too. */
export type Disowned = Readonly<Record<Signal, readonly number[]>>

/** `workerData` of the export worker; its first key is what the preload recognises our threads by. */
export interface WorkerInput {
  readonly 'org.tracelog.worker': true
  readonly port: MessagePort
  readonly signal: Int32Array<SharedArrayBuffer>
  readonly config: SenderConfig
  readonly disowned: Disowned
}

/** Index into `signal`: how many outcomes have been posted. */
export const RESULTS = 0
/** Index into `signal`: 0 starting, 1 running, 2 ended. */
export const STATE = 1
export const STATE_STARTING = 0
export const STATE_RUNNING = 1
export const STATE_ENDED = 2
