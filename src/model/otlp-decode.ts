/**
 * What does an OTLP request in protobuf hold? Bytes from anyone to records.
 *
 * Unknown fields and fields of an unexpected wire type are skipped, as protobuf wants; everything malformed throws
 * OtlpDecodeError and nothing else. JSON is read by otlp-json-decode.ts.
 */
import type { AnyValue } from './any-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import {
  NO_RESOURCE,
  NO_SCOPE,
  type ResourceLogs,
  type ResourceSpans,
  type ScopeLogs,
  type ScopeSpans,
} from './otlp-data.ts'
import { readSpan } from './otlp-decode-span.ts'
import { embeddedValue, keyValue, onlyAttributes } from './otlp-decode-value.ts'
import { ProtoReader } from './proto-reader.ts'
import type { SpanRecord } from './span-record.ts'

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/**
 * Reads an ExportLogsServiceRequest.
 *
 * @throws OtlpDecodeError when the bytes are not one
 */
export function decodeLogsRequest(bytes: Uint8Array): ResourceLogs[] {
  return request(bytes, readLog).map(({ resource, scopes }) => ({
    resource,
    scopes: scopes.map(({ scope, items }): ScopeLogs => ({ scope, records: items })),
  }))
}

/**
 * Reads an ExportTraceServiceRequest.
 *
 * @throws OtlpDecodeError when the bytes are not one
 */
export function decodeTracesRequest(bytes: Uint8Array): ResourceSpans[] {
  return request(bytes, readSpan).map(({ resource, scopes }) => ({
    resource,
    scopes: scopes.map(({ scope, items }): ScopeSpans => ({ scope, spans: items })),
  }))
}

/**
 * Reads the records of one chunk of otlp-encode.ts: `0x12 length record` back to back.
 *
 * @throws OtlpDecodeError
 */
export function decodeLogRecords(chunk: Uint8Array): LogRecord[] {
  return scopeItems(new ProtoReader(chunk), readLog).items
}

/** Like `decodeLogRecords`, for spans. */
export function decodeSpans(chunk: Uint8Array): SpanRecord[] {
  return scopeItems(new ProtoReader(chunk), readSpan).items
}

interface ScopeItems<Item> {
  scope: InstrumentationScope
  readonly items: Item[]
}
interface ResourceItems<Item> {
  resource: Resource
  readonly scopes: ScopeItems<Item>[]
}

/** The shape that both signals share; `1: ResourceX { 1: resource, 2: ScopeX { 1: scope, 2: item } }`. */
function request<Item>(bytes: Uint8Array, readItem: (reader: ProtoReader) => Item): ResourceItems<Item>[] {
  const reader = new ProtoReader(bytes)
  const resources: ResourceItems<Item>[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) {
      const outer = reader.enter()
      resources.push(resourceItems(reader, readItem))
      reader.leave(outer)
    } else reader.skip(tag & 7)
  }
  return resources
}

function resourceItems<Item>(reader: ProtoReader, readItem: (reader: ProtoReader) => Item): ResourceItems<Item> {
  const found: ResourceItems<Item> = { resource: NO_RESOURCE, scopes: [] }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a && tag !== 0x12) {
      reader.skip(tag & 7)
      continue
    }
    const outer = reader.enter()
    if (tag === 0x0a) found.resource = { attributes: onlyAttributes(reader, 0x0a) }
    else found.scopes.push(scopeItems(reader, readItem))
    reader.leave(outer)
  }
  return found
}

function scopeItems<Item>(reader: ProtoReader, readItem: (reader: ProtoReader) => Item): ScopeItems<Item> {
  const found: ScopeItems<Item> = { scope: NO_SCOPE, items: [] }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a && tag !== 0x12) {
      reader.skip(tag & 7)
      continue
    }
    const outer = reader.enter()
    if (tag === 0x0a) found.scope = readScope(reader)
    else found.items.push(readItem(reader))
    reader.leave(outer)
  }
  return found
}

function readScope(reader: ProtoReader): InstrumentationScope {
  let name = ''
  let version = ''
  const attributes: Record<string, AnyValue> = {}
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) name = reader.text()
    else if (tag === 0x12) version = reader.text()
    else if (tag === 0x1a) keyValue(reader, attributes, 0)
    else reader.skip(tag & 7)
  }
  return Object.keys(attributes).length === 0 ? { name, version } : { name, version, attributes }
}

function readLog(reader: ProtoReader): LogRecord {
  const attributes: Record<string, AnyValue> = {}
  const record: Writable<LogRecord> = {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body: undefined,
    attributes,
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) readLogField(reader, tag, record, attributes)
  return record
}

function readLogField(
  reader: ProtoReader,
  tag: number,
  record: Writable<LogRecord>,
  attributes: Record<string, AnyValue>,
): void {
  switch (tag) {
    case 0x09:
      record.timeUnixNano = reader.fixed64()
      return
    case 0x10:
      record.severityNumber = severity(reader.varint())
      return
    case 0x1a:
      record.severityText = reader.text()
      return
    case 0x2a:
      record.body = embeddedValue(reader, 0)
      return
    case 0x32:
      keyValue(reader, attributes, 0)
      return
    case 0x38:
      record.droppedAttributesCount = reader.varint()
      return
    case 0x45:
      record.traceFlags = reader.fixed32() & 0xff
      return
    case 0x4a:
      record.traceId = reader.id(16)
      return
    case 0x52:
      record.spanId = reader.id(8)
      return
    case 0x59:
      record.observedTimeUnixNano = reader.fixed64()
      return
    case 0x62:
      record.eventName = reader.text()
      return
    default:
      reader.skip(tag & 7)
  }
}

/** A number that is no SeverityNumber is none at all. */
function severity(number: number): number {
  return number <= 24 ? number : 0
}
