/**
 * When does a promise settle that a method of the application's cache has returned, without a difference to who gets it?
 *
 * A handler on the promise itself would make a rejection that nobody handles look handled. So its caller gets one that follows it: the
 * same one each time for the same promise, of the same class. Promises with something of their own, and thenables that are no promises (a
 * `then` may start their work), are handed on as they are, the latter unobserved.
 */
import { types } from 'node:util'

export interface Settled {
  readonly fulfilled: (value: unknown) => void
  readonly rejected: (error: unknown) => void
}

/** As it was when we were loaded: an application's own may do anything. */
// oxlint-disable-next-line typescript/unbound-method -- called with its promise
const promiseThen = Promise.prototype.then

const followers = new WeakMap<object, unknown>()

/** @returns what the caller gets */
export function observedPromise(promise: Promise<unknown>, { fulfilled, rejected }: Settled): unknown {
  if (Object.getPrototypeOf(promise) !== Promise.prototype || Reflect.ownKeys(promise).length > 0) {
    observe(promise, { fulfilled, rejected })
    return promise
  }
  const known = followers.get(promise)
  if (known !== undefined) {
    promise.then(fulfilled, rejected)
    return known
  }
  const follower = promise.then(
    (value) => {
      fulfilled(value)
      return value
    },
    (error: unknown) => {
      rejected(error)
      throw error
    },
  )
  followers.set(promise, follower)
  return follower
}

/** Not by a `then` of its own, which may start its work. */
function observe(promise: Promise<unknown>, { fulfilled, rejected }: Settled): void {
  try {
    void Reflect.apply(promiseThen, promise, [fulfilled, rejected])
  } catch {
    // `then` makes another one of its class, which that class does not allow: it stays unobserved.
  }
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value)
}
