/**
 * How does a task reach another process or thread of this machine, beside its trace? As its path, with the number that the task takes
 * for it: what is begun and logged there hangs below.
 */
import { trace, type Context, type Span, type SpanContext } from '@opentelemetry/api'

import { isTaskPath } from '../model/task-path.ts'
import { taskNodeOf, withTaskNode } from './current-task-node.ts'
import type { SpanHolder } from './linked-context.ts'
import { TaskNode } from './task-node.ts'

/** The number that a task elsewhere has given: a node of its own here, though its records are there. */
class ForeignTask extends TaskNode implements SpanHolder {
  readonly span: Span

  constructor(path: string, span: Span) {
    super({ path })
    this.span = span
  }
}

/** Whether it is the node that this trace and path name. */
export function isForeignTask(node: TaskNode, { traceId, spanId }: SpanContext, path: string): boolean {
  if (!(node instanceof ForeignTask) || node.path !== path) return false
  const own = node.span.spanContext()
  return own.traceId === traceId && own.spanId === spanId
}

/**
 * The context of what was begun from a task elsewhere.
 *
 * @param context  with the trace that came along; without one nothing hangs anywhere
 * @param path  as it came: of a stranger, perhaps
 */
export function withForeignTask(context: Context, path: string | undefined): Context {
  const span = path !== undefined && isTaskPath(path) ? trace.getSpan(context) : undefined
  return path === undefined || span === undefined ? context : withTaskNode(context, new ForeignTask(path, span))
}

/** Takes a number for what is begun elsewhere. @returns its path; `''`: there is no task, or its path may not travel */
export function takeTaskPath(context: Context): string {
  return taskNodeOf(context)?.next(true) ?? ''
}
