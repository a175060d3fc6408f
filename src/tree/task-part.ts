/**
 * What the records of a task say of it: its start, its end, how far it is; and what is known of a path (model/task-path.ts).
 */
import { textOf } from '../model/flat-value.ts'
import * as key from '../model/semconv.ts'
import { isTaskPath } from '../model/task-path.ts'
import type { TraceLog } from './trace-data.ts'

/** Filled in while records come in any order. */
export interface TaskPart {
  start: TraceLog | undefined
  end: TraceLog | undefined
  /** The newest record of how far it is. */
  progress: TraceLog | undefined
  /** How many of its numbers should be here and are not; undefined: nobody can tell. */
  missing: number | undefined
  /** How many of its numbers were never to be sent: lines below the level. Without spans calls look the same. */
  notSent: number
}

export function emptyTask(): TaskPart {
  return { start: undefined, end: undefined, progress: undefined, missing: undefined, notSent: 0 }
}

/** A record's place: the path of what it belongs to, and its number within that. */
export interface Place {
  /** `''`: a root. */
  readonly path: string
  readonly number: number
}

/** @returns undefined when the record has no path that can be read */
export function placeOf({ record }: TraceLog): Place | undefined {
  const text = record.attributes[key.ATTR_TASK_PATH]
  return typeof text === 'string' && isTaskPath(text) ? splitPath(text) : undefined
}

/** `3/2/4` -> `3/2` and 4. @param path  not `''` */
export function splitPath(path: string): Place {
  const slash = path.lastIndexOf('/')
  return { path: slash < 0 ? '' : path.slice(0, slash), number: Number(path.slice(slash + 1)) }
}

/** The number that a task gave to what this path leads to; undefined: it is not below. @param task  its path */
export function numberBelow(task: string, path: string): number | undefined {
  const rest = task === '' ? path : path.startsWith(`${task}/`) ? path.slice(task.length + 1) : ''
  const [number = ''] = rest.split('/', 1)
  return number === '' ? undefined : Number(number)
}

/** Takes what tells of the task itself. @returns whether the task's own row says it, so that the record needs none */
export function takeTaskRecord(task: TaskPart, log: TraceLog): boolean {
  switch (log.record.eventName) {
    case key.EVENT_TASK_START:
      if (task.start !== undefined) return false
      task.start = log
      return true
    case key.EVENT_TASK_END:
      if (task.end !== undefined) return false
      task.end = log
      return true
    default:
      // Records come in order of time.
      task.progress = log
      return false
  }
}

const TASK_EVENTS: ReadonlySet<string> = new Set([key.EVENT_TASK_START, key.EVENT_TASK_END, key.EVENT_TASK_PROGRESS])

/** Whether the record tells of a task and not only of something within it. */
export function isTaskRecord({ record }: TraceLog): boolean {
  return TASK_EVENTS.has(record.eventName)
}

/** A count that a record tells. @returns undefined when it tells none */
export function countIn(log: TraceLog | undefined, name: string): number | undefined {
  const value = log?.record.attributes[name]
  const count = typeof value === 'bigint' ? Number(value) : value
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined
}

/** Kept below the level and sent after all: it proves nothing of what was sent at once. */
export function isBuffered({ record }: TraceLog): boolean {
  return record.attributes[key.ATTR_BUFFERED] === true
}

/** Written after the end of its task. */
export function isLate({ record }: TraceLog): boolean {
  return record.attributes[key.ATTR_TASK_LATE] === true
}

const FAILED = 'FAILED '

/** What the end says: of a task that failed without the word before it. `''`: there is no end. */
export function endText({ end }: TaskPart): string {
  const text = end === undefined ? '' : textOf(end.record.body)
  return text.startsWith(FAILED) ? text.slice(FAILED.length) : text
}
