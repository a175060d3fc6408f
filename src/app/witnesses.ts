/**
 * Which records and spans belong to which test? Those that were made in its context, or below a span that was begun in it: so a
 * request to a server of the same process is seen whole, although the server runs in contexts of its own.
 *
 * A test within another one is seen by both. What comes after a test's end belongs to the outer one, if that still runs.
 */
import { context as contextApi, trace, type Context, type Span } from '@opentelemetry/api'

import { monotonicMillis } from '../diag/clock.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_BUFFERED } from '../model/semconv.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { SpanProcessor } from '../record/processors.ts'
import type { UserProcessors } from './user-processors.ts'
import type { Witnesses, WitnessSeat } from './witness.ts'

/** What somebody wants to see. The functions MUST NOT throw. */
export interface Witness {
  /** Lines that no level lets through are wanted from this severity up; 25: none. */
  readonly from: number
  /** @param isHeld  no level lets it through */
  log(record: LogRecord, scope: InstrumentationScope, isHeld: boolean): void
  span(span: SpanRecord, scope: InstrumentationScope): void
}

/** A test that runs. */
export interface Watch {
  /** Runs something within it. */
  run<T>(fn: () => T): T
  /** Settles when the spans begun within it have ended, at the latest after so long; never rejects. */
  settled(timeoutMillis: number): Promise<void>
  end(): void
}

export interface WitnessesOptions {
  readonly seat: WitnessSeat
  readonly processors: Pick<UserProcessors, 'add' | 'remove'>
}

/** The Context key of the innermost test. */
const WITNESS: symbol = Symbol.for('org.tracelog.witness')

export function createWitnesses({ seat, processors }: WitnessesOptions): (witness: Witness) => Watch {
  const bySpan = new Map<string, RunningWatch>()
  const running = new Set<RunningWatch>()
  const watchOf = (active: Context, spanId: string | undefined): RunningWatch | undefined =>
    RunningWatch.in(active) ?? (spanId === undefined ? undefined : bySpan.get(spanId)?.live)
  const spans = spanWatcher(bySpan, watchOf)
  const witnesses: Witnesses = {
    wants(severityNumber, active) {
      const watch = watchOf(active, trace.getSpanContext(active)?.spanId)
      return watch !== undefined && watch.lowest <= severityNumber
    },
    log: (record, scope, { active, isHeld }) => watchOf(active, record.spanId)?.log(record, scope, isHeld),
    span: (span, scope) => bySpan.get(span.spanId)?.live?.span(span, scope),
  }
  return (witness) => {
    const active = contextApi.active()
    const outer = watchOf(active, trace.getSpanContext(active)?.spanId)
    const watch = new RunningWatch(witness, outer, (ended) => {
      running.delete(ended)
      for (const spanId of ended.left()) bySpan.delete(spanId)
      if (running.size > 0) return
      seat.current = undefined
      processors.remove({ spanProcessors: [spans] })
    })
    if (running.size === 0) processors.add({ spanProcessors: [spans] })
    seat.current = witnesses
    running.add(watch)
    return watch
  }
}

class RunningWatch implements Watch {
  readonly #witness: Witness
  readonly #outer: RunningWatch | undefined
  readonly #onEnd: (watch: RunningWatch) => void
  readonly #begun = new Set<string>()
  readonly #open = new Set<string>()
  #onSettled: (() => void) | undefined
  #isOver = false

  constructor(witness: Witness, outer: RunningWatch | undefined, onEnd: (watch: RunningWatch) => void) {
    this.#witness = witness
    this.#outer = outer
    this.#onEnd = onEnd
  }

  static in(context: Context): RunningWatch | undefined {
    const found = context.getValue(WITNESS)
    return found instanceof RunningWatch ? found.live : undefined
  }

  /** This one, or the next one around it that still runs. */
  get live(): RunningWatch | undefined {
    return this.#isOver ? this.#outer?.live : this
  }

  /** The lowest severity that it or one around it wants below the level. */
  get lowest(): number {
    return Math.min(this.#witness.from, this.#outer?.live?.lowest ?? Infinity)
  }

  run<T>(fn: () => T): T {
    return contextApi.with(contextApi.active().setValue(WITNESS, this), fn)
  }

  log(record: LogRecord, scope: InstrumentationScope, isHeld: boolean): void {
    this.#outer?.live?.log(record, scope, isHeld)
    const isWanted = record.severityNumber >= this.#witness.from
    // What a dump brings has been seen when it was logged, where it was wanted then.
    if (isHeld ? isWanted : !isWanted || record.attributes[ATTR_BUFFERED] !== true) {
      this.#witness.log(record, scope, isHeld)
    }
  }

  span(span: SpanRecord, scope: InstrumentationScope): void {
    this.#outer?.live?.span(span, scope)
    this.#witness.span(span, scope)
  }

  begin(spanId: string): void {
    this.#begun.add(spanId)
    this.#open.add(spanId)
  }

  ended(spanId: string): void {
    this.#open.delete(spanId)
    if (this.#open.size === 0) this.#onSettled?.()
    this.#outer?.ended(spanId)
  }

  async settled(timeoutMillis: number): Promise<void> {
    const until = monotonicMillis() + timeoutMillis
    // What has just ended may go on in the same turn: a request below another one.
    while (this.#open.size > 0 && monotonicMillis() < until) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onSettled = resolve
      const timer = startTimer(resolve, Math.max(1, until - monotonicMillis()))
      await promise
      stopTimer(timer)
    }
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
  }

  /** Spans that are nobody's any more: those of a test within another one are the outer one's now. */
  left(): Iterable<string> {
    const outer = this.#outer?.live
    if (outer === undefined) return this.#begun
    for (const spanId of this.#begun) outer.#begun.add(spanId)
    for (const spanId of this.#open) outer.#open.add(spanId)
    return []
  }
}

type WatchOf = (active: Context, spanId: string | undefined) => RunningWatch | undefined

/** Hears spans begin and end. */
function spanWatcher(bySpan: Map<string, RunningWatch>, watchOf: WatchOf): SpanProcessor {
  return {
    onStart(span: Span, parent: Context) {
      const watch = watchOf(parent, trace.getSpanContext(parent)?.spanId)
      if (watch === undefined) return
      const { spanId } = span.spanContext()
      bySpan.set(spanId, watch)
      watch.begin(spanId)
    },
    onEnd(span) {
      const { spanId } = span.spanContext()
      bySpan.get(spanId)?.ended(spanId)
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
}
