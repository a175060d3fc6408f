/**
 * For how long does the context hold that a process was started in (TRACEPARENT and its kin)? For its first work.
 *
 * A command that was run for a request belongs to that request, to its last line. A process that was started for one and
 * serves others later does not. So the inherited context holds wherever no other was entered, until the process
 * - begins to listen: a server, also a worker of a cluster; what it wrote while it started stays where it was started;
 * - gets a message over IPC: a worker of a pool. The first message is what it was started for, and goes on in the context
 *   (also in what that message begins); later ones are of others;
 * - has outlived the process that started it: a daemon. (One that is gone before we run cannot be told from any other.)
 * From then on it holds no more, and children are not given it either. capture/first-work.ts watches for the first two.
 */
import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../diag/clock.ts'

/** Between two looks at who the parent is: each takes a microsecond. Milliseconds. */
const LOOK_MILLIS = 100

export interface InheritedContextOptions {
  /** The variables that it was read from, as `NAME=value`. Default: none. */
  readonly pairs?: readonly string[]
  /** Default `process.ppid`. */
  readonly parentPid?: () => number
  readonly nowMillis?: () => number
}

export class InheritedContext {
  readonly #pairs: readonly string[]
  readonly #parentPid: () => number
  readonly #nowMillis: () => number
  readonly #parentAtStart: number
  #context: Context
  #lookedMillis: number

  constructor(context: Context, options: InheritedContextOptions = {}) {
    const { pairs = [], parentPid = () => process.ppid, nowMillis = monotonicMillis } = options
    this.#context = context
    // What was not understood is the application's own affair.
    this.#pairs = context === ROOT_CONTEXT ? [] : pairs
    this.#parentPid = parentPid
    this.#nowMillis = nowMillis
    this.#parentAtStart = parentPid()
    // Usually nothing was inherited: then nobody asks, and no clock is loaded.
    this.#lookedMillis = context === ROOT_CONTEXT ? 0 : nowMillis()
  }

  /** The root context once the first work is over. */
  active(): Context {
    if (this.#context !== ROOT_CONTEXT && this.#isOrphan()) this.end()
    return this.#context
  }

  /** The first work is over, or begins to be only one of many. */
  end(): void {
    this.#context = ROOT_CONTEXT
  }

  /** What is not to be handed on any more: variables that still stand in this process's own environment. */
  stalePairs(): readonly string[] {
    return this.active() === ROOT_CONTEXT ? this.#pairs : []
  }

  #isOrphan(): boolean {
    const now = this.#nowMillis()
    if (now - this.#lookedMillis < LOOK_MILLIS) return false
    this.#lookedMillis = now
    return this.#parentPid() !== this.#parentAtStart
  }
}
