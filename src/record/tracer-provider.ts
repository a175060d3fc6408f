/**
 * How a span comes to be and where it goes: the OTel TracerProvider, with the SDK's samplers and our spans.
 *
 * Each ended span becomes one SpanRecord and goes to the SpanSink; SpanProcessors of users see it first.
 */
import {
  context as contextApi,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'

import type { AnyValue } from '../model/any-value.ts'
import { readField, readItems } from '../model/js-object.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import { createClock, type Clock } from '../diag/clock.ts'
import { withSpan } from '../context/linked-context.ts'
import { hangUnit, unitOf, unitOfSpan, unitOfSpanIn, type UnitEnds } from '../context/request-unit.ts'
import type { ReadableSpan, SdkResource } from '../model/sdk-types.ts'
import { sdkSpanOf } from '../model/sdk-span.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { ATTR_ERROR_TYPE } from '../model/semconv.ts'
import { FLAG_RANDOM, FLAG_SAMPLED } from '../model/trace-context.ts'
import { Processors, type SpanProcessor } from './processors.ts'
import { RecordingSpan, type RecordingSpanOptions, type SpanOwner } from './recording-span.ts'
import { createSampler } from './samplers.ts'
import type { SpanSink } from './sinks.ts'
import { randomSpanId, randomTraceId } from '../context/random-ids.ts'
import {
  limitedAttributes,
  nameOf,
  resolveSpanLimits,
  type ResolvedSpanLimits,
  type SpanLimits,
} from './span-limits.ts'
import { timeOfInput } from './time-input.ts'
import { UnrecordedSpan } from './unrecorded-span.ts'
import { beginWork, endWork } from './work-unit.ts'

export interface TracerProviderOptions {
  readonly sink: SpanSink
  /** The clock of the log records too. Default: one of its own. */
  readonly clock?: Clock
  /** Default `parentbased_always_on`. */
  readonly sampler?: Sampler
  readonly limits?: SpanLimits
  /** Of the user, called before the sink. Default: none. */
  readonly processors?: Processors<SpanProcessor>
  /** Is told of consumed messages, each a unit of its own. Default: nobody */
  readonly units?: UnitEnds | undefined
  /** Shown to them; read when they ask. */
  readonly resource?: SdkResource
  /** How an ended span is shown to them. Default: as it is. */
  readonly shown?: (span: SpanRecord, scope: InstrumentationScope) => ReadableSpan
}

/** A tracer that takes attributes which are known to be good: for capture/, which builds them itself. */
export interface HopTracer extends Tracer {
  /** @param attributes  owned by the span from now on; not checked, not limited */
  startHopSpan(name: string, kind: SpanKind, attributes: Record<string, AnyValue>, parent: Context): Span
  /** The span of a hop that has begun without one (untouched-span.ts), sampled. */
  resumeHopSpan(span: ResumedSpan): RecordingSpan
}

/** A span that has begun before it was an object. */
export type ResumedSpan = Omit<RecordingSpanOptions, 'attributeCount' | 'droppedAttributesCount'>

export interface TracelogTracerProvider extends TracerProvider {
  getTracer(name: string, version?: string): HopTracer
  /** Asks the user's processors; our own pipeline has its own flush. */
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** So long may processors take when the application asks through the API. Milliseconds. */
const PROCESSOR_MILLIS = 30_000

const NO_RESOURCE: SdkResource = { attributes: {} }

export function createTracerProvider(options: TracerProviderOptions): TracelogTracerProvider {
  const shared: Shared = {
    sink: options.sink,
    clock: options.clock ?? createClock(),
    sampler: options.sampler ?? createSampler(),
    limits: resolveSpanLimits(options.limits),
    processors: options.processors ?? new Processors<SpanProcessor>(),
    get resource() {
      return options.resource ?? NO_RESOURCE
    },
    units: options.units,
    shown: options.shown ?? ((span, scope) => sdkSpanOf(span, scope, options.resource ?? NO_RESOURCE)),
  }
  const tracers = new Map<string, HopTracer>()
  return {
    getTracer(name, version = '') {
      const key = `${name}@${version}`
      let tracer = tracers.get(key)
      if (tracer === undefined) tracers.set(key, (tracer = new RecordingTracer({ name, version }, shared)))
      return tracer
    },
    async forceFlush() {
      await shared.processors.flush(PROCESSOR_MILLIS)
    },
    async shutdown() {
      await shared.processors.shutdown(PROCESSOR_MILLIS)
    },
  }
}

interface Shared {
  readonly sink: SpanSink
  readonly clock: Clock
  readonly sampler: Sampler
  readonly limits: ResolvedSpanLimits
  readonly processors: Processors<SpanProcessor>
  readonly units: UnitEnds | undefined
  readonly resource: SdkResource
  readonly shown: (span: SpanRecord, scope: InstrumentationScope) => ReadableSpan
}

/** What a new span takes from its parent and from the sampler. */
interface Start {
  readonly spanContext: SpanContext
  readonly parent: SpanContext | undefined
  readonly isRecorded: boolean
  readonly sampled: Readonly<Record<string, unknown>> | undefined
}

interface NewSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Record<string, AnyValue>
  readonly links: SpanOptions['links']
}

class RecordingTracer implements HopTracer {
  readonly #shared: Shared
  readonly #owner: SpanOwner

  constructor(scope: InstrumentationScope, shared: Shared) {
    this.#shared = shared
    this.#owner = {
      scope,
      limits: shared.limits,
      get resource() {
        return shared.resource
      },
      nowUnixNano: () => shared.clock.nowUnixNano(),
      onEnding: (span) => shared.processors.each((processor) => processor.onEnding?.(span)),
      onEnd: (span) => endSpan(span, scope, shared),
    }
  }

  startHopSpan(name: string, kind: SpanKind, attributes: Record<string, AnyValue>, parent: Context): Span {
    if (isTracingSuppressed(parent)) return trace.wrapSpanContext(NO_SPAN)
    const start = this.#begin({ name, kind, attributes, links: undefined }, parent)
    if (!start.isRecorded) return withUnitOf(parent, trace.wrapSpanContext(start.spanContext))
    const span = new RecordingSpan(this.#owner, {
      name,
      kind,
      spanContext: start.spanContext,
      parent: start.parent,
      startTimeUnixNano: this.#shared.clock.nowUnixNano(),
      attributes: start.sampled === undefined ? attributes : { ...attributes, ...(start.sampled as typeof attributes) },
      attributeCount: 0,
      droppedAttributesCount: 0,
    })
    this.#notify(withUnitOf(parent, span), parent)
    return span
  }

  resumeHopSpan(span: ResumedSpan): RecordingSpan {
    return new RecordingSpan(this.#owner, { ...span, attributeCount: 0, droppedAttributesCount: 0 })
  }

  startSpan(givenName: string, options: SpanOptions = {}, active: Context = contextApi.active()): Span {
    const parent = readField(options, 'root') === true ? trace.deleteSpan(active) : active
    if (isTracingSuppressed(parent)) return trace.wrapSpanContext(NO_SPAN)
    const { attributeCount, attributeValueLength } = this.#shared.limits
    const name = nameOf(givenName)
    const kind = kindOf(readField(options, 'kind'))
    const given = limitedAttributes(readField(options, 'attributes'), attributeCount, attributeValueLength)
    const links = readItems(readField(options, 'links')) as Link[]
    const start = this.#begin({ name, kind, attributes: given.attributes, links }, parent)
    if (!start.isRecorded) return this.#unrecorded(start, { name, kind }, parent)
    const span = new RecordingSpan(this.#owner, {
      name,
      kind,
      spanContext: start.spanContext,
      parent: start.parent,
      startTimeUnixNano: timeOfInput(readField(options, 'startTime')) ?? this.#shared.clock.nowUnixNano(),
      attributes: given.attributes,
      attributeCount: Object.keys(given.attributes).length,
      droppedAttributesCount: given.dropped,
    })
    for (const [key, value] of Object.entries(start.sampled ?? {})) span.setAttribute(key, value)
    for (const link of links) span.addLink(link)
    this.#hang(span, parent)
    this.#notify(span, parent)
    return span
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest.at(-1) as F
    const options = (rest.length > 1 ? rest[0] : undefined) as SpanOptions | undefined
    const parent = (rest.length > 2 ? rest[1] : undefined) as Context | undefined
    const active = parent ?? contextApi.active()
    const span = this.startSpan(name, options, active)
    return contextApi.with(withSpan(active, span), fn as (span: Span) => ReturnType<F>, undefined, span)
  }

  #begin({ name, kind, attributes, links }: NewSpan, context: Context): Start {
    const given = trace.getSpanContext(context)
    const parent = given !== undefined && isSpanContextValid(given) ? given : undefined
    const traceId = parent?.traceId ?? randomTraceId()
    const result = this.#shared.sampler.shouldSample(context, traceId, name, kind, attributes, links ?? [])
    const isSampled = result.decision === SamplingDecision.RECORD_AND_SAMPLED
    // Level 2: the caller's random flag goes on with its trace id; an id that we make is random.
    const random = parent === undefined ? FLAG_RANDOM : parent.traceFlags & FLAG_RANDOM
    const spanContext: SpanContext = {
      traceId,
      spanId: randomSpanId(),
      traceFlags: (isSampled ? FLAG_SAMPLED : 0) | random,
    }
    const traceState = result.traceState ?? parent?.traceState
    if (traceState !== undefined) spanContext.traceState = traceState
    return {
      spanContext,
      parent,
      isRecorded: result.decision !== SamplingDecision.NOT_RECORD,
      sampled: result.attributes,
    }
  }

  #unrecorded({ spanContext }: Start, { name, kind }: Pick<NewSpan, 'name' | 'kind'>, parent: Context): Span {
    const { units } = this.#shared
    if (units === undefined || kind !== SpanKind.CONSUMER || unitOf(parent) !== undefined) {
      return withUnitOf(parent, trace.wrapSpanContext(spanContext))
    }
    const unit = beginWork(units, name, spanContext)
    const span = new UnrecordedSpan(spanContext, (hasFailed) => endWork(units, unit, { hasFailed }))
    hangUnit(span, unit)
    return span
  }

  /** A message that the application consumes by itself is a unit, unless its span stands within one. */
  #hang(span: RecordingSpan, parent: Context): void {
    const { units } = this.#shared
    if (units === undefined) return
    if (!isConsumer(span) || unitOf(parent) !== undefined) withUnitOf(parent, span)
    else hangUnit(span, beginWork(units, span.name, span.spanContext()))
  }

  #notify(span: RecordingSpan, parent: Context): void {
    this.#shared.processors.each((processor) => processor.onStart(span, parent))
  }
}

const KINDS: ReadonlySet<unknown> = new Set([0, 1, 2, 3, 4])

function kindOf(kind: unknown): SpanKind {
  return KINDS.has(kind) ? (kind as SpanKind) : SpanKind.INTERNAL
}

/** What a span is while tracing is suppressed: the exporter's own requests. */
const NO_SPAN: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }

function isConsumer({ kind }: RecordingSpan): boolean {
  return kind === (SpanKind.CONSUMER as number)
}

/** What hangs on the parent hangs on its children. */
function withUnitOf<S extends Span>(parent: Context, span: S): S {
  const unit = unitOfSpanIn(parent)
  if (unit !== undefined) hangUnit(span, unit)
  return span
}

function endUnitOf(span: RecordingSpan, units: UnitEnds): void {
  const unit = unitOfSpan(span)
  if (unit?.spanId !== span.spanContext().spanId) return
  const type = span.attributes[ATTR_ERROR_TYPE]
  endWork(units, unit, {
    hasFailed: span.status.code === SpanStatusCode.ERROR,
    errorType: typeof type === 'string' ? type : undefined,
  })
}

function endSpan(span: RecordingSpan, scope: InstrumentationScope, { units, processors, shown, sink }: Shared): void {
  if (units !== undefined && isConsumer(span)) endUnitOf(span, units)
  const record = span.toRecord()
  if (!processors.isEmpty) {
    const ended = shown(record, scope)
    processors.each((processor) => processor.onEnd(ended))
  }
  // A span that is recorded but not sampled is for processors only (the SDK's specification).
  if ((span.spanContext().traceFlags & FLAG_SAMPLED) !== 0) sink.emit(record, scope)
  span.forget()
}
