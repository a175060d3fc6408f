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
import { LOG_RECORD, REQUEST, RESOURCE, RESOURCE_ITEMS, SCOPE, SCOPE_ITEMS } from './otlp-schema.ts'
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
 * Reads the records of one chunk of otlp-encode.ts: as they stand in a ScopeLogs, back to back.
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

/** The shape that both signals share. */
function request<Item>(bytes: Uint8Array, readItem: (reader: ProtoReader) => Item): ResourceItems<Item>[] {
  const reader = new ProtoReader(bytes)
  const resources: ResourceItems<Item>[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === REQUEST.resources) {
      const outer = reader.enter()
      resources.push(resourceItems(reader, readItem))
      reader.leave(outer)
    } else reader.skip(tag)
  }
  return resources
}

function resourceItems<Item>(reader: ProtoReader, readItem: (reader: ProtoReader) => Item): ResourceItems<Item> {
  const found: ResourceItems<Item> = { resource: NO_RESOURCE, scopes: [] }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== RESOURCE_ITEMS.resource && tag !== RESOURCE_ITEMS.scopes) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    if (tag === RESOURCE_ITEMS.resource) found.resource = { attributes: onlyAttributes(reader, RESOURCE.attributes) }
    else found.scopes.push(scopeItems(reader, readItem))
    reader.leave(outer)
  }
  return found
}

function scopeItems<Item>(reader: ProtoReader, readItem: (reader: ProtoReader) => Item): ScopeItems<Item> {
  const found: ScopeItems<Item> = { scope: NO_SCOPE, items: [] }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== SCOPE_ITEMS.scope && tag !== SCOPE_ITEMS.items) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    if (tag === SCOPE_ITEMS.scope) found.scope = readScope(reader)
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
    if (tag === SCOPE.name) name = reader.text()
    else if (tag === SCOPE.version) version = reader.text()
    else if (tag === SCOPE.attributes) keyValue(reader, attributes, 0)
    else reader.skip(tag)
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
    case LOG_RECORD.timeUnixNano:
      record.timeUnixNano = reader.fixed64()
      return
    case LOG_RECORD.severityNumber:
      record.severityNumber = severity(reader.varint())
      return
    case LOG_RECORD.severityText:
      record.severityText = reader.text()
      return
    case LOG_RECORD.body:
      record.body = embeddedValue(reader, 0)
      return
    case LOG_RECORD.attributes:
      keyValue(reader, attributes, 0)
      return
    case LOG_RECORD.droppedAttributesCount:
      record.droppedAttributesCount = reader.varint()
      return
    case LOG_RECORD.flags:
      record.traceFlags = reader.fixed32() & 0xff
      return
    case LOG_RECORD.traceId:
      record.traceId = reader.id(16)
      return
    case LOG_RECORD.spanId:
      record.spanId = reader.id(8)
      return
    case LOG_RECORD.observedTimeUnixNano:
      record.observedTimeUnixNano = reader.fixed64()
      return
    case LOG_RECORD.eventName:
      record.eventName = reader.text()
      return
    default:
      reader.skip(tag)
  }
}

/** A number that is no SeverityNumber is none at all. */
function severity(number: number): number {
  return number <= 24 ? number : 0
}
