/**
 * Hearing what an object of a library tells its listeners, without a listener of ours and without a function of ours above those of others.
 *
 * A method that tells is read from its prototype each time. Where nobody listens, what is read is a function of ours that only hears. Where
 * somebody does, the method itself finds, once, listeners among which ours is the first; it has returned when the others are called.
 */
import { guarded, guardedQuestion } from '../../diag/guarded.ts'

type Listener = (subject: unknown) => void
type OnTold = (teller: unknown, event: unknown, subject: unknown) => void

export interface Telling<T extends object> {
  /** `emit(event, subject)`. */
  readonly method: string
  /** The field of an instance with a Map of listeners: by event one, or an array. */
  readonly listeners: string
  /** Whether the method, as it is, would call nobody and do nothing else. */
  isSilent(this: void, teller: T): boolean
  /** Who would have called the method. */
  onTold(this: void, teller: T, event: unknown, subject: unknown): void
}

/** @returns gives the prototype its method back. @throws where it has no such method */
export function overhear<T extends object>(prototype: object, telling: Telling<T>): () => void {
  const { method, listeners } = telling
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method)
  let original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') throw new Error(`it has no method ${method}`)
  const onTold: OnTold = guarded(method, telling.onTold)
  const only = function (this: object, event: unknown, subject: unknown): void {
    onTold(this, event, subject)
  }
  const isSilent = guardedQuestion(method, telling.isSilent)
  const join = guarded(method, (teller: T) => joinListeners(teller, listeners, onTold))
  Object.defineProperty(prototype, method, {
    configurable: true,
    enumerable: descriptor.enumerable === true,
    get(this: T) {
      if (Object.hasOwn(this, listeners)) {
        if (isSilent(this) === true) return only
        join(this)
      }
      return original
    },
    set(this: object, value: unknown) {
      if (this === prototype) original = value
      else Object.defineProperty(this, method, { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => Object.defineProperty(prototype, method, { ...descriptor, value: original })
}

/** For the next read of the Map, which the method does next. */
function joinListeners(teller: object, field: string, onTold: OnTold): void {
  const own = Object.getOwnPropertyDescriptor(teller, field)
  const listeners: unknown = own?.value
  if (own === undefined || !(listeners instanceof Map)) return
  const joined = joinedBy(listeners, (event) => (subject) => onTold(teller, event, subject))
  Object.defineProperty(teller, field, {
    configurable: true,
    enumerable: own.enumerable === true,
    get() {
      Object.defineProperty(teller, field, own)
      return joined
    },
    set(value: unknown) {
      Object.defineProperty(teller, field, { ...own, value })
    },
  })
}

type Listeners = ReadonlyMap<unknown, Listener | readonly Listener[]>

/** The same Map, where one more is found, first. */
function joinedBy(listeners: Listeners, oneMore: (event: unknown) => Listener): object {
  const get = (event: unknown) => [oneMore(event), ...[listeners.get(event) ?? []].flat()]
  return new Proxy(listeners, {
    get(target, key) {
      const value: unknown = key === 'get' ? get : Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
