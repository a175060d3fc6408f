/**
 * Tasks over this pipeline: where a new one hangs, and what runs inside of it (spec: tasks).
 */
import { context, isSpanContextValid, SpanKind, trace, type Context, type Link } from '@opentelemetry/api'
import { format } from 'node:util'

import { taskNodeOf, taskOf, withoutTaskNode } from '../context/current-task-node.ts'
import { REQUEST_UNIT, unitOf } from '../context/request-unit.ts'
import { TaskNode } from '../context/task-node.ts'
import type { Attributes } from '../model/any-value.ts'
import { safely } from '../diag/guarded.ts'
import { readField, readItems } from '../model/js-object.ts'
import { toAttributes } from '../model/js-value.ts'
import { ATTR_TASK_ORPHAN } from '../model/semconv.ts'
import { SEVERITY_INFO, severityOfLevelName } from '../model/severity.ts'
import { nameOf } from '../record/span-limits.ts'
import type { TracelogTracerProvider } from '../record/tracer-provider.ts'
import { failWith, handOn } from './hand-on.ts'
import { importPlace } from './import-place.ts'
import { NoTask } from './no-task.ts'
import { RunningTask, TASK_SCOPE, type TaskParts } from './running-task.ts'
import type { InTask, Task, TaskOptions, Tasks } from './task-face.ts'
import { TaskHandle } from './task-handle.ts'
import type { TaskPlace } from './task-place.ts'
import { settleProgress } from './task-progress.ts'

export interface TasksOptions extends TaskParts {
  readonly tracerProvider: TracelogTracerProvider
}

export function createTasks(parts: TasksOptions): Tasks {
  const tracer = parts.tracerProvider.getTracer(TASK_SCOPE.name)

  function begin(name: unknown, given: TaskOptions, place: TaskPlace): RunningTask {
    const { around, parent, path = '', links = [], told } = place
    const goal = nameOf(name)
    const kind = kindOf(readField(given, 'kind'))
    const all = [...links, ...readItems(readField(given, 'links'))] as Link[]
    // The short way where nothing has to be looked at: a consumer may begin a unit.
    const isSimple = all.length === 0 && kind === SpanKind.INTERNAL
    const span = isSimple
      ? tracer.startHopSpan(goal, kind, {}, around)
      : tracer.startSpan(goal, { kind, links: all }, around)
    const attributes = readField(given, 'attributes')
    const beginning = {
      goal,
      text: filled(goal, readField(given, 'args')),
      severityNumber: severityOf(readField(given, 'level')),
      isQuiet: readField(given, 'isQuiet') === true,
      attributes: typeof attributes === 'object' && attributes !== null ? toAttributes(attributes) : undefined,
      span,
      around,
      parent,
      path: parent?.next() ?? path,
      told,
    }
    const task = new RunningTask(parts, beginning)
    task.start(beginning)
    return task
  }

  function runIn<T>(goal: string, given: TaskOptions, place: () => TaskPlace, fn: InTask<T>): T {
    const task = safely('a task', () => begin(goal, given, place()))
    return task === undefined ? fn(new NoTask(goal)) : runInside(task, fn)
  }
  return {
    task(goal, options, fn) {
      const given = optionsOf(options)
      return runIn(goal, given, () => rootPlace(context.active(), given), fn)
    },
    to: (goal, options, fn) => runIn(goal, optionsOf(options), () => subtaskPlace(context.active(), ORPHAN), fn),
    importTask({ token, goal }, options, fn) {
      const given = optionsOf(options)
      const place = (active: Context) => importPlace(active, token, rootPlace(active, given))
      return runIn(goal, given, () => place(context.active()), fn)
    },
    startTask(goal, given) {
      const task = safely('a task', () => begin(goal, optionsOf(given), subtaskPlace(context.active())))
      return task === undefined ? new NoTask(goal) : new TaskHandle(task)
    },
    currentTask: () => safely('a task', () => handleOf(context.active())),
    settle: settleProgress,
    wrap: (fn) => (typeof fn === 'function' ? context.bind(context.active(), fn) : fn),
  }
}

const ORPHAN: Attributes = { [ATTR_TASK_ORPHAN]: true }
const NO_OPTIONS: TaskOptions = Object.freeze({})

function optionsOf(given: unknown): TaskOptions {
  return typeof given === 'object' && given !== null ? given : NO_OPTIONS
}

function runInside<T>(task: RunningTask, fn: InTask<T>): T {
  const handle = new TaskHandle(task)
  let result: T
  try {
    result = context.with(task.context, fn, undefined, handle)
  } catch (error) {
    failWith(task, error)
    throw error
  }
  return handOn(task, result)
}

/** A root of its own trace, which links to where it was begun; within its request, unless it is a message of its own. */
function rootPlace(active: Context, given: TaskOptions): TaskPlace {
  const unit = unitOf(active)
  const current = trace.getSpanContext(active)
  // The process was started for something: its roots hang below that.
  if (unit === undefined && current?.isRemote === true) return { around: active, parent: taskOf(active) }
  const outside = trace.deleteSpan(withoutTaskNode(active))
  const isApart = unit !== undefined && readField(given, 'kind') === 'consumer'
  const around = isApart ? outside.deleteValue(REQUEST_UNIT) : outside
  const links = current !== undefined && isSpanContextValid(current) ? [{ context: current }] : []
  return { around, parent: undefined, links }
}

/** Below the current task, else the current request. @param toldOfOrphan  said where there is neither */
function subtaskPlace(active: Context, toldOfOrphan?: Attributes): TaskPlace {
  const unit = unitOf(active)
  const node = taskNodeOf(active, unit)
  if (node !== undefined) return { around: active, parent: node }
  // Only what counts its subtasks: nobody has given the request a path, so that its records have none.
  if (unit !== undefined) unit.taskNode = new TaskNode({ path: '', unit, numbersRecords: false })
  const told = unit === undefined ? toldOfOrphan : undefined
  return { around: active, parent: unit?.taskNode, ...(told && { told }) }
}

function handleOf(active: Context): Task | undefined {
  const task = taskOf(active)
  if (!(task instanceof RunningTask)) return undefined
  // One that has ended forgets its handle and its context; this one is of it as well.
  return task.handle instanceof TaskHandle ? task.handle : new TaskHandle(task, active)
}

const KINDS = { internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER }

function kindOf(kind: unknown): SpanKind {
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind as keyof typeof KINDS] : SpanKind.INTERNAL
}

function severityOf(level: unknown): number {
  return (typeof level === 'string' ? severityOfLevelName(level) : undefined) ?? SEVERITY_INFO
}

/** `util.format` calls the application's own `inspect` and `toString`. */
function filled(goal: string, args: unknown): string {
  if (!Array.isArray(args) || args.length === 0) return goal
  try {
    return format(goal, ...(args as readonly unknown[]))
  } catch {
    return goal
  }
}
