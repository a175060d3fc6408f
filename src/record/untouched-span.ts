/**
 * A span that nobody has written to yet: its owner knows all that it says, and writes it down itself when it ends.
 *
 * Most SERVER spans stay so. The first call that would change it, or that reads more than its ids, makes the real one.
 */
import type { Attributes, Exception, Link, Span, SpanContext, SpanStatus, TimeInput } from '@opentelemetry/api'

import { safely } from '../diag/guarded.ts'
import type { RecordingSpan } from './recording-span.ts'

/** Whose span it is. */
export interface SpanOrigin {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly hasEnded: boolean
  /** The span with all that is known of it so far; ended where it has ended. Asked once. */
  record(): RecordingSpan
}

export class UntouchedSpan implements Span {
  readonly #origin: SpanOrigin
  #context: SpanContext | undefined
  #real: RecordingSpan | undefined

  constructor(origin: SpanOrigin) {
    this.#origin = origin
  }

  /** The span that the application has touched. */
  get touched(): RecordingSpan | undefined {
    return this.#real
  }

  /** The span as an object, from now on. */
  touch(): RecordingSpan {
    return (this.#real ??= this.#origin.record())
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags } = this.#origin
    return (this.#context ??= { traceId, spanId, traceFlags })
  }

  isRecording(): boolean {
    return this.#real === undefined ? !this.#origin.hasEnded : this.#real.isRecording()
  }

  setAttribute(key: string, value: unknown): this {
    this.touch().setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.touch().setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.touch().addEvent(name, attributesOrTime, time)
    return this
  }

  addLink(link: Link): this {
    this.touch().addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.touch().addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.touch().setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.touch().updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.touch().recordException(exception, time)
  }

  end(endTime?: TimeInput): void {
    this.touch().end(endTime)
  }
}

/** What else can be read of our spans: the SDK's ReadableSpan, which libraries look into. */
const READABLE = [
  'name',
  'kind',
  'parentSpanContext',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'ended',
  'status',
  'attributes',
  'droppedAttributesCount',
  'droppedEventsCount',
  'droppedLinksCount',
  'startTime',
  'endTime',
  'duration',
  'instrumentationScope',
  'resource',
  'events',
  'links',
] as const satisfies readonly (keyof RecordingSpan)[]

for (const key of READABLE) {
  Object.defineProperty(UntouchedSpan.prototype, key, {
    configurable: true,
    get(this: UntouchedSpan) {
      return safely('a span', () => this.touch()[key])
    },
  })
}
