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
  const target: EventEmitter = process
  const ours = listenersFor(target, options)
  const reveal = hideListeners(target)
  for (const [event, listener] of ours) target.on(event, listener)
  // Node warns of too many listeners, and counts ours: the application may have as many as before.
  const limit = target.getMaxListeners()
  if (limit > 0) target.setMaxListeners(limit + OWN_PER_EVENT)
  return () => {
    if (limit > 0) target.setMaxListeners(limit)
    for (const [event, listener] of [...ours].toReversed()) target.removeListener(event, listener)
    reveal()
  }
}

/** By event: we have one listener of each. */
function listenersFor(target: EventEmitter, { drain, goOn }: ProcessEndOptions): ReadonlyMap<string, Listener> {
  const ours = new Map<string, Listener>()
  const onSignal = (signal: EndSignal) => {
    // The application listens: it decides, and `exit` or another signal will come if it ends.
    if (target.listenerCount(signal) > 0) return
    const listener = ours.get(signal) as Listener
    drain()
    target.removeListener(signal, listener)
    process.kill(process.pid, signal)
    // Still here: process 1 of a container, where the system ignores it.
    target.on(signal, listener)
    goOn()
  }
  // Prepended listeners come before us and later ones after: what those log is drained record by record.
  ours.set(
    'exit',
    ownListener(() => drain()),
  )
  for (const signal of SIGNALS)
    ours.set(
      signal,
      ownListener(() => onSignal(signal)),
    )
  // Node stops watching a signal when its last listener goes, and counts as everybody does: without ours.
  const rearm = (event: unknown, removed: unknown) => {
    const signal = SIGNALS.find((name) => name === event)
    const listener = signal === undefined ? undefined : ours.get(signal)
    if (signal === undefined || listener === undefined || removed === listener) return
    if (target.listenerCount(signal) > 0) return
    target.removeListener(signal, listener)
    target.on(signal, listener)
  }
  ours.set('removeListener', ownListener(rearm))
  return ours
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
