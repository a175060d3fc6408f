/** Promises and thenables of the application are followed, and are to it what they were. */
import { expect, test } from 'vitest'

import { followPromise, followSharedPromise, followThenable } from '../../src/diag/followed-promise.ts'

function newFollower() {
  const told: unknown[] = []
  return {
    told,
    fulfilled: (value: unknown) => void told.push(['fulfilled', value]),
    rejected: (error: unknown) => void told.push(['rejected', error]),
    unfollowed: () => void told.push(['unfollowed']),
  }
}

/** Whose constructor is for its own application alone. */
class Own<T> extends Promise<T> {
  static made = 0
  constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
    super(executor)
    Own.made++
  }
}

/** Its work is begun by its `then`: the promise itself was settled from the start. */
class Lazy extends Promise<unknown> {
  begun = 0
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  override then<A = unknown, B = never>(
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.begun++
    return Promise.resolve<unknown>('worked').then(onValue, onError)
  }
}

test('one that is a promise and nothing more is followed by another one, which rejects as it does', async () => {
  const follower = newFollower()
  const promise = Promise.resolve(7)
  const given = followPromise(promise, follower)
  expect(given).not.toBe(promise)
  expect(await given).toBe(7)
  const error = new Error('boom')
  await expect(followPromise(Promise.reject(error), follower)).rejects.toBe(error)
  expect(follower.told).toEqual([
    ['fulfilled', 7],
    ['rejected', error],
  ])
})

test('one that several callers get is the same one for all of them, and tells each', async () => {
  const [first, second] = [newFollower(), newFollower()]
  const promise = Promise.resolve(7)
  const given = followSharedPromise(promise, first)
  expect(followSharedPromise(promise, second)).toBe(given)
  await given
  expect([first.told, second.told]).toEqual([[['fulfilled', 7]], [['fulfilled', 7]]])
})

test('one of a class of its own stays the same object, and its class makes no other', async () => {
  const follower = newFollower()
  const promise = new Own<number>((resolve) => resolve(7))
  const { made } = Own
  expect(followPromise(promise, follower)).toBe(promise)
  expect([Own.made, Reflect.ownKeys(promise), promise.constructor]).toEqual([made, [], Own])
  await expect.poll(() => follower.told).toEqual([['fulfilled', 7]])
})

test('work that a `then` of its own begins is begun by the application, and told then', async () => {
  const follower = newFollower()
  const lazy = Lazy.resolve() as unknown as Lazy
  void followPromise(lazy, follower)
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect([lazy.begun, follower.told]).toEqual([0, []])
  expect(await lazy).toBe('worked')
  expect([lazy.begun, follower.told]).toEqual([1, [['fulfilled', 'worked']]])
})

test('one with a `then` of its own tells once, when it settles, though nobody has called it', async () => {
  const follower = newFollower()
  let settle = (_value: unknown): void => {}
  const promise = new Lazy((resolve) => {
    settle = resolve
  })
  void followPromise(promise, follower)
  await Promise.resolve()
  settle('answered')
  await expect.poll(() => follower.told).toEqual([['fulfilled', 'answered']])
  expect([await promise, promise.begun]).toEqual(['worked', 1])
  expect(follower.told).toHaveLength(1)
})

test('what is no thenable, or takes no property, is not followed', () => {
  const follower = newFollower()
  expect(followThenable({}, follower)).toBe(false)
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  expect(followThenable(Object.freeze({ then: () => {} }), follower)).toBe(false)
  expect(follower.told).toEqual([])
})
