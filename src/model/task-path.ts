/**
 * Where does a record or a task stand in its tree? `3/2/4`: the numbers on the way down, in the order of the calls.
 *
 * Presentation and a check: identity is the span id, so a path that is missing or cut short breaks nothing. Between processes it is
 * read all or nothing; in our own member of `tracestate` it is written with dots (tracelog-member.ts).
 */

/** Characters of a path, about 60 levels: what does not fit has none, and what hangs below begins anew. Source: spec, tasks. */
export const MAX_TASK_PATH = 256

/** The key of a carrier under which the path stands; in an environment TRACELOG_TASK. */
export const TASK_HEADER = 'tracelog-task'

const TASK_PATH = /^\d{1,9}(?:\/\d{1,9})*$/

/** Whether the text is a path as it travels; `''`, the path of a root, is none. */
export function isTaskPath(text: string): boolean {
  return text.length <= MAX_TASK_PATH && TASK_PATH.test(text)
}

/** The path of what has this number below this path. @param path  `''`: of a root */
export function pathBelow(path: string, number: number): string {
  return path === '' ? String(number) : `${path}/${number}`
}

/** As our own member of `tracestate` has it: `3.2`. */
export function toMemberPath(path: string): string {
  return path.replaceAll('/', '.')
}

export function fromMemberPath(text: string): string {
  return text.replaceAll('.', '/')
}
