/**
 * What an application's worker thread and its process's main thread say to each other.
 *
 * The thread makes a channel and sends one end of it with `postMessageToThread(0, ...)`, as a `Handover`: nothing is put where the
 * application looks (parentPort, workerData). Everything else goes over that channel. `taken` counts the bytes that the main thread
 * has taken over, so that a thread that is faster than the main thread keeps its batches where they are bounded.
 */
import type { MessagePort } from 'node:worker_threads'

import type { EncodedBatch } from '../../model/encoded-batch.ts'
import type { Signal } from '../../model/signal.ts'
import type { FlushResult } from '../pipeline-options.ts'
import type { WantedTracesNews } from '../wanted/wanted-news.ts'

export const RELAY_KEY = 'org.tracelog.relay'

export interface Handover {
  readonly [RELAY_KEY]: { readonly port: MessagePort; readonly taken: Int32Array<SharedArrayBuffer> }
}

/** The resource is that of the process: the main thread has it. */
export type RelayedBatch = Omit<EncodedBatch<Signal>, 'resource'>

/** What a context is in another thread: headers by name. */
export type ContextCarrier = Readonly<Record<string, string>>

export type FromThread =
  | { readonly kind: 'batch'; readonly batch: RelayedBatch }
  | { readonly kind: 'flush'; readonly id: number; readonly timeoutMillis: number }
  /** Answers `drain`: all that was accepted before has been posted. */
  | { readonly kind: 'drained' }

export type ToThread =
  /** The first message: the context in which the thread was made. */
  | { readonly kind: 'hello'; readonly carrier: ContextCarrier }
  /** The first message of a process that tracelog has no business in. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'flushed'; readonly id: number; readonly result: FlushResult }
  /** The process ends: post what there is. */
  | { readonly kind: 'drain' }
  /** Requests have failed elsewhere. */
  | WantedTracesNews

export function isHandover(message: unknown): message is Handover {
  return typeof message === 'object' && message !== null && RELAY_KEY in message
}
