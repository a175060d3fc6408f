/**
 * The public API: a facade that finds the running engine, and loads one only in `start`.
 *
 * Everything is safe to call when nothing was started: then it does nothing and costs one look. A test keeps the list of names.
 */
import { createRequire } from 'node:module'

import type { StartOptions } from './app/start-options.ts'
import type { Recorder } from './app/recorder-face.ts'
import type { RequestHandler, ReturnHandlerOptions } from './app/return-face.ts'
import type { LevelName, Tracelog, TracelogStats } from './app/tracelog.ts'
import type { CachedOptions, CacheOp } from './capture/cache/cached-options.ts'
import type { CurrentRequest } from './context/current-request.ts'
import type { FlushOptions, FlushResult } from './export/pipeline-options.ts'
import { emptyStats } from './export/pipeline-stats.ts'
import type { Attributes } from './model/any-value.ts'
import { emptyRecorderStats } from './model/recorder-stats.ts'
import { decorateWith, type GoalDecorator } from './tasks/goal.ts'
import { NoTask } from './tasks/no-task.ts'
import type { InTask, Task, TaskOptions, Tasks, TaskToken } from './tasks/task-face.ts'

export type { ExporterName, GivenObjects, StartOptions } from './app/start-options.ts'
export type { Recorder } from './app/recorder-face.ts'
export type { RequestHandler, ReturnAuthorization, ReturnHandlerOptions, ReturnScope } from './app/return-face.ts'
export type { ReturnStats } from './app/return-stats.ts'
export type { LevelName, Tracelog, TracelogStats } from './app/tracelog.ts'
export type { CachedOptions, CacheOp } from './capture/cache/cached-options.ts'
export type { CurrentRequest } from './context/current-request.ts'
export { TracelogError, type ErrorCode } from './diag/errors.ts'
export type { FlushOptions, FlushResult } from './export/pipeline-options.ts'
export type { DropReason } from './export/lane-counts.ts'
export type { LaneStats, PipelineStats, SignalStats } from './export/pipeline-stats.ts'
export type { AnyValue, Attributes } from './model/any-value.ts'
export type { DumpReason, RecorderStats } from './model/recorder-stats.ts'
export type { ReadableSpan, ReadWriteLogRecord, SdkExporter } from './model/sdk-types.ts'
export type { LogRecordProcessor, SpanProcessor } from './record/processors.ts'
export type { GoalDecorator } from './tasks/goal.ts'
export type { InTask, Task, TaskOptions, TaskToken } from './tasks/task-face.ts'

/** What of the engine the facade needs. */
interface RunningEngine extends Tracelog {
  requestFields(fields: Attributes): void
  currentRequest(): CurrentRequest | undefined
  readonly recorder: Recorder
  readonly tasks: Tasks
  tellCaller(message: string, attributes?: Attributes): void
  returnHandler(options: ReturnHandlerOptions | undefined): RequestHandler | undefined
  cached<T>(name: string, op: CacheOp, read: () => T | Promise<T>, options?: CachedOptions<T>): Promise<T>
  instrumentCache(instance: object, name: string): () => void
}

const ENGINE = Symbol.for('org.tracelog.v1')

function running(): RunningEngine | undefined {
  return (globalThis as { [ENGINE]?: RunningEngine })[ENGINE]
}

/**
 * Starts what the preload starts, in this process. When it runs already, after the preload or a first call, the settings are those of
 * the running instance, which is returned and takes the processors.
 *
 * @throws TRACELOG_CONFIG_INVALID on a wrong setting, in the options or in the environment
 */
export function start(options: StartOptions = {}): Tracelog {
  const bundle = createRequire(import.meta.url)('./engine.cjs') as { start(options: StartOptions): Tracelog }
  return bundle.start(options)
}

/** Settles within `timeoutMillis` (default 5000) + 250, when all that was accepted before is answered for. Never rejects. */
export function flush(options?: FlushOptions): Promise<FlushResult> {
  return running()?.flush(options) ?? Promise.resolve({ isComplete: true, queued: 0 })
}

/** Flushes; then nothing is captured any more. Never rejects. */
export function shutdown(options?: FlushOptions): Promise<FlushResult> {
  return running()?.shutdown(options) ?? Promise.resolve({ isComplete: true, queued: 0 })
}

/** What became of every record so far; all zero when nothing was started. */
export function stats(): TracelogStats {
  return running()?.stats() ?? emptyStats()
}

/**
 * From now on records are exported from this level up: of one scope (name prefix up to `.`, `:` or `/`), or of all.
 *
 * @throws TRACELOG_CONFIG_INVALID for a level that there is not
 */
export function setLevel(level: LevelName | 'off', scope?: string): void {
  running()?.setLevel(level, scope)
}

/** Fields that every later record of the current request carries, its completion record too. Outside a request: ignored. */
export function requestFields(fields: Attributes): void {
  running()?.requestFields(fields)
}

/** The current request, or `undefined` outside of one. */
export function currentRequest(): CurrentRequest | undefined {
  return running()?.currentRequest()
}

/** Does nothing when nothing was started; `unit` calls `fn`. */
export const recorder: Recorder = {
  unit(name, fn) {
    const engine = running()
    return engine === undefined ? fn() : engine.recorder.unit(name, fn)
  },
  dump: (reason) => running()?.recorder.dump(reason),
  discard: () => running()?.recorder.discard(),
  stats: () => running()?.recorder.stats() ?? emptyRecorderStats(),
}

/** A look-up in a cache that tracelog does not know: one hop with hit or miss. Returns and throws what `read` does. */
export async function cached<T>(
  name: string,
  op: CacheOp,
  read: () => T | Promise<T>,
  options?: CachedOptions<T>,
): Promise<T> {
  const engine = running()
  return engine === undefined ? read() : engine.cached(name, op, read, options)
}

/**
 * Hears the look-ups of a cache that tracelog cannot find by itself: an instance of keyv, cacheable, cache-manager, lru-cache, node-cache,
 * or one of the application's own with `get` and the like. What its methods return and throw is unchanged.
 *
 * @param name  what its look-ups are called
 * @returns undoes it. Calling either twice is harmless; when nothing was started, it does nothing
 */
export function instrumentCache(instance: object, name: string): () => void {
  return running()?.instrumentCache(instance, name) ?? (() => {})
}

/**
 * A goal of its own: a root of the tree of tasks around `fn`, with which it ends. Within a request its lines belong to the request's.
 * Returns and throws what `fn` does.
 */
export function task<T>(text: string, fn: InTask<T>): T
export function task<T>(text: string, options: TaskOptions, fn: InTask<T>): T
export function task<T>(text: string, ...given: GivenTask<T>): T {
  const engine = running()
  return engine === undefined ? fnOf(given)(new NoTask(text)) : engine.tasks.task(text, optionsOf(given), fnOf(given))
}

/** A subgoal of the current task, else of the current request; outside of both a root that says so. */
export function to<T>(text: string, fn: InTask<T>): T
export function to<T>(text: string, options: TaskOptions, fn: InTask<T>): T
export function to<T>(text: string, ...given: GivenTask<T>): T {
  const engine = running()
  return engine === undefined ? fnOf(given)(new NoTask(text)) : engine.tasks.to(text, optionsOf(given), fnOf(given))
}

/**
 * A task that hangs below one of another process or thread, by its token (`task.token()`): the text, or what carried it. Without a token
 * a root; with one that is none, a root that says so.
 */
export function importTask<T>(token: TaskToken | undefined, text: string, fn: InTask<T>): T
export function importTask<T>(token: TaskToken | undefined, text: string, options: TaskOptions, fn: InTask<T>): T
export function importTask<T>(token: TaskToken | undefined, text: string, ...given: GivenTask<T>): T {
  const engine = running()
  if (engine === undefined) return fnOf(given)(new NoTask(text))
  return engine.tasks.importTask({ token, goal: text }, optionsOf(given), fnOf(given))
}

/** An INFO record that whoever made the call may see, where lines are returned to callers. */
export function tellCaller(message: string, attributes?: Attributes): void {
  running()?.tellCaller(message, attributes)
}

/**
 * Where callers open and read streams of the lines of their own calls; the application mounts it: `app.use('/.tracelog/v1', returnHandler({authorize}))`.
 *
 * For express, connect and node:http. Where TRACELOG_RETURN is not on, and for who may not, it answers as if it were not there.
 */
export function returnHandler(options?: ReturnHandlerOptions): RequestHandler {
  let made = running()?.returnHandler(options)
  return (request, response, next) => {
    // It may have been made before the start.
    made ??= running()?.returnHandler(options)
    if (made !== undefined) return made(request, response, next)
    if (next !== undefined) return next()
    response.statusCode = 404
    response.end()
  }
}

type GivenTask<T> = readonly [fn: InTask<T>] | readonly [options: TaskOptions, fn: InTask<T>]

function fnOf<T>(given: GivenTask<T>): InTask<T> {
  return given.length > 1 ? (given[1] as InTask<T>) : (given[0] as InTask<T>)
}

function optionsOf(given: GivenTask<unknown>): TaskOptions | undefined {
  return given.length > 1 ? (given[0] as TaskOptions) : undefined
}

/** A task by hand, below the current one: `using task = startTask('reserve')`, or `task.run(fn)` and `task.end()`. */
export function startTask(text: string, options?: TaskOptions): Task {
  return running()?.tasks.startTask(text, options) ?? new NoTask(text)
}

/** The innermost task that this code runs in, or `undefined`. */
export function currentTask(): Task | undefined {
  return running()?.tasks.currentTask()
}

/** The same function, for a later call: it runs in the task, request and trace of now. */
export function wrap<F extends (...args: never[]) => unknown>(fn: F): F {
  return running()?.tasks.wrap(fn) ?? fn
}

/** On a method: a subtask around each call. For standard decorators and TypeScript's older ones. */
export function goal(text: string, options: TaskOptions = {}): GoalDecorator {
  return decorateWith((run) => to(text, options, run))
}
