/**
 * The task where nothing was started: it does nothing.
 */
import type { Task } from './task-face.ts'

const NO_TRACE = '00000000000000000000000000000000'
const NO_SPAN = '0000000000000000'

export class NoTask implements Task {
  readonly goal: string
  readonly traceId: string = NO_TRACE
  readonly spanId: string = NO_SPAN

  constructor(goal: string) {
    this.goal = goal
  }

  run<T>(fn: () => T): T {
    return fn()
  }

  bind(): this {
    return this
  }

  progress(): void {}

  success(): void {}

  fail(): void {}

  end(): void {}

  token(): string {
    return ''
  }

  [Symbol.dispose](): void {}

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}
