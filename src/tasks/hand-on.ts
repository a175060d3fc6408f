/**
 * What the function of a task returned, handed on to the application, with the task's end tied to it: at once for a value, when it is
 * settled for a promise (`diag/followed-promise.ts`), when it is through for a generator.
 */
import { context, type Context } from '@opentelemetry/api'
import { types } from 'node:util'

import { followPromise, followThenable, isPromise, type Follower } from '../diag/followed-promise.ts'
import { safely } from '../diag/guarded.ts'
import type { RunningTask } from './running-task.ts'

export function handOn<T>(task: RunningTask, result: T): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    succeed(task)
    return result
  }
  if (isPromise(result)) return followPromise(result, new TaskEnding(task)) as T
  if (types.isGeneratorObject(result)) return withinTask(task, result as AnyGenerator) as T
  if (!followThenable(result, new TaskEnding(task))) succeed(task)
  return result
}

export function succeed(task: RunningTask): void {
  safely('a task', () => task.end({ status: 'succeeded' }))
}

export function failWith(task: RunningTask, error: unknown): void {
  safely('a task', () => task.endWith(error))
}

/** How a task ends with a promise or thenable. */
class TaskEnding implements Follower {
  readonly #task: RunningTask

  constructor(task: RunningTask) {
    this.#task = task
  }

  fulfilled(): void {
    succeed(this.#task)
  }

  rejected(error: unknown): void {
    failWith(this.#task, error)
  }

  /** It has done its part. */
  unfollowed(): void {
    succeed(this.#task)
  }
}

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
