/**
 * A node of the tree of tasks: where it stands, and the counter from which its records, children, tokens and outgoing calls take their
 * numbers (spec: tasks, "Numbers").
 *
 * A task is one, and so is a request that was called from a task elsewhere: whoever asks for a number need not know which. The path is
 * for people and for a check; the identity of a task is its span id, so that a path which is cut short breaks nothing.
 */
import type { Attributes } from '../model/any-value.ts'
import { MAX_TASK_PATH, pathBelow } from '../model/task-path.ts'

/** A number has nine digits at most. */
const MAX_NUMBER = 999_999_999

export interface TaskNodeOptions {
  /** `3/2`; `''` for a root. */
  readonly path: string
  /** The task that it stands below in this process, whose attributes it inherits. Default: none. */
  readonly parent?: TaskNode | undefined
  /** The unit (request-unit.ts) that it belongs to. Default: none. */
  readonly unit?: object | undefined
  /** Whether records take a number of it. Default true; false for a request that only counts its subtasks. */
  readonly numbersRecords?: boolean
}

/** Attributes over other attributes; the same object where there is nothing to join. */
export function joined(below: Attributes | undefined, above: Attributes | undefined): Attributes | undefined {
  if (below === undefined) return above
  return above === undefined ? below : { ...below, ...above }
}

/** Whether it stands so deep that it knows nothing of those above it. */
export function isCutOff({ path, parent }: Pick<TaskNodeOptions, 'path' | 'parent'>): boolean {
  return path === '' && parent !== undefined
}

export class TaskNode {
  readonly path: string
  readonly unit: object | undefined
  readonly numbersRecords: boolean
  /** What takes a number from now on comes late. */
  hasEnded = false
  readonly #parent: TaskNode | undefined
  #bound: Attributes | undefined
  #last = 0
  #unsent = 0

  constructor({ path, parent, unit, numbersRecords = true }: TaskNodeOptions) {
    this.path = path
    this.unit = unit
    this.numbersRecords = numbersRecords
    // A task that begins the next one from a timer, for ever, must not keep all that were before it: their path ends one day.
    const isCut = isCutOff({ path, parent })
    this.#parent = isCut ? undefined : parent
    this.#bound = isCut ? parent?.fields : undefined
  }

  /** The number that was given last; 0: none. */
  get last(): number {
    return this.#last
  }

  /** How many numbers will not come by themselves. */
  get unsent(): number {
    return this.#unsent
  }

  /** The path that `next` would give. */
  peek(): string {
    const number = this.#last + 1
    if (number > MAX_NUMBER) return ''
    const path = pathBelow(this.path, number)
    return path.length > MAX_TASK_PATH ? '' : path
  }

  /**
   * Takes the next number.
   *
   * @param isUnsent  what takes it may never be seen: it was given away, or nothing lets it through
   * @returns the path with it; `''` where that would be too long
   */
  next(isUnsent = false): string {
    const path = this.peek()
    this.#last += 1
    if (isUnsent) this.#unsent += 1
    return path
  }

  /** What took a number before will not come by itself. */
  addUnsent(): void {
    this.#unsent += 1
  }

  /** On its later records and on those of its descendants. */
  bind(attributes: Attributes): void {
    this.#bound = joined(this.#bound, attributes)
  }

  /** What is bound to it and to those above it, the nearest over all; `undefined`: nothing. */
  get fields(): Attributes | undefined {
    let fields = this.#bound
    for (let at = this.#parent; at !== undefined; at = at.#parent) fields = joined(at.#bound, fields)
    return fields
  }
}
