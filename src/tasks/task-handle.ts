/**
 * What the application holds of a task. Each call is guarded: misuse changes nothing and never throws.
 */
import { context, type Context } from '@opentelemetry/api'

import { safely } from '../diag/guarded.ts'
import type { Attributes } from '../model/any-value.ts'
import { toAttributes } from '../model/js-value.ts'
import { formatTaskToken } from '../model/task-token.ts'
import type { RunningTask } from './running-task.ts'
import type { Task } from './task-face.ts'
import { TaskProgress } from './task-progress.ts'

export class TaskHandle implements Task {
  readonly #task: RunningTask
  readonly #context: Context
  #progress: TaskProgress | undefined

  /** @param within  a context of the task */
  constructor(task: RunningTask, within: Context = task.context) {
    this.#task = task
    this.#context = within
    if (!task.hasEnded) task.handle = this
  }

  get goal(): string {
    return this.#task.goal
  }

  get traceId(): string {
    return this.#task.span.spanContext().traceId
  }

  get spanId(): string {
    return this.#task.span.spanContext().spanId
  }

  run<T>(fn: () => T): T {
    return context.with(this.#context, fn)
  }

  bind(attributes: Attributes): this {
    safely('a task', () => this.#task.bind(attributesOf(attributes)))
    return this
  }

  progress(done: number, total?: number, text?: string): void {
    safely('a task', () => (this.#progress ??= new TaskProgress(this.#task)).report({ done, total, text }))
  }

  success(message?: string, attributes?: Attributes): void {
    safely('a task', () =>
      this.#task.end({
        status: 'succeeded',
        message: textOf(message),
        attributes: attributes === undefined ? undefined : attributesOf(attributes),
      }),
    )
  }

  fail(error?: unknown, message?: string): void {
    safely('a task', () => this.#task.endWith(error, textOf(message)))
  }

  end(): void {
    this.success()
  }

  token(): string {
    const token = safely('a task', () => {
      const { traceId, spanId, traceFlags } = this.#task.span.spanContext()
      return formatTaskToken({ traceId, spanId, flags: traceFlags }, this.#task.next(true))
    })
    return token ?? ''
  }

  [Symbol.dispose](): void {
    this.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end()
    return Promise.resolve()
  }
}

function attributesOf(attributes: unknown): Attributes {
  return typeof attributes === 'object' && attributes !== null ? toAttributes(attributes) : {}
}

function textOf(text: unknown): string | undefined {
  return typeof text === 'string' ? text : undefined
}
