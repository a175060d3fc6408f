/**
 * How far a task is, told at most five times a second: what comes faster is replaced by what comes after it, and the last value is
 * always told, by a timer that keeps no process alive, or by the task's end.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { safely } from '../diag/guarded.ts'
import { stopTimer } from '../diag/timers.ts'
import type { AnyValue } from '../model/any-value.ts'
import { ATTR_TASK_DONE, ATTR_TASK_TOTAL, EVENT_TASK_PROGRESS } from '../model/semconv.ts'
import type { RunningTask } from './running-task.ts'

/** Between two records. Milliseconds. */
const INTERVAL_MILLIS = 200

export interface Progress {
  readonly done: number
  readonly total: number | undefined
  readonly text: string | undefined
}

/** Those that have something to tell. */
const waiting = new Set<TaskProgress>()

/** The process ends. */
export function settleProgress(): void {
  for (const progress of waiting) safely('a task', () => progress.settle())
}

export class TaskProgress {
  readonly #task: RunningTask
  #toldMillis = Number.NEGATIVE_INFINITY
  #pending: Progress | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(task: RunningTask) {
    this.#task = task
    task.beforeEnd = () => this.settle()
  }

  report(progress: Progress): void {
    if (this.#task.hasBegunToEnd) return
    this.#pending = progress
    const wait = this.#toldMillis + INTERVAL_MILLIS - monotonicMillis()
    if (wait <= 0) {
      this.settle()
      return
    }
    waiting.add(this)
    this.#timer ??= this.#task.later(() => this.settle(), wait)
  }

  /** Tells what was not told yet. */
  settle(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer)
    this.#timer = undefined
    waiting.delete(this)
    const progress = this.#pending
    if (progress === undefined) return
    this.#pending = undefined
    this.#task.emit({
      eventName: EVENT_TASK_PROGRESS,
      body: bodyOf(this.#task.text, progress),
      attributes: attributesOf(progress),
    })
    // Afterwards: the first record of a process takes its time.
    this.#toldMillis = monotonicMillis()
  }
}

function bodyOf(goal: string, { done, total, text }: Progress): string {
  if (typeof text === 'string' && text !== '') return text
  if (!isNumber(done)) return goal
  return isNumber(total) ? `${goal}: ${done} of ${total}` : `${goal}: ${done}`
}

function attributesOf({ done, total }: Progress): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {}
  if (isNumber(done)) attributes[ATTR_TASK_DONE] = done
  if (isNumber(total)) attributes[ATTR_TASK_TOTAL] = total
  return attributes
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
