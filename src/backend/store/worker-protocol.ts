/**
 * What the store's two halves say to each other. Requests that want an answer carry an `id`; the answer repeats it.
 */
import type { ErrorCode } from '../../diag/errors.ts'
import type { Signal } from '../../model/signal.ts'
import type {
  AttributeColumn,
  LiveBatch,
  ReadOptions,
  RowsQuestion,
  SqlParameter,
  StorePosition,
  StoreRequest,
} from './store.ts'

export interface WorkerOptions {
  readonly directory: string
  readonly duckdbDirectory?: string | undefined
}

/** To the worker, without an answer. */
export type Order =
  | { readonly kind: 'append'; readonly request: StoreRequest }
  | { readonly kind: 'live'; readonly isOn: boolean }

/** To the worker; answered by `result` or `error`. */
export type Question =
  /** undefined: everything. */
  | { readonly kind: 'clear'; readonly before: bigint | undefined }
  | { readonly kind: 'flush' | 'caughtUp' | 'roll' | 'stats' | 'stop' }
  | {
      readonly kind: 'read' | 'readUser'
      readonly sql: string
      readonly parameters: readonly SqlParameter[]
      readonly options: ReadOptions
    }
  | { readonly kind: 'readRows'; readonly question: RowsQuestion; readonly options: ReadOptions }
export type ToWorker = Order | (Question & { readonly id: number })

/** An error as it crosses the thread: classes do not. */
export interface SentError {
  readonly message: string
  readonly code?: ErrorCode
  readonly hint?: string
}

export type FromWorker =
  | { readonly kind: 'started'; readonly position: StorePosition }
  | { readonly kind: 'notStarted'; readonly error: SentError }
  | { readonly kind: 'decoded'; readonly bytes: number }
  | { readonly kind: 'committed'; readonly sequence: number }
  | { readonly kind: 'live'; readonly batch: LiveBatch }
  | { readonly kind: 'columns'; readonly signal: Signal; readonly columns: readonly AttributeColumn[] }
  | { readonly kind: 'failed'; readonly what: string; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }
