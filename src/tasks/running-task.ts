/**
 * A task while it runs: a node of the tree, its span, and the records of its start, its progress and its end.
 *
 * Nothing here throws into the application: task-handle.ts, which it holds, guards each call.
 */
import { ROOT_CONTEXT, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'

import { apartFromTasks, withTaskNode } from '../context/current-task-node.ts'
import type { SpanHolder } from '../context/linked-context.ts'
import { unitOf, unitOfSpan, withUnit, type RequestUnit, type UnitEnds } from '../context/request-unit.ts'
import { isCutOff, TaskNode } from '../context/task-node.ts'
import { monotonicMillis } from '../diag/clock.ts'
import { startTimer } from '../diag/timers.ts'
import type { AnyValue, Attributes } from '../model/any-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import {
  ATTR_ELAPSED_MS,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_TASK_GOAL,
  ATTR_TASK_LAST,
  ATTR_TASK_STATUS,
  ATTR_TASK_UNSENT,
  EVENT_TASK_END,
  EVENT_TASK_START,
} from '../model/semconv.ts'
import { SEVERITY_ERROR } from '../model/severity.ts'
import { roundedMillis } from '../model/time.ts'
import { FieldRoles } from '../record/field-roles.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { beginWork, endWork } from '../record/work-unit.ts'
import { failureAttributes, isCancellation, type TaskStatus } from './task-outcome.ts'

/** Of all records of tasks. */
export const TASK_SCOPE: InstrumentationScope = { name: 'tracelog.task', version: '' }

const ROLES = new FieldRoles()

export interface TaskParts {
  readonly records: RecordEmitter
  readonly units: UnitEnds
  /** What a failure is called. */
  readonly errorTypeOf: (error: unknown) => string
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
}

export interface TaskBegin {
  /** As it was given. */
  readonly goal: string
  /** Filled in. */
  readonly text: string
  readonly severityNumber: number
  readonly isQuiet: boolean
  readonly attributes: Attributes | undefined
  readonly span: Span
  /** The context that the span was started in. */
  readonly around: Context
  /** The node that it stands below in this process. */
  readonly parent: TaskNode | undefined
  readonly path: string
  /** Of its start record alone. */
  readonly told?: Attributes | undefined
}

export interface TaskEnd {
  readonly status: TaskStatus
  /** Default: the goal; `''`: no record where it succeeded. */
  readonly message?: string | undefined
  readonly attributes?: Attributes | undefined
  readonly error?: unknown
}

/** One of its own records. */
export interface TaskRecord {
  /** Default: the task's level. */
  readonly severityNumber?: number
  readonly eventName: string
  readonly body: string
  /** Or what makes them, as soon as it is known whether the record leaves the process by itself. */
  readonly attributes: Attributes | ((isSent: boolean) => Attributes)
}

export class RunningTask extends TaskNode implements SpanHolder {
  readonly goal: string
  readonly span: Span
  /** Filled in. */
  readonly text: string
  /** What the application holds; `undefined` when it has ended. */
  handle: object | undefined
  /** Called before the end is written. */
  beforeEnd: (() => void) | undefined
  readonly #parts: TaskParts
  readonly #severityNumber: number
  readonly #isQuiet: boolean
  /** Not kept beyond its end: a task that begins the next one from a timer, for ever, would keep all that were before. */
  #context: Context
  readonly #unit: RequestUnit | undefined
  readonly #ownUnit: RequestUnit | undefined
  readonly #startedMillis = monotonicMillis()
  #isEnding = false

  constructor(parts: TaskParts, begin: TaskBegin) {
    const { goal, text, severityNumber, isQuiet, attributes, span, around, path, parent } = begin
    const unit = unitOf(around) ?? unitOfSpan(span)
    const ownUnit = unit === undefined ? beginWork(parts.units, goal, span.spanContext()) : undefined
    super({ path, parent, unit: unit ?? ownUnit })
    this.goal = goal
    this.span = span
    // Those above it may never end, and each of them holds the context that it was begun in.
    const context = withTaskNode(isCutOff({ path, parent }) ? apartFromTasks(around) : around, this)
    this.#context = ownUnit === undefined ? context : withUnit(context, ownUnit)
    this.#parts = parts
    this.text = text
    this.#severityNumber = severityNumber
    this.#isQuiet = isQuiet
    this.#ownUnit = ownUnit
    this.#unit = unit ?? ownUnit
    if (attributes !== undefined) this.bind(attributes)
    this.#unit?.returning?.began()
  }

  /** What is within. The root context when it has ended. */
  get context(): Context {
    return this.#context
  }

  /** Writes the start record. */
  start({ text, told, parent }: TaskBegin): void {
    const isSent = this.emit({
      eventName: EVENT_TASK_START,
      body: text,
      attributes: { [ATTR_TASK_GOAL]: text, ...told },
    })
    // The parent's number for it is told by this record alone.
    if (!isSent) parent?.addUnsent()
  }

  override bind(attributes: Attributes): void {
    super.bind(attributes)
    this.span.setAttributes(attributes)
  }

  get hasBegunToEnd(): boolean {
    return this.#isEnding
  }

  /** Only the first end counts. */
  end(end: TaskEnd): void {
    if (this.#isEnding) return
    this.#isEnding = true
    try {
      this.beforeEnd?.()
      if (end.status === 'failed') this.#fail(end)
      else this.#finish(end)
    } finally {
      this.hasEnded = true
      this.#context = ROOT_CONTEXT
      this.handle = this.beforeEnd = undefined
      this.span.end()
      this.#endUnit(end)
      this.#unit?.returning?.ended(end.status === 'failed')
    }
  }

  /** Ends with whatever was thrown, or with nothing that says why. */
  endWith(error: unknown, message?: string): void {
    this.end({ status: isCancellation(error) ? 'cancelled' : 'failed', error, message })
  }

  /** @returns whether it leaves the process by itself */
  emit({ severityNumber = this.#severityNumber, eventName, body, attributes }: TaskRecord): boolean {
    const { records } = this.#parts
    const verdict = records.judge(severityNumber, TASK_SCOPE.name, this.context)
    if (verdict === 'drop') return false
    const isSent = verdict === 'export'
    const fields = typeof attributes === 'function' ? attributes(isSent) : attributes
    const { context } = this
    const plain = {
      severityNumber,
      severityText: '',
      eventName,
      body,
      fields,
      roles: ROLES,
      mayHaveGetters: false,
      context,
    }
    if (!records.emitPlain(plain, TASK_SCOPE, verdict))
      records.emit({ severityNumber, eventName, body, attributes: fields, context }, TASK_SCOPE, verdict)
    return isSent
  }

  /** Runs something later, outside of every request, and keeps no process alive. */
  later(run: () => void, millis: number): NodeJS.Timeout {
    return this.#parts.detached(() => startTimer(run, millis).unref())
  }

  #finish({ status, message, attributes }: TaskEnd): void {
    if (attributes !== undefined) this.span.setAttributes(attributes)
    const isQuiet = message === '' || this.#isQuiet
    if (isQuiet && status === 'succeeded') return
    this.#emitEnd({
      body: message || this.text,
      attributes: (isSent) => this.#endAttributes(status, attributes, isSent),
    })
  }

  #fail({ error, message }: TaskEnd): void {
    const { errorTypeOf, units } = this.#parts
    const errorType = error === undefined ? 'Error' : errorTypeOf(error)
    // What is kept below the level comes before the record that tells of the failure.
    if (this.#unit !== undefined) units.onTaskFailed(this.#unit, errorType)
    const failure = failureAttributes(error, this.span.spanContext())
    this.#emitEnd({
      severityNumber: SEVERITY_ERROR,
      body: message ?? `FAILED ${this.text}`,
      attributes: (isSent) => this.#endAttributes('failed', failure, isSent),
    })
    const said = failure[ATTR_EXCEPTION_MESSAGE]
    this.span.setAttribute(ATTR_ERROR_TYPE, errorType)
    if (error !== undefined) this.span.addEvent('exception', failure)
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? (typeof said === 'string' ? said : '') })
  }

  #emitEnd(record: Omit<TaskRecord, 'eventName'>): void {
    this.emit({ ...record, eventName: EVENT_TASK_END })
  }

  #endAttributes(status: TaskStatus, more: Attributes | undefined, isSent: boolean): Attributes {
    const attributes: Record<string, AnyValue> = {
      ...more,
      [ATTR_TASK_STATUS]: status,
      [ATTR_ELAPSED_MS]: Math.max(0, roundedMillis(monotonicMillis() - this.#startedMillis)),
      // The number of this very record.
      [ATTR_TASK_LAST]: this.last + 1,
      [ATTR_TASK_UNSENT]: this.unsent + (isSent ? 0 : 1),
    }
    return attributes
  }

  #endUnit({ status, error }: TaskEnd): void {
    const unit = this.#ownUnit
    if (unit === undefined) return
    const hasFailed = status === 'failed'
    endWork(this.#parts.units, unit, {
      hasFailed,
      ...(hasFailed && error !== undefined && { errorType: this.#parts.errorTypeOf(error) }),
    })
  }
}
