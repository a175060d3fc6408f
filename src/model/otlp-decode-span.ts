/**
 * A span in OTLP protobuf, with its events, links and status.
 */
import type { AnyValue } from './any-value.ts'
import { keyValue } from './otlp-decode-value.ts'
import { SPAN, SPAN_EVENT, SPAN_LINK, STATUS } from './otlp-schema.ts'
import type { ProtoReader } from './proto-reader.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** The inside of a Span. */
export function readSpan(reader: ProtoReader): SpanRecord {
  const attributes: Record<string, AnyValue> = {}
  const events: SpanEvent[] = []
  const links: SpanLink[] = []
  const span: Writable<SpanRecord> = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes,
    droppedAttributesCount: 0,
    events,
    droppedEventsCount: 0,
    links,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
  }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === SPAN.attributes) keyValue(reader, attributes, 0)
    else if (tag === SPAN.events) events.push(readEvent(reader))
    else if (tag === SPAN.links) links.push(readLink(reader))
    else if (tag === SPAN.status) readStatus(reader, span)
    else if (!readSpanText(reader, tag, span) && !readSpanNumber(reader, tag, span)) reader.skip(tag)
  }
  return span
}

function readSpanText(reader: ProtoReader, tag: number, span: Writable<SpanRecord>): boolean {
  switch (tag) {
    case SPAN.traceId:
      span.traceId = reader.id(16)
      return true
    case SPAN.spanId:
      span.spanId = reader.id(8)
      return true
    case SPAN.traceState:
      span.traceState = reader.text()
      return true
    case SPAN.parentSpanId:
      span.parentSpanId = reader.id(8)
      return true
    case SPAN.name:
      span.name = reader.text()
      return true
    default:
      return false
  }
}

function readSpanNumber(reader: ProtoReader, tag: number, span: Writable<SpanRecord>): boolean {
  switch (tag) {
    case SPAN.kind: {
      const kind = reader.varint()
      span.kind = kind <= 5 ? kind : 0
      return true
    }
    case SPAN.startTimeUnixNano:
      span.startTimeUnixNano = reader.fixed64()
      return true
    case SPAN.endTimeUnixNano:
      span.endTimeUnixNano = reader.fixed64()
      return true
    case SPAN.droppedAttributesCount:
      span.droppedAttributesCount = reader.varint()
      return true
    case SPAN.droppedEventsCount:
      span.droppedEventsCount = reader.varint()
      return true
    case SPAN.droppedLinksCount:
      span.droppedLinksCount = reader.varint()
      return true
    case SPAN.flags:
      span.flags = reader.fixed32()
      return true
    default:
      return false
  }
}

function readStatus(reader: ProtoReader, span: Writable<SpanRecord>): void {
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === STATUS.message) span.statusMessage = reader.text()
    else if (tag === STATUS.code) {
      const code = reader.varint()
      span.statusCode = code <= 2 ? code : 0
    } else reader.skip(tag)
  }
  reader.leave(outer)
}

function readEvent(reader: ProtoReader): SpanEvent {
  const attributes: Record<string, AnyValue> = {}
  const event: Writable<SpanEvent> = { timeUnixNano: 0n, name: '', attributes, droppedAttributesCount: 0 }
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === SPAN_EVENT.timeUnixNano) event.timeUnixNano = reader.fixed64()
    else if (tag === SPAN_EVENT.name) event.name = reader.text()
    else if (tag === SPAN_EVENT.attributes) keyValue(reader, attributes, 0)
    else if (tag === SPAN_EVENT.droppedAttributesCount) event.droppedAttributesCount = reader.varint()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return event
}

function readLink(reader: ProtoReader): SpanLink {
  const attributes: Record<string, AnyValue> = {}
  const link: Writable<SpanLink> = {
    traceId: '',
    spanId: '',
    traceState: '',
    traceFlags: 0,
    attributes,
    droppedAttributesCount: 0,
  }
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === SPAN_LINK.traceId) link.traceId = reader.id(16)
    else if (tag === SPAN_LINK.spanId) link.spanId = reader.id(8)
    else if (tag === SPAN_LINK.traceState) link.traceState = reader.text()
    else if (tag === SPAN_LINK.attributes) keyValue(reader, attributes, 0)
    else if (tag === SPAN_LINK.droppedAttributesCount) link.droppedAttributesCount = reader.varint()
    else if (tag === SPAN_LINK.flags) link.traceFlags = reader.fixed32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return link
}
