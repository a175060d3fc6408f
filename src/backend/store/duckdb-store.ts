/**
 * The Store in DuckDB, as seen from the main thread: everything is handed to a worker (engine.ts), nothing here blocks.
 */
import { Worker } from 'node:worker_threads'

import { say } from '../../diag/events.ts'
import { guarded } from '../../diag/guarded.ts'
import { TracelogError } from '../../diag/errors.ts'
import type { Cleared } from '../../model/api.ts'
import type { Signal } from '../../model/signal.ts'
import type { RowBlock } from './row-blocks.ts'
import type {
  AttributeColumn,
  LiveBatch,
  ReadOptions,
  ReadResult,
  RowsQuestion,
  SqlParameter,
  Store,
  StorePosition,
  StoreRequest,
  StoreStats,
} from './store.ts'
import type { FromWorker, Order, Question, SentError, WorkerOptions } from './worker-protocol.ts'

/** Appended and not decoded: beyond it `room` waits. Bytes. */
const MAX_UNDECODED_BYTES = 32 * 1024 * 1024

export interface DuckdbStoreOptions {
  /** Where the store's files are; made (mode 0700) when absent. */
  readonly directory: string
  /** A folder whose node_modules may hold DuckDB. */
  readonly duckdbDirectory?: string | undefined
}

export function createDuckdbStore(options: DuckdbStoreOptions): Store {
  return new DuckdbStore(options)
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

class DuckdbStore implements Store {
  readonly #options: DuckdbStoreOptions
  #worker: Worker | undefined
  #isStopped = false
  #stopping: Promise<void> | undefined
  #lastId = 0
  readonly #answers = new Map<number, Waiting>()
  readonly #columns = new Map<Signal, readonly AttributeColumn[]>()
  readonly #committedListeners = new Set<(sequence: number) => void>()
  readonly #liveListeners = new Set<(batch: LiveBatch) => void>()
  #undecodedBytes = 0
  #undecodedRequests = 0
  readonly #roomWaiters: (() => void)[] = []

  constructor(options: DuckdbStoreOptions) {
    this.#options = options
  }

  async start(): Promise<StorePosition> {
    const workerData: WorkerOptions = this.#options
    // From sources (tests), Node strips the types of the worker itself.
    const entry = import.meta.url.endsWith('.ts') ? './store-worker.ts' : './store-worker.js'
    const worker = new Worker(new URL(entry, import.meta.url), { workerData })
    this.#worker = worker
    return await new Promise<StorePosition>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'started') resolve(message.position)
        else if (message.kind === 'notStarted') {
          this.#ended(toError(message.error))
          reject(toError(message.error))
        } else this.#hear(message)
      })
      worker.on('error', (error) => {
        this.#ended(error as Error)
        reject(error as Error)
      })
      worker.on('exit', () => this.#ended(new Error('The store has stopped')))
    })
  }

  append(request: StoreRequest): void {
    if (this.#isStopped || this.#worker === undefined) return
    this.#undecodedBytes += request.bytes.length
    this.#undecodedRequests++
    const bytes = own(request.bytes)
    this.#order({ kind: 'append', request: { ...request, bytes } }, [bytes.buffer])
  }

  async room(): Promise<void> {
    if (this.#undecodedBytes < MAX_UNDECODED_BYTES || this.#isStopped) return
    await new Promise<void>((resolve) => {
      this.#roomWaiters.push(resolve)
    })
  }

  onCommitted(listener: (sequence: number) => void): () => void {
    const safe = guarded('a listener of the store', listener)
    this.#committedListeners.add(safe)
    return () => this.#committedListeners.delete(safe)
  }

  onLive(listener: (batch: LiveBatch) => void): () => void {
    // A fault in whoever follows must not end the backend of all others.
    const safe = guarded('a listener of the store', listener)
    this.#liveListeners.add(safe)
    if (this.#liveListeners.size === 1) this.#order({ kind: 'live', isOn: true })
    return () => {
      if (this.#liveListeners.delete(safe) && this.#liveListeners.size === 0) this.#order({ kind: 'live', isOn: false })
    }
  }

  async flush(): Promise<void> {
    await this.#ask({ kind: 'flush' })
  }

  async caughtUp(): Promise<void> {
    await this.#ask({ kind: 'caughtUp' }).catch(() => undefined)
  }

  async roll(): Promise<void> {
    await this.#ask({ kind: 'roll' })
  }

  async clear(before: bigint | undefined): Promise<Cleared> {
    return (await this.#ask({ kind: 'clear', before })) as Cleared
  }

  async read(sql: string, parameters: readonly SqlParameter[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    return (await this.#ask({ kind: 'read', sql, parameters, options })) as ReadResult
  }

  async readRows(question: RowsQuestion, options: ReadOptions = {}): Promise<readonly RowBlock[]> {
    return (await this.#ask({ kind: 'readRows', question, options })) as readonly RowBlock[]
  }

  async readUser(sql: string, options: ReadOptions = {}): Promise<ReadResult> {
    return (await this.#ask({ kind: 'readUser', sql, parameters: [], options })) as ReadResult
  }

  columns(signal: Signal): readonly AttributeColumn[] {
    return this.#columns.get(signal) ?? []
  }

  async stats(): Promise<StoreStats> {
    const stats = (await this.#ask({ kind: 'stats' })) as Omit<StoreStats, 'undecodedBytes' | 'undecodedRequests'>
    return { ...stats, undecodedBytes: this.#undecodedBytes, undecodedRequests: this.#undecodedRequests }
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    await this.#stopping
  }

  async #stop(): Promise<void> {
    this.#isStopped = true
    const worker = this.#worker
    if (worker === undefined) return
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    await this.#ask({ kind: 'stop' })
    await exited
  }

  #order(order: Order, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(order, transfer)
  }

  async #ask(question: Question): Promise<unknown> {
    const worker = this.#worker
    if (worker === undefined) throw new Error('The store is not running')
    const id = ++this.#lastId
    return await new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject })
      worker.postMessage({ ...question, id })
    })
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'decoded':
        this.#undecodedBytes -= message.bytes
        this.#undecodedRequests--
        if (this.#undecodedBytes < MAX_UNDECODED_BYTES) for (const resolve of this.#roomWaiters.splice(0)) resolve()
        break
      case 'committed':
        for (const listener of this.#committedListeners) listener(message.sequence)
        break
      case 'live':
        for (const listener of this.#liveListeners) listener(message.batch)
        break
      case 'columns':
        this.#columns.set(message.signal, message.columns)
        break
      case 'failed':
        say(`store ${message.what}`, `store: ${message.what} failed: ${message.message}`)
        break
      case 'result':
        this.#takeAnswer(message.id)?.resolve(message.value)
        break
      case 'error':
        this.#takeAnswer(message.id)?.reject(toError(message.error))
        break
      default:
    }
  }

  #takeAnswer(id: number): Waiting | undefined {
    const waiting = this.#answers.get(id)
    this.#answers.delete(id)
    return waiting
  }

  /** The worker is gone: nobody may wait for it. */
  #ended(error: Error): void {
    this.#isStopped = true
    this.#worker = undefined
    for (const waiting of this.#answers.values()) waiting.reject(error)
    this.#answers.clear()
    for (const resolve of this.#roomWaiters.splice(0)) resolve()
  }
}

/** The bytes in a buffer that is theirs alone, so that it can be moved to the worker instead of copied. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isWhole = buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && bytes.byteLength === buffer.byteLength
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes)
}

function toError({ message, code, hint }: SentError): Error {
  return code === undefined ? new Error(message) : new TracelogError(message, { code, hint: hint ?? '' })
}
