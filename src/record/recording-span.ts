/**
 * A span while it is written: the API's Span, which becomes one SpanRecord when it ends.
 *
 * Own, and not the SDK's: one clock with the log records (nanoseconds, not Date.now()), level 2 flags, and a quarter of the
 * cost (test/bench/span-cost.bench.ts). It also reads like the SDK's Span, for SpanProcessors of users.
 */
import {
  SpanStatusCode,
  type Attributes as ApiAttributes,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanStatus,
  type TimeInput,
  type TraceState,
} from '@opentelemetry/api'

import { safely } from '../diag/guarded.ts'
import type { AnyValue } from '../model/any-value.ts'
import { readField, readItems } from '../model/js-object.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import type { SdkResource } from '../model/sdk-types.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../model/span-record.ts'
import { hrTimeOf } from '../model/time.ts'
import { thrownAttributes } from './exception.ts'
import { attributeValue, entriesOf, limitedAttributes, nameOf, type ResolvedSpanLimits } from './span-limits.ts'
import { timeOfInput } from './time-input.ts'

/** What a span needs from its tracer. */
export interface SpanOwner {
  readonly scope: InstrumentationScope
  readonly limits: ResolvedSpanLimits
  /** Given to processors of users. */
  readonly resource: SdkResource
  nowUnixNano(): bigint
  /** It has its end, and can still be changed. */
  onEnding(span: RecordingSpan): void
  onEnd(span: RecordingSpan): void
}

export interface RecordingSpanOptions {
  readonly name: string
  /** The API's number: 0 INTERNAL to 4 CONSUMER. */
  readonly kind: number
  readonly spanContext: SpanContext
  readonly parent: SpanContext | undefined
  readonly startTimeUnixNano: bigint
  /** Owned by the span from now on. */
  readonly attributes: Record<string, AnyValue>
  readonly attributeCount: number
  readonly droppedAttributesCount: number
}

/** OTLP, of spans and links: "whether it is known that the parent (the linked span) is remote", and whether it is. */
export const FLAG_HAS_IS_REMOTE = 0x100
export const FLAG_IS_REMOTE = 0x200
const TRACE_FLAGS = 0xff

const NO_ATTRIBUTES: Readonly<Record<string, AnyValue>> = Object.freeze({})

export class RecordingSpan implements Span {
  name: string
  readonly kind: number
  readonly parentSpanContext: SpanContext | undefined
  readonly startTimeUnixNano: bigint
  endTimeUnixNano = 0n
  ended = false
  status: SpanStatus = { code: SpanStatusCode.UNSET }
  attributes: Readonly<Record<string, AnyValue>>
  droppedAttributesCount: number
  droppedEventsCount = 0
  droppedLinksCount = 0
  readonly #owner: SpanOwner
  readonly #context: SpanContext
  #events: SpanEvent[] = []
  #links: SpanLink[] = []
  #attributeCount: number

  constructor(owner: SpanOwner, options: RecordingSpanOptions) {
    this.#owner = owner
    this.#context = options.spanContext
    this.name = options.name
    this.kind = options.kind
    this.parentSpanContext = options.parent
    this.startTimeUnixNano = options.startTimeUnixNano
    this.attributes = options.attributes
    this.#attributeCount = options.attributeCount
    this.droppedAttributesCount = options.droppedAttributesCount
  }

  spanContext(): SpanContext {
    return this.#context
  }

  isRecording(): boolean {
    return !this.ended
  }

  setAttribute(key: string, value: unknown): this {
    if (this.ended || typeof key !== 'string' || key === '') return this
    const { attributeCount, attributeValueLength } = this.#owner.limits
    const known = attributeValue(value, attributeValueLength)
    if (known === undefined) return this
    if (!(key in this.attributes)) {
      if (this.#attributeCount >= attributeCount) {
        this.droppedAttributesCount += 1
        return this
      }
      this.#attributeCount += 1
    }
    ;(this.attributes as Record<string, AnyValue>)[key] = known
    return this
  }

  setAttributes(attributes: ApiAttributes): this {
    for (const [key, value] of entriesOf(attributes)) this.setAttribute(key, value)
    return this
  }

  addEvent(name: string, attributesOrTime?: ApiAttributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this
    const isTime = isTimeInput(attributesOrTime)
    const at = time ?? (isTime ? attributesOrTime : undefined)
    const { eventCount, attributePerEventCount, attributeValueLength } = this.#owner.limits
    const { attributes, dropped } = limitedAttributes(
      isTime ? undefined : attributesOrTime,
      attributePerEventCount,
      attributeValueLength,
    )
    const timeUnixNano = this.#timeOf(at)
    this.#events.push({ timeUnixNano, name: nameOf(name), attributes, droppedAttributesCount: dropped })
    this.droppedEventsCount += dropOldest(this.#events, eventCount)
    return this
  }

  addLink(link: Link): this {
    if (this.ended) return this
    const target = linkTargetOf(link)
    if (target === undefined) return this
    const { linkCount, attributePerLinkCount, attributeValueLength } = this.#owner.limits
    const { attributes, dropped } = limitedAttributes(
      readField(link, 'attributes'),
      attributePerLinkCount,
      attributeValueLength,
    )
    const before = readField(link, 'droppedAttributesCount')
    const droppedAttributesCount = dropped + (typeof before === 'number' ? before : 0)
    this.#links.push({ ...target, attributes, droppedAttributesCount })
    this.droppedLinksCount += dropOldest(this.#links, linkCount)
    return this
  }

  addLinks(links: Link[]): this {
    for (const link of readItems(links)) this.addLink(link as Link)
    return this
  }

  setStatus(status: SpanStatus): this {
    // OK is final, and nothing goes back to unset (the API's specification).
    if (this.ended || this.status.code === SpanStatusCode.OK) return this
    const code = readField(status, 'code')
    const message = readField(status, 'message')
    if (code === SpanStatusCode.OK) this.status = { code }
    if (code === SpanStatusCode.ERROR) this.status = typeof message === 'string' ? { code, message } : { code }
    return this
  }

  updateName(name: string): this {
    if (!this.ended) this.name = nameOf(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.addEvent('exception', thrownAttributes(exception), time)
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return
    const end = this.#timeOf(endTime)
    this.endTimeUnixNano = end < this.startTimeUnixNano ? this.startTimeUnixNano : end
    this.#owner.onEnding(this)
    this.ended = true
    this.#owner.onEnd(this)
  }

  /**
   * Called when it has been encoded and nobody else reads it: what it says is not kept. Contexts keep the span itself, for as
   * long as a socket or a timer of its request lives.
   */
  forget(): void {
    this.attributes = NO_ATTRIBUTES
    this.#events = []
    this.#links = []
  }

  toRecord(): SpanRecord {
    const { traceId, spanId, traceState, traceFlags } = this.#context
    return {
      traceId,
      spanId,
      parentSpanId: this.parentSpanContext?.spanId ?? '',
      traceState: traceState?.serialize() ?? '',
      flags: traceFlags | remoteFlags(this.parentSpanContext?.isRemote),
      name: this.name,
      kind: this.kind + 1,
      startTimeUnixNano: this.startTimeUnixNano,
      endTimeUnixNano: this.endTimeUnixNano,
      attributes: this.attributes,
      droppedAttributesCount: this.droppedAttributesCount,
      events: this.#events,
      droppedEventsCount: this.droppedEventsCount,
      links: this.#links,
      droppedLinksCount: this.droppedLinksCount,
      statusCode: this.status.code,
      statusMessage: this.status.message ?? '',
    }
  }

  // -- the rest of the SDK's ReadableSpan --

  get startTime(): HrTime {
    return hrTimeOf(this.startTimeUnixNano)
  }
  get endTime(): HrTime {
    return hrTimeOf(this.endTimeUnixNano)
  }
  get duration(): HrTime {
    return hrTimeOf(this.ended ? this.endTimeUnixNano - this.startTimeUnixNano : -1n)
  }
  get instrumentationScope(): InstrumentationScope {
    return this.#owner.scope
  }
  get resource(): SdkResource {
    return this.#owner.resource
  }
  get events(): { name: string; time: HrTime; attributes: ApiAttributes; droppedAttributesCount: number }[] {
    return this.#events.map(({ name, timeUnixNano, attributes, droppedAttributesCount }) => ({
      name,
      time: hrTimeOf(timeUnixNano),
      attributes: attributes as ApiAttributes,
      droppedAttributesCount,
    }))
  }
  get links(): Link[] {
    return this.#links.map(({ traceId, spanId, traceFlags, attributes, droppedAttributesCount }) => ({
      context: { traceId, spanId, traceFlags: traceFlags & TRACE_FLAGS, isRemote: (traceFlags & FLAG_IS_REMOTE) !== 0 },
      attributes: attributes as ApiAttributes,
      droppedAttributesCount,
    }))
  }

  #timeOf(time: unknown): bigint {
    return timeOfInput(time) ?? this.#owner.nowUnixNano()
  }
}

function isTimeInput(value: unknown): value is TimeInput {
  try {
    return typeof value === 'number' || Array.isArray(value) || value instanceof Date
  } catch {
    // A Proxy that throws.
    return false
  }
}

/** Where a link leads; `undefined` for what is no link. */
function linkTargetOf(link: unknown): Pick<SpanLink, 'traceId' | 'spanId' | 'traceState' | 'traceFlags'> | undefined {
  const context = readField(link, 'context')
  const traceId = readField(context, 'traceId')
  const spanId = readField(context, 'spanId')
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined
  const flags = readField(context, 'traceFlags')
  const traceFlags = (typeof flags === 'number' ? flags : 0) | remoteFlags(readField(context, 'isRemote'))
  return { traceId, spanId, traceFlags, traceState: stateOf(context) }
}

function remoteFlags(isRemote: unknown): number {
  return FLAG_HAS_IS_REMOTE | (isRemote === true ? FLAG_IS_REMOTE : 0)
}

function stateOf(context: unknown): string {
  const text = safely('a tracestate', () => (readField(context, 'traceState') as TraceState | undefined)?.serialize())
  return typeof text === 'string' ? text : ''
}

/** @returns how many were dropped */
function dropOldest(items: unknown[], maxCount: number): number {
  const surplus = items.length - maxCount
  if (surplus <= 0) return 0
  items.splice(0, surplus)
  return surplus
}
