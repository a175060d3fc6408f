/**
 * What the function of a task returned, handed on to the application, with the task's end tied to it: at once for a value, when it is
 * settled for a promise, when it is through for a generator.
 *
 * What is a promise and nothing more is handed on as one that follows it, as an `async` function around the call would: a handler of
 * ours on the application's own would take it for handled, and an error that nobody awaits would no longer end the process. All other
 * promises and thenables stay the same objects. Many begin their work with the first call of `then` (queries of knex and mongoose), which must be the
 * application's: it is waited for.
 */
import { context, type Context } from '@opentelemetry/api'
import { types } from 'node:util'

import { safely } from '../diag/guarded.ts'
import { readField } from '../model/js-object.ts'
import type { RunningTask } from './running-task.ts'

export function handOn<T>(task: RunningTask, result: T): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    succeed(task)
    return result
  }
  if (types.isPromise(result)) return followed(task, result) as T
  if (types.isGeneratorObject(result)) return withinTask(task, result as AnyGenerator) as T
  const then = thenOf(result)
  if (then === undefined) succeed(task)
  else watchThen(task, result, then)
  return result
}

export function succeed(task: RunningTask): void {
  safely('a task', () => task.end({ status: 'succeeded' }))
}

export function failWith(task: RunningTask, error: unknown): void {
  safely('a task', () => task.endWith(error))
}

/** As it was when we were loaded: an application's own may do anything. */
// oxlint-disable-next-line typescript/unbound-method -- called with its promise
const promiseThen = Promise.prototype.then

function followed(task: RunningTask, promise: Promise<unknown>): Promise<unknown> {
  // Symbols of its own are Node 22's, for its hooks.
  const isPlain =
    Object.getPrototypeOf(promise) === Promise.prototype && Object.getOwnPropertyNames(promise).length === 0
  if (!isPlain) {
    watchPromise(task, promise)
    return promise
  }
  return Reflect.apply(promiseThen, promise, [
    (value: unknown) => {
      succeed(task)
      return value
    },
    (error: unknown) => {
      failWith(task, error)
      throw error
    },
  ])
}

/** It can do more than a promise (cancel, tell of its child process): it must stay what it is. */
function watchPromise(task: RunningTask, promise: Promise<unknown>): void {
  const then = thenOf(promise)
  // Clients of HTTP APIs read an answer with the first call of their own.
  if (then !== undefined && then !== promiseThen) {
    watchThen(task, promise, then)
    return
  }
  try {
    void Reflect.apply(promiseThen, promise, [() => succeed(task), (error: unknown) => failWith(task, error)])
  } catch {
    // `then` makes another one of its class, which that class does not allow: nobody can wait for it.
    succeed(task)
  }
}

type Then = (this: unknown, onValue?: unknown, onError?: unknown) => unknown

/** Read once: it may be an accessor of the application. */
function thenOf(value: object): Then | undefined {
  const then = readField(value, 'then')
  return typeof then === 'function' ? (then as Then) : undefined
}

// oxlint-disable-next-line unicorn/no-thenable -- it is one already
const THEN = 'then'

/** The application's first call of `then` tells how it ended; then the object is as it was. */
function watchThen(task: RunningTask, thenable: object, then: Then): void {
  const isWatched = safely('a task', () => {
    const before = Reflect.getOwnPropertyDescriptor(thenable, THEN)
    const putBack = (): unknown =>
      before === undefined ? Reflect.deleteProperty(thenable, THEN) : Reflect.defineProperty(thenable, THEN, before)
    return Reflect.defineProperty(thenable, THEN, {
      value: watchedThen(task, then, putBack),
      enumerable: before?.enumerable ?? false,
      configurable: true,
      writable: true,
    })
  })
  // What cannot be watched has done its part.
  if (isWatched !== true) succeed(task)
}

function watchedThen(task: RunningTask, then: Then, putBack: () => unknown): Then {
  return function (this: unknown, onValue, onError) {
    safely('a task', putBack)
    return Reflect.apply(then, this, [
      (value: unknown) => {
        succeed(task)
        return typeof onValue === 'function' ? (onValue as Settle)(value) : value
      },
      (error: unknown) => {
        failWith(task, error)
        if (typeof onError === 'function') return (onError as Settle)(error)
        throw error
      },
    ])
  }
}

type Settle = (value: unknown) => unknown

type AnyGenerator = Generator | AsyncGenerator
type Step = 'next' | 'return' | 'throw'
const STEPS: readonly Step[] = ['next', 'return', 'throw']

/** The same generator, of which every step runs inside the task. What asks for its kind or its methods is answered as before. */
function withinTask(task: RunningTask, generator: AnyGenerator): AnyGenerator {
  const steps = STEPS.map((step) => [
    step,
    { value: stepOf(task, generator, step), configurable: true, writable: true },
  ])
  return Object.create(Object.getPrototypeOf(generator) as object, Object.fromEntries(steps)) as AnyGenerator
}

function stepOf(task: RunningTask, generator: AnyGenerator, step: Step): (...args: unknown[]) => unknown {
  const run = generator[step] as (...args: unknown[]) => IteratorResult<unknown> | Promise<IteratorResult<unknown>>
  const at: Context = task.context
  return (...args) => {
    try {
      const result = context.with(at, () => Reflect.apply(run, generator, args))
      return types.isPromise(result) ? asyncStep(task, result) : ended(task, result)
    } catch (error) {
      failWith(task, error)
      throw error
    }
  }
}

async function asyncStep(task: RunningTask, step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
  try {
    return ended(task, await step)
  } catch (error) {
    failWith(task, error)
    throw error
  }
}

function ended(task: RunningTask, result: IteratorResult<unknown>): IteratorResult<unknown> {
  if (result.done === true) succeed(task)
  return result
}
