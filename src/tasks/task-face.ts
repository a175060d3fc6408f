/**
 * Tasks in the public API. In a file of its own: the public API's types lead here, and must lead to no package that is not installed
 * with us.
 */
import type { Link } from '@opentelemetry/api'

import type { Attributes } from '../model/any-value.ts'
import type { LEVEL_NAMES } from '../model/severity.ts'

export interface TaskOptions {
  /** Fill the goal, as `util.format` does; the span keeps the goal as it is. */
  readonly args?: readonly unknown[]
  /** Of its records and its span. */
  readonly attributes?: Attributes
  /** Of its start, its progress, and the end of a task that succeeds. Default `info`. */
  readonly level?: (typeof LEVEL_NAMES)[number]
  /** Of its span. Default `internal`. */
  readonly kind?: 'internal' | 'consumer' | 'producer'
  /** Of its span. */
  readonly links?: readonly Link[]
  /** No end record when it succeeds. Default false. */
  readonly isQuiet?: boolean
}

/** For another process: the text, or what carries it there (headers, attributes of a message, an environment). */
export type TaskToken = string | Uint8Array | Readonly<Record<string, CarriedText | readonly CarriedText[] | undefined>>

/** As headers are kept: Kafka's are Buffers. */
type CarriedText = string | Uint8Array

/** What is to be achieved, while it is being achieved. Nothing here throws. */
export interface Task extends Disposable, AsyncDisposable {
  /** As it was given. */
  readonly goal: string
  /** 32 zeros: nothing was started. */
  readonly traceId: string
  readonly spanId: string
  /** Runs `fn` inside of the task; does not end it. Returns and throws what `fn` does. */
  run<T>(fn: () => T): T
  /** On its later records, on those of its subtasks in this process, and on its span. */
  bind(attributes: Attributes): this
  /** How far it is: a record at most five times a second, and always one of the last value. */
  progress(done: number, total?: number, text?: string): void
  /** Ends it. @param message  of its end record; `''`: none is written */
  success(message?: string, attributes?: Attributes): void
  /** Ends it as failed; as cancelled, where the error's name is `AbortError`. */
  fail(error?: unknown, message?: string): void
  /** Ends it, as succeeded: what `using` calls. */
  end(): void
  /** For another process: what is imported there hangs below this task. `''`: nothing was started. */
  token(): string
}

/** What a task runs. */
export type InTask<T> = (task: Task) => T

/** What a task of another process is named by, and what is to be achieved here. */
export interface ImportedTask {
  readonly token: TaskToken | undefined
  readonly goal: string
}

/** What the public API forwards to. */
export interface Tasks {
  task<T>(goal: string, options: TaskOptions | undefined, fn: InTask<T>): T
  to<T>(goal: string, options: TaskOptions | undefined, fn: InTask<T>): T
  importTask<T>(imported: ImportedTask, options: TaskOptions | undefined, fn: InTask<T>): T
  startTask(goal: string, options?: TaskOptions): Task
  currentTask(): Task | undefined
  wrap<F extends (...args: never[]) => unknown>(fn: F): F
  /** Writes what progress has not been told yet. */
  settle(): void
}
