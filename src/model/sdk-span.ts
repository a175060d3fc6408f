/**
 * A span that has ended as OpenTelemetry's SDK shows it to processors and exporters.
 */
import type { InstrumentationScope } from './log-record.ts'
import type { ReadableSpan, SdkResource, SdkSpanContext, SdkTraceState } from './sdk-types.ts'
import type { SpanRecord } from './span-record.ts'
import { hrTimeOf } from './time.ts'

/** OTLP's bits: whether it is known that the parent is remote, and whether it is. */
const FLAG_IS_REMOTE = 0x200
const TRACE_FLAGS = 0xff

/** @param resource  the same object for all spans of a resource: exporters group by it */
export function sdkSpanOf(span: SpanRecord, scope: InstrumentationScope, resource: SdkResource): ReadableSpan {
  const { traceId, parentSpanId, traceState, flags, statusCode: code, statusMessage: message } = span
  const own = contextOf({ traceId, spanId: span.spanId, traceFlags: flags, traceState })
  return {
    name: span.name,
    kind: Math.max(0, span.kind - 1),
    spanContext: () => own,
    parentSpanContext:
      parentSpanId === ''
        ? undefined
        : { traceId, spanId: parentSpanId, traceFlags: own.traceFlags, isRemote: (flags & FLAG_IS_REMOTE) !== 0 },
    startTime: hrTimeOf(span.startTimeUnixNano),
    endTime: hrTimeOf(span.endTimeUnixNano),
    duration: hrTimeOf(span.endTimeUnixNano - span.startTimeUnixNano),
    ended: true,
    status: message === '' ? { code } : { code, message },
    attributes: { ...span.attributes },
    events: span.events.map(({ timeUnixNano, name, attributes, droppedAttributesCount }) => ({
      time: hrTimeOf(timeUnixNano),
      name,
      attributes: { ...attributes },
      droppedAttributesCount,
    })),
    links: span.links.map(({ attributes, droppedAttributesCount, ...link }) => ({
      context: { ...contextOf(link), isRemote: (link.traceFlags & FLAG_IS_REMOTE) !== 0 },
      attributes: { ...attributes },
      droppedAttributesCount,
    })),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  }
}

interface Target {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly traceState: string
}

function contextOf({ traceId, spanId, traceFlags, traceState }: Target): SdkSpanContext {
  const ids = { traceId, spanId, traceFlags: traceFlags & TRACE_FLAGS }
  return traceState === '' ? ids : { ...ids, traceState: stateOf(traceState.split(',')) }
}

/** A tracestate of members that were checked when they came. */
function stateOf(members: readonly string[]): SdkTraceState {
  const others = (key: string) => members.filter((member) => !member.trimStart().startsWith(`${key}=`))
  return {
    get: (key) => members.find((member) => member.trimStart().startsWith(`${key}=`))?.split('=', 2)[1],
    set: (key, value) => stateOf([`${key}=${value}`, ...others(key)]),
    unset: (key) => stateOf(others(key)),
    serialize: () => members.join(','),
  }
}
