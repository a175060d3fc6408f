/**
 * A span in OTLP protobuf, with its events, links and status.
 */
import type { AnyValue } from './any-value.ts'
import { keyValue } from './otlp-decode-value.ts'
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
    if (tag === 0x4a) keyValue(reader, attributes, 0)
    else if (tag === 0x5a) events.push(readEvent(reader))
    else if (tag === 0x6a) links.push(readLink(reader))
    else if (tag === 0x7a) readStatus(reader, span)
    else if (!readSpanText(reader, tag, span) && !readSpanNumber(reader, tag, span)) reader.skip(tag & 7)
  }
  return span
}

function readSpanText(reader: ProtoReader, tag: number, span: Writable<SpanRecord>): boolean {
  switch (tag) {
    case 0x0a:
      span.traceId = reader.id(16)
      return true
    case 0x12:
      span.spanId = reader.id(8)
      return true
    case 0x1a:
      span.traceState = reader.text()
      return true
    case 0x22:
      span.parentSpanId = reader.id(8)
      return true
    case 0x2a:
      span.name = reader.text()
      return true
    default:
      return false
  }
}

function readSpanNumber(reader: ProtoReader, tag: number, span: Writable<SpanRecord>): boolean {
  switch (tag) {
    case 0x30: {
      const kind = reader.varint()
      span.kind = kind <= 5 ? kind : 0
      return true
    }
    case 0x39:
      span.startTimeUnixNano = reader.fixed64()
      return true
    case 0x41:
      span.endTimeUnixNano = reader.fixed64()
      return true
    case 0x50:
      span.droppedAttributesCount = reader.varint()
      return true
    case 0x60:
      span.droppedEventsCount = reader.varint()
      return true
    case 0x70:
      span.droppedLinksCount = reader.varint()
      return true
    case 0x85:
      span.flags = reader.fixed32()
      return true
    default:
      return false
  }
}

function readStatus(reader: ProtoReader, span: Writable<SpanRecord>): void {
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12) span.statusMessage = reader.text()
    else if (tag === 0x18) {
      const code = reader.varint()
      span.statusCode = code <= 2 ? code : 0
    } else reader.skip(tag & 7)
  }
  reader.leave(outer)
}

function readEvent(reader: ProtoReader): SpanEvent {
  const attributes: Record<string, AnyValue> = {}
  const event: Writable<SpanEvent> = { timeUnixNano: 0n, name: '', attributes, droppedAttributesCount: 0 }
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) event.timeUnixNano = reader.fixed64()
    else if (tag === 0x12) event.name = reader.text()
    else if (tag === 0x1a) keyValue(reader, attributes, 0)
    else if (tag === 0x20) event.droppedAttributesCount = reader.varint()
    else reader.skip(tag & 7)
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
    if (tag === 0x0a) link.traceId = reader.id(16)
    else if (tag === 0x12) link.spanId = reader.id(8)
    else if (tag === 0x1a) link.traceState = reader.text()
    else if (tag === 0x22) keyValue(reader, attributes, 0)
    else if (tag === 0x28) link.droppedAttributesCount = reader.varint()
    else if (tag === 0x35) link.traceFlags = reader.fixed32()
    else reader.skip(tag & 7)
  }
  reader.leave(outer)
  return link
}
