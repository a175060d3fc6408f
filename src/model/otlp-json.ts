/**
 * How is a request written in OTLP/JSON? Records to plain objects for JSON.stringify: the HTTP/JSON exporter and the
 * OTLP file (one LogsData or TracesData per line).
 *
 * Numbers of 64 bits are text, enums are numbers, ids are hex; absent fields are left out. A double that JSON has no
 * number for (NaN, the infinities, -0) is text, as protobuf's JSON mapping wants it.
 */
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import type { ResourceLogs, ResourceSpans } from './otlp-data.ts'
import { type JsonAnyValue, type JsonKeyValue, toJsonAttributes, toJsonValue } from './otlp-json-value.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

/** Fields whose value is nothing are left out by JSON.stringify. */
type Optional<Value> = Value | undefined

interface JsonLogRecord {
  readonly timeUnixNano: Optional<string>
  readonly observedTimeUnixNano: string
  readonly severityNumber: Optional<number>
  readonly severityText: Optional<string>
  readonly eventName: Optional<string>
  readonly body: Optional<JsonAnyValue>
  readonly attributes: readonly JsonKeyValue[]
  readonly droppedAttributesCount: Optional<number>
  readonly flags: Optional<number>
  readonly traceId: Optional<string>
  readonly spanId: Optional<string>
}

/** ExportLogsServiceRequest, which is also LogsData, as an object for JSON.stringify. */
export function logsToJson(resourceLogs: readonly ResourceLogs[]): { readonly resourceLogs: readonly object[] } {
  return {
    resourceLogs: resourceLogs.map(({ resource, scopes }) => ({
      resource: resourceToJson(resource),
      scopeLogs: scopes.map(({ scope, records }) => ({
        scope: scopeToJson(scope),
        logRecords: records.map(logToJson),
      })),
    })),
  }
}

/** ExportTraceServiceRequest, which is also TracesData, as an object for JSON.stringify. */
export function tracesToJson(resourceSpans: readonly ResourceSpans[]): { readonly resourceSpans: readonly object[] } {
  return {
    resourceSpans: resourceSpans.map(({ resource, scopes }) => ({
      resource: resourceToJson(resource),
      scopeSpans: scopes.map(({ scope, spans }) => ({ scope: scopeToJson(scope), spans: spans.map(spanToJson) })),
    })),
  }
}

function resourceToJson(resource: Resource): object {
  return { attributes: toJsonAttributes(resource.attributes) }
}

function scopeToJson({ name, version, attributes }: InstrumentationScope): object {
  return {
    name: text(name),
    version: text(version),
    attributes: attributes === undefined ? undefined : toJsonAttributes(attributes),
  }
}

function logToJson(record: LogRecord): JsonLogRecord {
  return {
    timeUnixNano: record.timeUnixNano === 0n ? undefined : String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    severityNumber: count(record.severityNumber),
    severityText: text(record.severityText),
    eventName: text(record.eventName),
    body: record.body === undefined ? undefined : toJsonValue(record.body),
    attributes: toJsonAttributes(record.attributes),
    droppedAttributesCount: count(record.droppedAttributesCount),
    flags: count(record.traceFlags),
    traceId: text(record.traceId),
    spanId: text(record.spanId),
  }
}

function spanToJson(span: SpanRecord): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: text(span.traceState),
    parentSpanId: text(span.parentSpanId),
    flags: count(span.flags),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: toJsonAttributes(span.attributes),
    droppedAttributesCount: count(span.droppedAttributesCount),
    events: span.events.map(eventToJson),
    droppedEventsCount: count(span.droppedEventsCount),
    links: span.links.map(linkToJson),
    droppedLinksCount: count(span.droppedLinksCount),
    status: { code: count(span.statusCode), message: text(span.statusMessage) },
  }
}

function eventToJson(event: SpanEvent): object {
  return {
    timeUnixNano: String(event.timeUnixNano),
    name: event.name,
    attributes: toJsonAttributes(event.attributes),
    droppedAttributesCount: count(event.droppedAttributesCount),
  }
}

function linkToJson(link: SpanLink): object {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    traceState: text(link.traceState),
    flags: count(link.traceFlags),
    attributes: toJsonAttributes(link.attributes),
    droppedAttributesCount: count(link.droppedAttributesCount),
  }
}

function text(value: string): Optional<string> {
  return value === '' ? undefined : value
}

function count(value: number): Optional<number> {
  return value === 0 ? undefined : value
}
