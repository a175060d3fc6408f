/**
 * The end of the process: a last moment in which everything accepted is delivered, and nothing else is different from bare Node.
 *
 * Natural end, process.exit, uncaught exceptions and unhandled rejections all emit `exit`. SIGTERM, SIGINT and SIGHUP end a process
 * without it, so they are listened to; if nobody else listens the signal is sent again without us. Our listeners are not to be seen:
 * libraries (signal-exit for one) count the listeners of a signal to decide whether it is theirs to end the process.
 */

import type { EventEmitter } from 'node:events'

import { isOwnListener, ownListener } from '../diag/own-listener.ts'

type Listener = (...args: unknown[]) => void

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
type EndSignal = (typeof SIGNALS)[number]

/** Listeners of ours on one event of `process`, at most: on `exit` this one and that of the HTTP hops. */
const OWN_PER_EVENT = 2

export interface ProcessEndOptions {
  /** Blocks until everything is delivered or given up. Called more than once. MUST NOT throw. */
  readonly drain: () => void
  /** The process goes on after all. */
  readonly goOn: () => void
}

/** @returns takes it back */
export function watchProcessEnd(options: ProcessEndOptions): () => void {
  const watch = new EndWatch(process, options)
  const reveal = hideListeners(process)
  watch.start()
  return () => {
    watch.stop()
    reveal()
  }
}

/** Our listeners on `process`, one per event, and what keeps them there. */
class EndWatch {
  readonly #target: EventEmitter
  readonly #options: ProcessEndOptions
  readonly #ours = new Map<string, Listener>()
  /** We move our own listeners: nobody has taken them away. */
  #isMoving = false

  constructor(target: EventEmitter, options: ProcessEndOptions) {
    this.#target = target
    this.#options = options
    // Prepended listeners come before us and later ones after: what those log is drained record by record.
    this.#ours.set(
      'exit',
      ownListener(() => options.drain()),
    )
    for (const signal of SIGNALS) {
      this.#ours.set(
        signal,
        ownListener(() => this.#onSignal(signal)),
      )
    }
    this.#ours.set(
      'removeListener',
      ownListener((event, removed) => this.#onRemoved(String(event), removed)),
    )
  }

  start(): void {
    for (const [event, listener] of this.#ours) this.#target.on(event, listener)
    // Node warns of too many listeners, and counts ours: the application may have as many as before.
    const limit = this.#target.getMaxListeners()
    if (limit > 0) this.#target.setMaxListeners(limit + OWN_PER_EVENT)
  }

  stop(): void {
    this.#isMoving = true
    for (const [event, listener] of [...this.#ours].toReversed()) this.#target.removeListener(event, listener)
    const limit = this.#target.getMaxListeners()
    if (limit > OWN_PER_EVENT) this.#target.setMaxListeners(limit - OWN_PER_EVENT)
  }

  #onSignal(signal: EndSignal): void {
    // The application listens: it decides, and `exit` or another signal will come if it ends.
    if (this.#target.listenerCount(signal) > 0) return
    this.#options.drain()
    this.#move(signal, () => process.kill(process.pid, signal))
    // Still here: process 1 of a container, where the system ignores it.
    this.#options.goOn()
  }

  /**
   * Node stops watching a signal when its last listener goes, and counts as everybody does: without ours. And ours may go with
   * `removeAllListeners`.
   */
  #onRemoved(event: string, removed: unknown): void {
    const listener = this.#ours.get(event)
    if (listener === undefined || this.#isMoving) return
    if (removed === listener) queueMicrotask(() => this.#move(event))
    else if (event !== 'exit' && this.#target.listenerCount(event) === 0) this.#move(event)
  }

  /** Takes our listener away and adds it anew, with something in between. */
  #move(event: string, between: () => void = () => {}): void {
    const listener = this.#ours.get(event)
    if (listener === undefined || this.#isMoving) return
    this.#isMoving = true
    this.#target.removeListener(event, listener)
    between()
    this.#target.on(event, listener)
    this.#isMoving = false
  }
}

/** Makes `listeners`, `rawListeners` and `listenerCount` leave some out. @returns takes it back */
function hideListeners(target: EventEmitter): () => void {
  const listeners = target.listeners.bind(target)
  const rawListeners = target.rawListeners.bind(target)
  const listenerCount = target.listenerCount.bind(target)
  const replaced = {
    listeners: (event: string) => listeners(event).filter((one) => !isOwnListener(one)),
    rawListeners: (event: string) => rawListeners(event).filter((one) => !isOwnListener(one)),
    listenerCount: (event: string, listener?: Listener) => {
      const hidden = listeners(event).filter((one) => isOwnListener(one) && (listener ?? one) === one)
      return listenerCount(event, listener) - hidden.length
    },
  }
  for (const [name, value] of Object.entries(replaced)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
  }
  return () => {
    for (const name of Object.keys(replaced)) Reflect.deleteProperty(target, name)
  }
}
