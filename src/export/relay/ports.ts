/**
 * The main thread's ends of the relay: takes the batches of the application's worker threads into its own pipeline as they are.
 *
 * Nothing here keeps the process alive.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'

import { monotonicMillis } from '../../diag/clock.ts'
import { guarded, safely } from '../../diag/guarded.ts'
import { pauseThread } from '../pause-thread.ts'
import type { FlushOptions, FlushResult } from '../pipeline-options.ts'
import type { WantedTracesNews } from '../wanted/wanted-news.ts'
import type { Announcement } from './announcements.ts'
import type { ContextCarrier, FromThread, RelayedBatch, ToThread } from './protocol.ts'

/** How long the end of the process waits for threads that may be busy, or whose turn on a busy machine comes late. Milliseconds. */
const DRAIN_MILLIS = 200
const LOOK_MILLIS = 1

export interface RelayPortsOptions {
  readonly adopt: (batch: RelayedBatch) => void
  readonly flush: (options: FlushOptions) => Promise<FlushResult>
}

interface Relay {
  readonly port: MessagePort
  readonly taken: Int32Array<SharedArrayBuffer>
  isDrained: boolean
}

export class RelayPorts {
  readonly #options: RelayPortsOptions
  readonly #relays = new Set<Relay>()

  constructor(options: RelayPortsOptions) {
    this.#options = options
  }

  /** @param carrier  the context in which the thread was made */
  accept({ port, taken }: Announcement, carrier: ContextCarrier): void {
    const relay: Relay = { port, taken, isDrained: false }
    this.#relays.add(relay)
    port.on(
      'message',
      guarded('a message of a thread', (message: FromThread) => this.#take(relay, message)),
    )
    port.on(
      'close',
      guarded('the end of a thread', () => void this.#relays.delete(relay)),
    )
    port.unref()
    post(port, { kind: 'hello', carrier })
  }

  /** Tells all threads. */
  tell(news: WantedTracesNews): void {
    for (const { port } of this.#relays) post(port, news)
  }

  /** The process ends: takes what the threads have, which is waited for a moment. Blocks. */
  drain(): void {
    if (this.#relays.size === 0) return
    for (const relay of this.#relays) {
      relay.isDrained = false
      post(relay.port, { kind: 'drain' })
    }
    const until = monotonicMillis() + DRAIN_MILLIS
    for (;;) {
      this.#poll()
      if ([...this.#relays].every(({ isDrained }) => isDrained) || monotonicMillis() >= until) return
      pauseThread(LOOK_MILLIS)
    }
  }

  stop(): void {
    for (const { port } of this.#relays) port.close()
    this.#relays.clear()
  }

  #poll(): void {
    for (const relay of this.#relays) {
      for (let got = receiveMessageOnPort(relay.port); got !== undefined; got = receiveMessageOnPort(relay.port)) {
        const message = got.message as FromThread
        safely('a message of a thread', () => this.#take(relay, message))
      }
    }
  }

  #take(relay: Relay, message: FromThread): void {
    if (message.kind === 'batch') {
      Atomics.add(relay.taken, 0, message.batch.bytes.length)
      this.#options.adopt(message.batch)
    } else if (message.kind === 'flush') {
      const { id, timeoutMillis } = message
      void this.#options.flush({ timeoutMillis }).then((result) => post(relay.port, { kind: 'flushed', id, result }))
    } else relay.isDrained = true
  }
}

function post(port: MessagePort, message: ToThread): void {
  port.postMessage(message)
}
