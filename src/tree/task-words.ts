/**
 * What a row says of its task: the words of its records and what was counted.
 */
import type { TaskWords } from '../model/api.ts'
import { textOf } from '../model/flat-value.ts'
import * as key from '../model/semconv.ts'
import { STATUS_CODE } from '../model/span-record.ts'
import { attributeOf, type TreeNode } from './node.ts'
import { countIn, endText, type TaskPart } from './task-part.ts'

/** Stands for what nobody told. */
const MISSING = '<missing>'
const STATUSES = ['succeeded', 'failed', 'cancelled'] as const
export type TaskStatus = (typeof STATUSES)[number]

/** @returns undefined when the node is no task */
export function taskWords(node: TreeNode): TaskWords | undefined {
  const { task } = node
  if (task === undefined) return undefined
  const goal = goalOf(node, task)
  const message = endText(task)
  const progress = task.end === undefined ? task.progress : undefined
  const words = {
    goal,
    status: taskStatus(node),
    message: message === '' || message === goal ? undefined : message,
    // Without its start nothing is complete, though the number may not be missed: it may have been below the level.
    missing: task.start === undefined && task.missing === 0 ? undefined : task.missing,
    not_sent: task.notSent || undefined,
    done: countIn(progress, key.ATTR_TASK_DONE),
    total: countIn(progress, key.ATTR_TASK_TOTAL),
    orphan: (task.start && attributeOf(task.start, key.ATTR_TASK_ORPHAN)) === true ? true : undefined,
  }
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)) as unknown as TaskWords
}

function goalOf({ span }: TreeNode, { start }: TaskPart): string {
  const told = start === undefined ? '' : textOf(attributeOf(start, key.ATTR_TASK_GOAL) ?? start.record.body)
  return told || span?.name || MISSING
}

/** How it ended; undefined while no end was seen. A task that is quiet tells its end by its span alone. */
export function taskStatus({ task, span }: TreeNode): TaskStatus | undefined {
  if (task === undefined) return undefined
  const said = task.end && attributeOf(task.end, key.ATTR_TASK_STATUS)
  const known = STATUSES.find((status) => status === said)
  if (known !== undefined || span === undefined) return known
  return span.statusCode === STATUS_CODE.error ? 'failed' : 'succeeded'
}
