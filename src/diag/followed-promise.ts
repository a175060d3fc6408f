/**
 * How do we follow a promise or thenable of the application without being seen?
 *
 * A handler of ours on the promise itself would make a rejection that nobody handles look handled. So who gets a promise that is one and
 * nothing more gets another one that follows it, as an `async` function around the call would give. Promises with something of their own
 * (cancel, a child process) stay the objects that they are, and so do thenables.
 *
 * Many of these begin their work with the first call of a `then` of their own (queries of knex and mongoose), which must be the
 * application's: it is waited for. A promise among them counts as soon as it settles, too, for its other methods may be all that is used
 * of it (`json()` of an answer); one that was settled from the start tells nothing of the work that its `then` begins.
 */
import { types } from 'node:util'

import { safely } from './guarded.ts'
import { soon } from './timers.ts'
import { readField } from '../model/js-object.ts'

/** What is told of it, once. MUST NOT throw. */
export interface Follower {
  fulfilled(value: unknown): void
  rejected(error: unknown): void
  /** Nobody can wait for it. */
  unfollowed(): void
}

/** As it was when we were loaded: an application's own may do anything. */
// oxlint-disable-next-line typescript/unbound-method -- called with its promise
const promiseThen = Promise.prototype.then

export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value)
}

/** @returns what goes to the application in its place */
export function followPromise(promise: Promise<unknown>, follower: Follower): Promise<unknown> {
  if (isPlain(promise)) return followed(promise, follower)
  const then = thenOf(promise)
  if (then !== undefined && then !== promiseThen) followOwnThen(promise, then, follower)
  else if (!observe(promise, follower)) follower.unfollowed()
  return promise
}

const shared = new WeakMap<object, Promise<unknown>>()

/** As `followPromise`, of one that several callers may get: all get the same one again. */
export function followSharedPromise(promise: Promise<unknown>, follower: Follower): Promise<unknown> {
  const known = shared.get(promise)
  if (known !== undefined) {
    observe(promise, follower)
    return known
  }
  const given = followPromise(promise, follower)
  if (given !== promise) shared.set(promise, given)
  return given
}

/** An object that may be thenable. @returns `false`: it is none, or cannot be followed */
export function followThenable(value: object, follower: Follower): boolean {
  const then = thenOf(value)
  return then !== undefined && watchThen(value, then, follower)
}

function isPlain(promise: object): boolean {
  // Symbols of its own are Node 22's, for its hooks.
  return Object.getPrototypeOf(promise) === Promise.prototype && Object.getOwnPropertyNames(promise).length === 0
}

function followed(promise: Promise<unknown>, follower: Follower): Promise<unknown> {
  return Reflect.apply(promiseThen, promise, [
    (value: unknown) => {
      follower.fulfilled(value)
      return value
    },
    (error: unknown) => {
      follower.rejected(error)
      throw error
    },
  ])
}

/**
 * By a branch of ours, which does not reject. It is no promise of its class, whose constructor is the application's: it is asked for the
 * class by a property that is there meanwhile.
 *
 * @returns `false`: it takes no property, and its class makes no other one
 */
function observe(promise: Promise<unknown>, follower: Pick<Follower, 'fulfilled' | 'rejected'>): boolean {
  const before = Reflect.getOwnPropertyDescriptor(promise, 'constructor')
  const isAsked = Reflect.defineProperty(promise, 'constructor', { value: Promise, configurable: true })
  try {
    void Reflect.apply(promiseThen, promise, [
      (value: unknown) => follower.fulfilled(value),
      (error: unknown) => follower.rejected(error),
    ])
    return true
  } catch {
    return false
  } finally {
    if (isAsked && before === undefined) Reflect.deleteProperty(promise, 'constructor')
    else if (isAsked) Reflect.defineProperty(promise, 'constructor', before as PropertyDescriptor)
  }
}

/** Whichever is first, its own `then` or the promise itself. */
function followOwnThen(promise: Promise<unknown>, then: Then, follower: Follower): void {
  const first = firstOf(follower)
  const isWatched = watchThen(promise, then, first)
  let wasPending = false
  const isObserved = observe(promise, {
    fulfilled: (value) => (wasPending ? first.fulfilled(value) : undefined),
    rejected: (error) => (wasPending ? first.rejected(error) : undefined),
  })
  // Behind the handlers of one that is settled.
  soon(() => (wasPending = true))
  if (!isWatched && !isObserved) follower.unfollowed()
}

function firstOf(follower: Follower): Follower {
  let isTold = false
  const once =
    (tell: (value: unknown) => void) =>
    (value: unknown): void => {
      if (isTold) return
      isTold = true
      tell(value)
    }
  return {
    fulfilled: once((value) => follower.fulfilled(value)),
    rejected: once((error) => follower.rejected(error)),
    unfollowed: () => follower.unfollowed(),
  }
}

type Then = (this: unknown, onValue?: unknown, onError?: unknown) => unknown
type Settle = (value: unknown) => unknown

/** Read once: it may be an accessor of the application. */
function thenOf(value: object): Then | undefined {
  const then = readField(value, 'then')
  return typeof then === 'function' ? (then as Then) : undefined
}

// oxlint-disable-next-line unicorn/no-thenable -- it is one already
const THEN = 'then'

/** The application's first call of `then` tells how it ended; then the object is as it was. */
function watchThen(thenable: object, then: Then, follower: Follower): boolean {
  const isWatched = safely('a promise', () => {
    const before = Reflect.getOwnPropertyDescriptor(thenable, THEN)
    const putBack = (): unknown =>
      before === undefined ? Reflect.deleteProperty(thenable, THEN) : Reflect.defineProperty(thenable, THEN, before)
    return Reflect.defineProperty(thenable, THEN, {
      value: watchedThen(then, follower, putBack),
      enumerable: before?.enumerable ?? false,
      configurable: true,
      writable: true,
    })
  })
  return isWatched === true
}

function watchedThen(then: Then, follower: Follower, putBack: () => unknown): Then {
  return function (this: unknown, onValue, onError) {
    safely('a promise', putBack)
    return Reflect.apply(then, this, [
      (value: unknown) => {
        follower.fulfilled(value)
        return typeof onValue === 'function' ? (onValue as Settle)(value) : value
      },
      (error: unknown) => {
        follower.rejected(error)
        if (typeof onError === 'function') return (onError as Settle)(error)
        throw error
      },
    ])
  }
}
