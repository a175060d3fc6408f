/**
 * What does an OTLP request in JSON hold? Text from anyone to records: lines of files, where one bad record is no reason to lose its
 * neighbours. What the receiver gets is never read here but made protobuf by backend/receive/transcode-json.ts, without an object.
 *
 * As lenient as the specification demands and no more: lowerCamel or snake_case field names, 64-bit integers as text or
 * number, enums as name or number, ids as hex of either case, `null` for absent; unknown fields are ignored. A field of
 * the wrong type throws OtlpDecodeError with its path.
 */
import { enumField, idField, JsonFields, objectsOf, uint64Field } from './json-fields.ts'
import { jsonAttributes, jsonValue } from './otlp-json-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import { NO_RESOURCE, NO_SCOPE, OtlpDecodeError, type ResourceLogs, type ResourceSpans } from './otlp-data.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

export interface DecodeLogsOptions {
  /** Gets the error of a single record that cannot be read; the others are read. Default: the first error is thrown. */
  readonly onBadRecord?: (error: OtlpDecodeError) => void
}

/**
 * Reads an ExportLogsServiceRequest in JSON.
 *
 * @throws OtlpDecodeError when the text is not one
 */
export function decodeLogsRequestJson(text: string, options: DecodeLogsOptions = {}): ResourceLogs[] {
  const { onBadRecord } = options
  const records = onBadRecord === undefined ? readLogs : (group: JsonFields) => readGoodLogs(group, onBadRecord)
  return objectsOf(new JsonFields(parse(text), ''), 'resourceLogs').map((entry) => ({
    resource: readResource(entry),
    scopes: objectsOf(entry, 'scopeLogs').map((group) => ({ scope: readScope(group), records: records(group) })),
  }))
}

function readLogs(group: JsonFields): LogRecord[] {
  return objectsOf(group, 'logRecords').map(readLog)
}

function readGoodLogs(group: JsonFields, onBadRecord: (error: OtlpDecodeError) => void): LogRecord[] {
  return objectsOf(group, 'logRecords').flatMap((fields) => {
    try {
      return [readLog(fields)]
    } catch (error) {
      if (!(error instanceof OtlpDecodeError)) throw error
      onBadRecord(error)
      return []
    }
  })
}

/**
 * Reads an ExportTraceServiceRequest in JSON.
 *
 * @throws OtlpDecodeError when the text is not one
 */
export function decodeTracesRequestJson(text: string): ResourceSpans[] {
  return objectsOf(new JsonFields(parse(text), ''), 'resourceSpans').map((entry) => ({
    resource: readResource(entry),
    scopes: objectsOf(entry, 'scopeSpans').map((group) => ({
      scope: readScope(group),
      spans: objectsOf(group, 'spans').map(readSpan),
    })),
  }))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new OtlpDecodeError(`not JSON: ${error instanceof Error ? error.message : ''}`, { cause: error })
  }
}

function readResource(entry: JsonFields): Resource {
  const resource = entry.object('resource')
  return resource === undefined ? NO_RESOURCE : { attributes: jsonAttributes(resource) }
}

function readScope(group: JsonFields): InstrumentationScope {
  const scope = group.object('scope')
  if (scope === undefined) return NO_SCOPE
  const attributes = jsonAttributes(scope)
  const name = scope.text('name')
  const version = scope.text('version')
  return Object.keys(attributes).length === 0 ? { name, version } : { name, version, attributes }
}

function readLog(fields: JsonFields): LogRecord {
  const body = fields.object('body')
  const severity = enumField(fields, 'severityNumber', SEVERITY_NAMES)
  return {
    timeUnixNano: uint64Field(fields, 'timeUnixNano'),
    observedTimeUnixNano: uint64Field(fields, 'observedTimeUnixNano'),
    severityNumber: severity <= 24 ? severity : 0,
    severityText: fields.text('severityText'),
    eventName: fields.text('eventName'),
    body: body === undefined ? undefined : jsonValue(body, 0),
    attributes: jsonAttributes(fields),
    traceId: idField(fields, 'traceId', 32),
    spanId: idField(fields, 'spanId', 16),
    traceFlags: fields.uint32('flags') & 0xff,
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  }
}

/** SEVERITY_NUMBER_TRACE is 1, SEVERITY_NUMBER_TRACE2 is 2, ... */
const SEVERITY_NAMES: ReadonlyMap<string, number> = new Map([
  ['SEVERITY_NUMBER_UNSPECIFIED', 0],
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level, range) =>
    ['', '2', '3', '4'].map((suffix, step): [string, number] => [
      `SEVERITY_NUMBER_${level}${suffix}`,
      range * 4 + step + 1,
    ]),
  ),
])
const SPAN_KIND_NAMES: ReadonlyMap<string, number> = new Map(
  ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name, kind) => [
    `SPAN_KIND_${name}`,
    kind,
  ]),
)
const STATUS_CODE_NAMES: ReadonlyMap<string, number> = new Map(
  ['UNSET', 'OK', 'ERROR'].map((name, code) => [`STATUS_CODE_${name}`, code]),
)

function readSpan(fields: JsonFields): SpanRecord {
  const kind = enumField(fields, 'kind', SPAN_KIND_NAMES)
  const status = fields.object('status')
  const statusCode = status === undefined ? 0 : enumField(status, 'code', STATUS_CODE_NAMES)
  return {
    traceId: idField(fields, 'traceId', 32),
    spanId: idField(fields, 'spanId', 16),
    parentSpanId: idField(fields, 'parentSpanId', 16),
    traceState: fields.text('traceState'),
    flags: fields.uint32('flags'),
    name: fields.text('name'),
    kind: kind <= 5 ? kind : 0,
    startTimeUnixNano: uint64Field(fields, 'startTimeUnixNano'),
    endTimeUnixNano: uint64Field(fields, 'endTimeUnixNano'),
    attributes: jsonAttributes(fields),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    events: objectsOf(fields, 'events').map(readEvent),
    droppedEventsCount: fields.uint32('droppedEventsCount'),
    links: objectsOf(fields, 'links').map(readLink),
    droppedLinksCount: fields.uint32('droppedLinksCount'),
    statusCode: statusCode <= 2 ? statusCode : 0,
    statusMessage: status?.text('message') ?? '',
  }
}

function readEvent(fields: JsonFields): SpanEvent {
  return {
    timeUnixNano: uint64Field(fields, 'timeUnixNano'),
    name: fields.text('name'),
    attributes: jsonAttributes(fields),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  }
}

function readLink(fields: JsonFields): SpanLink {
  return {
    traceId: idField(fields, 'traceId', 32),
    spanId: idField(fields, 'spanId', 16),
    traceState: fields.text('traceState'),
    traceFlags: fields.uint32('flags'),
    attributes: jsonAttributes(fields),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  }
}
