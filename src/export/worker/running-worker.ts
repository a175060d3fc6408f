/**
 * One export worker from its start to its end: the thread, its port, and the two numbers that a blocked main thread waits for.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

import { monotonicMillis } from '../../diag/clock.ts'
import { guarded } from '../../diag/guarded.ts'
import {
  RESULTS,
  STATE,
  STATE_ENDED,
  STATE_RUNNING,
  STATE_STARTING,
  type Disowned,
  type FromWorker,
  type SenderConfig,
  type SentBatch,
  type ToWorker,
  type WorkerInput,
} from './protocol.ts'
import { CHUNK_BYTES, takeChunk, type SpareMemory } from '../spare-memory.ts'

/** How often a thread that is blocked looks whether its worker has started. Milliseconds. */
const START_LOOK_MILLIS = 20

/** Of the worker's heap. */
const YOUNG_MEBIBYTES = 2
/** Many times what one request needs, also where it is decoded. */
const OLD_MEBIBYTES = 128

export interface RunningWorkerOptions {
  /** The bundle of main.ts. Absolute. */
  readonly workerPath: string
  readonly config: SenderConfig
  /** For the copies that travel. */
  readonly spare: SpareMemory
  readonly disowned: Disowned
  readonly onMessage: (message: FromWorker) => void
  /** It has ended, or could not begin. Called from the event loop. */
  readonly onEnd: (worker: RunningWorker) => void
}

export class RunningWorker {
  readonly #worker: Worker
  readonly #port: MessageChannel['port1']
  readonly #signal = new Int32Array(new SharedArrayBuffer(8))
  readonly #spare: SpareMemory
  readonly #onMessage: (message: FromWorker) => void
  readonly #sinceMillis = monotonicMillis()

  /** @throws where there can be no thread */
  constructor({ workerPath, config, spare, disowned, onMessage, onEnd }: RunningWorkerOptions) {
    const { port1, port2: port } = new MessageChannel()
    const workerData: WorkerInput = { 'org.tracelog.worker': true, port, signal: this.#signal, config, disowned }
    this.#port = port1
    this.#spare = spare
    this.#onMessage = onMessage
    this.#worker = new Worker(workerPath, {
      name: 'tracelog-export',
      workerData,
      transferList: [port],
      // Or it would load the preload, which the application's flags and NODE_OPTIONS name, once more.
      execArgv: [],
      env: {},
      // It keeps next to nothing. Resident memory after 20,000 requests of express + winston, median of three: 148 MB, with V8's default
      // for what is young 166, bare 99 (Node 24.21).
      // And a fault of ours must not take the memory of the process; bytes of requests lie outside of this heap.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES, maxOldGenerationSizeMb: OLD_MEBIBYTES },
      // Pipes of its own that nobody reads: the default would touch the application's process.stdout.
      stdout: true,
      stderr: true,
    })
    this.#worker.unref()
    const onOver = guarded('the end of the export worker', () => onEnd(this))
    this.#worker.on('error', onOver)
    this.#worker.on('exit', onOver)
    port1.on(
      'message',
      guarded('an outcome', (message: FromWorker) => this.#hear(message)),
    )
    port1.unref()
  }

  /** How long it has lived. Milliseconds. */
  get ageMillis(): number {
    return monotonicMillis() - this.#sinceMillis
  }

  send(sent: SentBatch): void {
    // A copy, because this thread keeps the batch until its outcome has come; transferred, so that it is the only one.
    const bytes = this.#copyOf(sent.batch.bytes)
    this.#post({ kind: 'send', sent: { ...sent, batch: { ...sent.batch, bytes } } }, [bytes.buffer])
  }

  hurry(millis: number): void {
    this.#post({ kind: 'hurry', millis }, [])
  }

  settle(): void {
    this.#post({ kind: 'settle' }, [])
  }

  /** Whether it has begun, and not ended. */
  get isRunning(): boolean {
    return Atomics.load(this.#signal, STATE) === STATE_RUNNING
  }

  /** Takes the outcomes that are there already. @returns how many there were */
  poll(): number {
    let count = 0
    for (let got = receiveMessageOnPort(this.#port); got !== undefined; got = receiveMessageOnPort(this.#port)) {
      count++
      this.#hear(got.message as FromWorker)
    }
    return count
  }

  /** Blocks until an outcome came or the time is over. `starting`: it had not started when this call began; back after 20 ms at most. */
  wait(millis: number): 'outcome' | 'time' | 'starting' | 'ended' {
    const seen = Atomics.load(this.#signal, RESULTS)
    if (this.poll() > 0) return 'outcome'
    const state = Atomics.load(this.#signal, STATE)
    if (state === STATE_ENDED) return 'ended'
    const isStarting = state === STATE_STARTING
    Atomics.wait(this.#signal, RESULTS, seen, isStarting ? Math.min(millis, START_LOOK_MILLIS) : millis)
    if (this.poll() > 0) return 'outcome'
    return isStarting ? 'starting' : 'time'
  }

  close(): void {
    this.#port.close()
  }

  stop(): void {
    this.#port.close()
    void this.#worker.terminate()
  }

  #hear(message: FromWorker): void {
    if ('memory' in message && message.memory !== undefined) this.#spare.giveBack(message.memory)
    this.#onMessage(message)
  }

  /** Of a batch that fills its chunk in memory of that size, which comes back. */
  #copyOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (bytes.buffer.byteLength !== CHUNK_BYTES) {
      this.#spare.letGo()
      return new Uint8Array(bytes)
    }
    const copy = takeChunk(this.#spare).subarray(0, bytes.length)
    copy.set(bytes)
    return copy
  }

  #post(message: ToWorker, transferred: ArrayBuffer[]): void {
    this.#port.postMessage(message, transferred)
  }
}
