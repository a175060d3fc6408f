/**
 * Listeners of ours on an emitter of the application's: guarded, unseen and uncounted, and still there after `removeAllListeners`.
 *
 * Libraries count listeners to decide whether something is theirs to do (signal-exit: the end of the process), and Node warns of
 * too many. So ours are put where Node keeps listeners, without its events, and are left out of all that counts or lists them.
 */
import type { EventEmitter } from 'node:events'
import { inspect } from 'node:util'

import { guarded, safely } from './guarded.ts'

type Listener = (...args: unknown[]) => void

export interface OwnListenerOptions {
  /** Called before those that are there already; default after them. */
  readonly isFirst?: boolean
  /**
   * Where the listener returns true, no listener behind it is called. Done by throwing: only for events whose emitter catches what its
   * listeners throw, as Node does for `workerMessage`.
   */
  readonly mayHide?: boolean
}

/** @returns takes it away; more than once is harmless */
export function listenUnseen(
  target: EventEmitter,
  event: string,
  listener: (...args: never[]) => unknown,
  { isFirst = false, mayHide = false }: OwnListenerOptions = {},
): () => void {
  const unseen = unseenOf.get(target) ?? new UnseenListeners(target as Emitter)
  unseenOf.set(target, unseen)
  const ours = mayHide ? hiding(event, listener as (...args: unknown[]) => unknown) : guarded(event, listener)
  unseen.add(event, ours, isFirst)
  return () => {
    if (unseen.remove(event, ours)) unseenOf.delete(target)
  }
}

function hiding(event: string, listener: (...args: unknown[]) => unknown): Listener {
  return (...args) => {
    if (safely(event, () => listener(...args)) === true) throw new Error('the event was for tracelog')
  }
}

const unseenOf = new WeakMap<EventEmitter, UnseenListeners>()

/** As Node keeps them: one, or a list that knows whether Node has warned of its length. */
type Kept = Listener | ListenerList | undefined
type ListenerList = Listener[] & { warned?: boolean }
type Emitter = EventEmitter & { _events: Record<string, Kept>; _eventsCount: number }

const NEW = 'newListener'
const REMOVED = 'removeListener'

class UnseenListeners {
  readonly #target: Emitter
  readonly #ours = new Map<string, Set<Listener>>()
  /** Events of which the application has been warned. */
  readonly #warned = new Set<string>()
  readonly #onNew = guarded(NEW, (event: string) => this.#beforeNew(event))
  readonly #onRemoved = guarded(REMOVED, (event: string) => this.#afterRemoved(event))
  readonly #views: Readonly<Record<string, unknown>>
  /** Node's own listeners on `process` that begin and end to watch a signal; other emitters have none. */
  readonly #startSignal: Listener | undefined
  readonly #stopSignal: Listener | undefined

  constructor(target: Emitter) {
    this.#target = target
    this.#startSignal = listenerNamed(target, NEW, 'startListeningIfSignal')
    this.#stopSignal = listenerNamed(target, REMOVED, 'stopListeningIfSignal')
    this.#views = this.#createViews()
    for (const [name, value] of Object.entries(this.#views)) {
      Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
    }
    this.add(NEW, this.#onNew, true)
    this.add(REMOVED, this.#onRemoved, false)
  }

  add(event: string, listener: Listener, isFirst: boolean): void {
    const ours = this.#ours.get(event) ?? new Set()
    this.#ours.set(event, ours.add(listener))
    this.#insert(event, listener, isFirst)
  }

  /** @returns whether none is left, and the emitter is as it was */
  remove(event: string, listener: Listener): boolean {
    const ours = this.#ours.get(event)
    if (ours?.delete(listener) !== true) return false
    if (ours.size === 0) this.#ours.delete(event)
    this.#take(event, listener)
    // Node counts as everybody does: without ours.
    this.#stopSignal?.(event)
    return this.#isUnused() && this.#reveal()
  }

  #insert(event: string, listener: Listener, isFirst: boolean): void {
    const events = this.#target._events
    const list = listOf(events[event])
    if (list.length === 0) this.#target._eventsCount++
    if (isFirst) list.unshift(listener)
    else list.push(listener)
    events[event] = quiet(list)
    this.#startSignal?.(event)
  }

  #take(event: string, listener: Listener): void {
    const events = this.#target._events
    const list = listOf(events[event])
    const left = list.filter((one) => one !== listener)
    if (left.length === list.length) return
    // One is kept without a list, as Node does: of a list `removeListener` is told otherwise.
    if (left.length > 0) events[event] = left.length === 1 ? left[0] : left
    else {
      delete events[event]
      this.#target._eventsCount--
    }
  }

  /** The application is about to add one. */
  #beforeNew(event: string): void {
    if (!this.#ours.has(event)) return
    const events = this.#target._events
    const kept = quiet(listOf(events[event]))
    const count = this.#seen(event).length
    // `eventNames` has an event where its first listener came.
    if (count === 0) delete events[event]
    events[event] = kept
    if (count <= 1) this.#warned.delete(event)
    const max = this.#target.getMaxListeners()
    if (max <= 0 || count + 1 <= max || this.#warned.has(event)) return
    this.#warned.add(event)
    warnAsNode(this.#target, { event, count: count + 1, max })
  }

  /** Node ends to watch a signal with the application's last listener: ours still listens. */
  #afterRemoved(event: string): void {
    if (this.#ours.has(event) && this.#seen(event).length === 0) this.#startSignal?.(event)
  }

  /** The application's listeners, as Node keeps them. */
  #seen(event: string): Listener[] {
    const ours = this.#ours.get(event)
    return listOf(this.#target._events[event]).filter((one) => ours?.has(one) !== true)
  }

  /** What counts, lists or clears listeners, without ours. */
  #createViews(): Readonly<Record<string, unknown>> {
    const target = this.#target
    const listeners = target.listeners.bind(target)
    const rawListeners = target.rawListeners.bind(target)
    const listenerCount = target.listenerCount.bind(target)
    const eventNames = target.eventNames.bind(target)
    const removeAllListeners = target.removeAllListeners.bind(target)
    const without = (event: string, all: Function[]) => {
      const ours = this.#ours.get(event)
      return ours === undefined ? all : all.filter((one) => !ours.has(one as Listener))
    }
    return {
      listeners: (event: string) => without(event, listeners(event)),
      rawListeners: (event: string) => without(event, rawListeners(event)),
      listenerCount: (event: string, listener?: Listener) =>
        this.#ours.has(event) && (listener === undefined || listener === null)
          ? this.#seen(event).length
          : listenerCount(event, listener),
      eventNames: () =>
        eventNames
          .call(target)
          .filter((name) => !this.#ours.has(name as string) || this.#seen(name as string).length > 0),
      removeAllListeners: (...args: [event?: string]) => {
        for (const event of args) for (const one of this.#ours.get(String(event)) ?? []) this.#take(String(event), one)
        try {
          return removeAllListeners(...args)
        } finally {
          this.#putBack()
        }
      },
    }
  }

  #putBack(): void {
    for (const [event, ours] of this.#ours) {
      const present = listOf(this.#target._events[event])
      for (const listener of [...ours].toReversed()) {
        if (!present.includes(listener)) this.#insert(event, listener, true)
      }
    }
  }

  #isUnused(): boolean {
    return this.#ours.size === 2 && this.#ours.get(NEW)?.size === 1 && this.#ours.get(REMOVED)?.size === 1
  }

  #reveal(): true {
    this.#take(NEW, this.#onNew)
    this.#take(REMOVED, this.#onRemoved)
    this.#ours.clear()
    for (const [name, value] of Object.entries(this.#views)) {
      // Whoever has replaced it since wants his own.
      if (Reflect.get(this.#target, name) === value) Reflect.deleteProperty(this.#target, name)
    }
    return true
  }
}

/** A list of its own where there was one listener, or none. */
function listOf(kept: Kept): ListenerList {
  if (kept === undefined) return []
  return typeof kept === 'function' ? [kept] : kept
}

/** Node counts ours too and would warn too early: we warn instead. */
function quiet(list: ListenerList): ListenerList {
  list.warned = true
  return list
}

function listenerNamed(target: EventEmitter, event: string, name: string): Listener | undefined {
  return target.rawListeners(event).find((one) => one.name === name) as Listener | undefined
}

/** Word for word what `node:events` says; test/diag/own-listeners.test.ts compares them on each Node. */
function warnAsNode(target: EventEmitter, { event, count, max }: { event: string; count: number; max: number }): void {
  const text =
    `Possible EventEmitter memory leak detected. ${count} ${event} listeners added to ` +
    `${inspect(target, { depth: -1 })}. MaxListeners is ${max}. Use emitter.setMaxListeners() to increase limit`
  const fields = { name: 'MaxListenersExceededWarning', emitter: target, type: event, count }
  process.emitWarning(Object.assign(new Error(text), fields))
}
