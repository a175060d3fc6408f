/**
 * A worker thread's way to the pipeline of the main thread: one channel, asked for when the thread starts.
 *
 * Three things may be at the other end: an engine (it says hello), a process that tracelog has no business in (it says nothing), or
 * nobody (a process whose main thread was started without the preload). Nothing here keeps the thread alive, but a flush.
 */
import { MessageChannel, postMessageToThread, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'

import { guarded, safely } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { EncodedBatch } from '../../model/encoded-batch.ts'
import type { Signal } from '../../model/signal.ts'
import type { FlushResult } from '../pipeline-options.ts'
import type { WantedTracesNews } from '../wanted/wanted-news.ts'
import { RELAY_KEY, type ContextCarrier, type FromThread, type Handover, type ToThread } from './protocol.ts'

/** What the main thread may have before it, not yet taken: as much as it takes in a moment. Bytes. */
const MAX_UNTAKEN_BYTES = 4 * 1024 * 1024

/** What Node says when nobody listens. */
const NO_LISTENER = 'ERR_WORKER_MESSAGING_FAILED'

export interface RelayLinkOptions {
  readonly onHello: (carrier: ContextCarrier) => void
  readonly onNothing: () => void
  /** Nobody is there. */
  readonly onAlone: () => void
  /** The process ends. */
  readonly onDrain: () => void
  readonly onWanted: (news: WantedTracesNews) => void
}

export class RelayLink {
  readonly #options: RelayLinkOptions
  readonly #port: MessagePort
  readonly #taken = new Int32Array(new SharedArrayBuffer(4))
  /** Modulo 2^32, as what is taken. */
  #posted = 0
  #isGreeted = false
  readonly #answered = Promise.withResolvers<void>()
  readonly #flushes = new Map<number, (result: FlushResult) => void>()
  #nextFlush = 1

  constructor(options: RelayLinkOptions) {
    this.#options = options
    const { port1, port2: port } = new MessageChannel()
    this.#port = port1
    port1.on(
      'message',
      guarded('a message of the main thread', (message: ToThread) => this.#take(message)),
    )
    port1.unref()
    const handover: Handover = { [RELAY_KEY]: { port, taken: this.#taken } }
    void this.#ask(handover)
  }

  /** Whether the main thread takes batches, and has taken most of those before. */
  get mayPost(): boolean {
    return this.#isGreeted && ((this.#posted - Atomics.load(this.#taken, 0)) | 0) < MAX_UNTAKEN_BYTES
  }

  /** The batch is gone afterwards. */
  post({ resource: _ofTheProcess, ...batch }: EncodedBatch<Signal>): void {
    // A view of a larger chunk takes all of it along.
    const bytes = batch.bytes.byteLength === batch.bytes.buffer.byteLength ? batch.bytes : new Uint8Array(batch.bytes)
    this.#posted = (this.#posted + bytes.length) | 0
    this.#send({ kind: 'batch', batch: { ...batch, bytes } }, [bytes.buffer])
  }

  /** When it is known who is at the other end, or the time is over. Holds the thread meanwhile. */
  async whenAnswered(timeoutMillis: number): Promise<void> {
    const timer = startTimer(() => this.#answered.resolve(), timeoutMillis)
    await this.#answered.promise
    stopTimer(timer)
  }

  /** What the main thread has said already: the event loop of a thread that ends does not come to it. */
  poll(): void {
    for (let got = receiveMessageOnPort(this.#port); got !== undefined; got = receiveMessageOnPort(this.#port)) {
      const message = got.message as ToThread
      safely('a message of the main thread', () => this.#take(message))
    }
  }

  /** All that was accepted before has been posted. */
  sayDrained(): void {
    this.#send({ kind: 'drained' }, [])
  }

  /** @returns what the main thread says of its own flush; `undefined` when it says nothing in time */
  flush(timeoutMillis: number): Promise<FlushResult | undefined> {
    const id = this.#nextFlush++
    const { promise, resolve } = Promise.withResolvers<FlushResult | undefined>()
    this.#flushes.set(id, resolve)
    // The timer holds the thread: whoever awaits wants it to.
    const timer = startTimer(() => resolve(undefined), timeoutMillis)
    this.#send({ kind: 'flush', id, timeoutMillis }, [])
    return promise.finally(() => {
      stopTimer(timer)
      this.#flushes.delete(id)
    })
  }

  close(): void {
    this.#port.close()
  }

  async #ask(handover: Handover): Promise<void> {
    const isHeard = await isDelivered(handover)
    // Whoever has heard it has answered it at once.
    if (isHeard) this.poll()
    if (!this.#isGreeted) safely('a thread without a main thread', () => this.#options.onAlone())
    this.#answered.resolve()
  }

  #take(message: ToThread): void {
    if (message.kind === 'hello') {
      this.#isGreeted = true
      this.#answered.resolve()
      this.#options.onHello(message.carrier)
    } else if (message.kind === 'nothing') {
      this.#isGreeted = true
      this.#options.onNothing()
    } else if (message.kind === 'drain') this.#options.onDrain()
    else if (message.kind === 'wanted') this.#options.onWanted(message)
    else this.#flushes.get(message.id)?.(message.result)
  }

  #send(message: FromThread, transferred: ArrayBuffer[]): void {
    this.#port.postMessage(message, transferred)
  }
}

async function isDelivered(handover: Handover): Promise<boolean> {
  try {
    await postMessageToThread(0, handover, [handover[RELAY_KEY].port])
    return true
  } catch (error) {
    // Our listener in the main thread throws on purpose (ports.ts): that is an answer too.
    return (error as NodeJS.ErrnoException).code !== NO_LISTENER
  }
}
