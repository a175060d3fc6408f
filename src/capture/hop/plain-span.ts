/**
 * A CLIENT span below what is active, of which nothing is an object: where most end as they were foreseen, a template writes them.
 *
 * Only where no sampler and no processor wants to see it (the sink says so), and what it stands below is sampled and has no state that
 * travels. Asked for, it becomes the span that the tracer would have started.
 */
import { isSpanContextValid, trace, type Context, type Span, type SpanContext, type SpanKind } from '@opentelemetry/api'

import { SpanIds } from '../../context/span-ids.ts'
import type { ClockAnchor } from '../../diag/clock.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { SPAN } from '../../model/otlp-schema.ts'
import type { ProtoWriter } from '../../model/proto-writer.ts'
import { writeSpanFlags, writeSpanIds } from '../../model/record-fields.ts'
import { FLAG_RANDOM, FLAG_SAMPLED } from '../../model/trace-context.ts'
import type { EncodedSink } from '../../record/encoded-sink.ts'
import { FLAG_HAS_IS_REMOTE, FLAG_IS_REMOTE, type RecordingSpan } from '../../record/recording-span.ts'
import type { HopTracer } from '../../record/tracer-provider.ts'
import { UntouchedSpan } from '../../record/untouched-span.ts'

interface Described {
  readonly name: string
  readonly kind: SpanKind
  /** Owned by the span from now on. */
  readonly attributes: Record<string, AnyValue>
}

const SPAN_ID_BYTES = 8

export class PlainSpan {
  readonly ids: SpanIds
  readonly traceFlags: number
  readonly startedMillis: number
  readonly anchor: ClockAnchor
  readonly #parent: SpanContext | undefined

  private constructor(parent: SpanContext | undefined, startedMillis: number, anchor: ClockAnchor) {
    this.ids = parent === undefined ? SpanIds.ofRoot() : SpanIds.inTrace(parent.traceId)
    // As tracer-provider.ts: the caller's random flag goes on with its trace id; an id that we make is random.
    this.traceFlags = FLAG_SAMPLED | (parent === undefined ? FLAG_RANDOM : parent.traceFlags & FLAG_RANDOM)
    this.startedMillis = startedMillis
    this.anchor = anchor
    this.#parent = parent
  }

  /** @returns `undefined`: the tracer has to be asked */
  static below(context: Context, startedMillis: number, { clock }: EncodedSink): PlainSpan | undefined {
    const active = trace.getSpan(context)
    const parent = active?.spanContext()
    if (active !== undefined && !isPlainParent(active, parent)) return undefined
    return new PlainSpan(parent, startedMillis, clock.anchorAt(startedMillis))
  }

  get spanContext(): SpanContext {
    return { traceId: this.ids.traceId, spanId: this.ids.spanId, traceFlags: this.traceFlags }
  }

  /** The span as an object, with what is known of it. */
  record(tracer: HopTracer, described: Described): RecordingSpan {
    return tracer.resumeHopSpan({
      ...described,
      spanContext: this.spanContext,
      parent: this.#parent,
      startTimeUnixNano: this.anchor.unixNano(this.startedMillis),
    })
  }

  /** All but name, kind and attributes. */
  write(writer: ProtoWriter, endedMillis: number): void {
    const parent = this.#parent
    writeSpanIds(writer, this.ids)
    if (parent !== undefined) writer.hexField(SPAN.parentSpanId, parent.spanId, SPAN_ID_BYTES)
    writer.timeField(SPAN.startTimeUnixNano, this.anchor, this.startedMillis)
    writer.timeField(SPAN.endTimeUnixNano, this.anchor, endedMillis)
    writeSpanFlags(writer, this.traceFlags | FLAG_HAS_IS_REMOTE | (parent?.isRemote === true ? FLAG_IS_REMOTE : 0))
  }
}

function isPlainParent(active: Span, parent: SpanContext | undefined): boolean {
  if (parent === undefined || (parent.traceFlags & FLAG_SAMPLED) === 0 || parent.traceState !== undefined) return false
  // Ours are valid; of others it takes two regular expressions to know.
  return active instanceof UntouchedSpan || isSpanContextValid(parent)
}
