/**
 * What a record says of the task that it was logged in: its place in the tree, and what is bound to the task.
 */
import { joined, type TaskNode } from '../context/task-node.ts'
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { withRequestFields } from './request-fields.ts'
import { ATTR_TASK_LATE, ATTR_TASK_PATH } from '../model/semconv.ts'

export interface AroundRecord {
  readonly node: TaskNode
  /** Stated of its request. */
  readonly fields: Attributes | undefined
  /** It may never be exported as a record of its own. */
  readonly isUnsent: boolean
}

/** Takes the record's number. Its own attributes count before those of the task, these before the request's. */
export function withTask(own: Attributes | undefined, { node, fields, isUnsent }: AroundRecord): Attributes {
  const attributes = { ...withRequestFields(own, joined(fields, node.fields)) } as Record<string, AnyValue>
  const path = node.next(isUnsent)
  if (path !== '') attributes[ATTR_TASK_PATH] = path
  if (node.hasEnded) attributes[ATTR_TASK_LATE] = true
  return attributes
}
