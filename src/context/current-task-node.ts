/**
 * Which node of the tree of tasks is a context in? The innermost of its task and its request.
 */
import type { Context } from '@opentelemetry/api'

import { LinkedContext, type SpanHolder } from './linked-context.ts'
import { unitOf, type RequestUnit } from './request-unit.ts'
import { TaskNode } from './task-node.ts'

/** The Context key under which a task travels; the same in every copy of the package. */
export const TASK_NODE: symbol = Symbol.for('org.tracelog.task')

/** Nobody looks before there is one: a process without tasks pays nothing. */
let hasTasks = false

/** The context of a task: one link for the task and its span. */
export function withTaskNode(context: Context, task: TaskNode & SpanHolder): Context {
  hasTasks = true
  return LinkedContext.over(context, TASK_NODE, task, task)
}

/** The same context outside of every task, which keeps none of those that it came from. */
export function apartFromTasks(context: Context): Context {
  return LinkedContext.flattened(withoutTaskNode(context))
}

/** The same context outside of every task. */
export function withoutTaskNode(context: Context): Context {
  return hasTasks ? context.deleteValue(TASK_NODE) : context
}

/** The task of a context; `undefined` outside of all. */
export function taskOf(context: Context): TaskNode | undefined {
  if (!hasTasks) return undefined
  const task = context.getValue(TASK_NODE)
  return task instanceof TaskNode ? task : undefined
}

/**
 * The node that takes what is done in this context: a task, else a request that was called from one.
 *
 * @param unit  of the same context, from those who know it already
 */
export function taskNodeOf(context: Context, unit: RequestUnit | undefined = unitOf(context)): TaskNode | undefined {
  const task = taskOf(context)
  const ofUnit = unit?.taskNode
  // A request within a task is nearer, where it has a node of its own: the task knows which unit it was begun in.
  return task === undefined || (ofUnit !== undefined && task.unit !== unit) ? ofUnit : task
}

/** The node whose number a record takes, with the path of what it belongs to; `undefined`: it takes none. */
export function recordNodeOf(context: Context, unit: RequestUnit | undefined): TaskNode | undefined {
  const node = taskNodeOf(context, unit)
  return node?.numbersRecords === true ? node : undefined
}
