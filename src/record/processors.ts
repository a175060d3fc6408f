/**
 * The processors that the application has given us, of one signal: who they are, and that none of them stops the others or us.
 *
 * One that throws misses the record it threw at, and is named once on stderr. They may come while the process runs.
 */
import type { Context, Span } from '@opentelemetry/api'

import { sayOnce } from '../diag/events.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import { messageOf } from '../diag/guarded.ts'
import type { ReadableSpan, ReadWriteLogRecord } from '../model/sdk-types.ts'

/** What every processor has. */
export interface Flushable {
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** The SDK's interface. */
export interface LogRecordProcessor extends Flushable {
  /** Called with each record that leaves, secrets hidden. MAY change it until it returns. */
  onEmit(record: ReadWriteLogRecord, context?: Context): void
}

/** The SDK's interface. */
export interface SpanProcessor extends Flushable {
  /** MAY set attributes. */
  onStart(span: Span, parentContext: Context): void
  /** The last moment in which the span can be changed. */
  onEnding?(span: Span): void
  /** Secrets are hidden. */
  onEnd(span: ReadableSpan): void
}

export class Processors<P extends Flushable> {
  #list: readonly P[]

  constructor(list: readonly P[] = []) {
    this.#list = list
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  add(processors: readonly P[]): void {
    this.#list = [...this.#list, ...processors]
  }

  remove(processors: readonly P[]): void {
    this.#list = this.#list.filter((one) => !processors.includes(one))
  }

  /** Calls each in the order in which they came. */
  each(call: (processor: P) => void): void {
    for (const processor of this.#list) {
      try {
        call(processor)
      } catch (error) {
        tellFailure(processor, error)
      }
    }
  }

  /** @returns whether all are done; settles within the time-out, never rejects */
  flush(timeoutMillis: number): Promise<boolean> {
    return this.#all((processor) => processor.forceFlush(), timeoutMillis)
  }

  /** Like `flush`; afterwards there are none. */
  shutdown(timeoutMillis: number): Promise<boolean> {
    const done = this.#all((processor) => processor.shutdown(), timeoutMillis)
    this.#list = []
    return done
  }

  async #all(call: (processor: P) => Promise<void>, timeoutMillis: number): Promise<boolean> {
    const done = await Promise.all(this.#list.map((processor) => within(processor, call, timeoutMillis)))
    return !done.includes(false)
  }
}

async function within<P extends Flushable>(
  processor: P,
  call: (processor: P) => Promise<void>,
  timeoutMillis: number,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = startTimer(() => resolve(false), timeoutMillis)
  try {
    return await Promise.race([late, Promise.resolve(call(processor)).then(() => true)])
  } catch (error) {
    tellFailure(processor, error)
    return false
  } finally {
    stopTimer(timer)
  }
}

function tellFailure(processor: object, error: unknown): void {
  const name = nameOf(processor)
  sayOnce(
    `processor:${name}`,
    `the processor ${name} failed: ${messageOf(error)}; what it was given goes on without it`,
  )
}

/** Its class; a plain object is what it can do. */
function nameOf(processor: object): string {
  try {
    const { name } = processor.constructor
    if (typeof name === 'string' && name !== '' && name !== 'Object') return name
  } catch {
    // Whatever it is made of.
  }
  return 'of the application'
}
