/**
 * Which number does each field of OTLP have on the wire? The one home of these numbers: every reader and writer names them.
 *
 * A field's value here is its tag, `number << 3 | wire type`, because that is what stands in the bytes; the comment beside it
 * has both, `bytes` being all that has a length before it: texts, bytes, messages. The names are those of OTLP/JSON.
 * Source: opentelemetry-proto 1.x (common, resource, logs, trace, collector); test/model/otlp-schema.test.ts compares.
 * Literals, not sums: readers switch over them for each field of each record.
 */

/** Wire types, the low three bits of a tag. Groups (3, 4) are not in OTLP; 6 and 7 do not exist. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** The wire type of a tag. */
export function wireTypeOf(tag: number): number {
  return tag & 7
}

/** The field number of a tag. */
export function fieldNumberOf(tag: number): number {
  return tag >>> 3
}

// -- common.proto, resource.proto --

export const ANY_VALUE = {
  stringValue: 0x0a, // 1, bytes
  boolValue: 0x10, // 2, varint
  intValue: 0x18, // 3, varint
  doubleValue: 0x21, // 4, fixed64
  arrayValue: 0x2a, // 5, bytes
  kvlistValue: 0x32, // 6, bytes
  bytesValue: 0x3a, // 7, bytes
} as const

export const KEY_VALUE = {
  key: 0x0a, // 1, bytes
  value: 0x12, // 2, bytes
} as const

export const ARRAY_VALUE = {
  values: 0x0a, // 1, bytes
} as const

export const KEY_VALUE_LIST = {
  values: 0x0a, // 1, bytes
} as const

export const RESOURCE = {
  attributes: 0x0a, // 1, bytes
  droppedAttributesCount: 0x10, // 2, varint
} as const

/** InstrumentationScope. */
export const SCOPE = {
  name: 0x0a, // 1, bytes
  version: 0x12, // 2, bytes
  attributes: 0x1a, // 3, bytes
  droppedAttributesCount: 0x20, // 4, varint
} as const

// -- logs_service.proto, trace_service.proto: what is around the records. Both signals have the same numbers, so that one
// -- reader serves both: `items` are `logRecords` or `spans`. --

/** ExportLogsServiceRequest (`resourceLogs`), ExportTraceServiceRequest (`resourceSpans`). */
export const REQUEST = {
  resources: 0x0a, // 1, bytes
} as const

/** ResourceLogs (`scopeLogs`), ResourceSpans (`scopeSpans`). */
export const RESOURCE_ITEMS = {
  resource: 0x0a, // 1, bytes
  scopes: 0x12, // 2, bytes
  schemaUrl: 0x1a, // 3, bytes
} as const

/** ScopeLogs (`logRecords`), ScopeSpans (`spans`). */
export const SCOPE_ITEMS = {
  scope: 0x0a, // 1, bytes
  items: 0x12, // 2, bytes
  schemaUrl: 0x1a, // 3, bytes
} as const

// -- logs.proto --

export const LOG_RECORD = {
  timeUnixNano: 0x09, // 1, fixed64
  severityNumber: 0x10, // 2, varint
  severityText: 0x1a, // 3, bytes
  body: 0x2a, // 5, bytes
  attributes: 0x32, // 6, bytes
  droppedAttributesCount: 0x38, // 7, varint
  flags: 0x45, // 8, fixed32
  traceId: 0x4a, // 9, bytes
  spanId: 0x52, // 10, bytes
  observedTimeUnixNano: 0x59, // 11, fixed64
  eventName: 0x62, // 12, bytes
} as const

// -- trace.proto --

/** `flags` is the one tag of two bytes. */
export const SPAN = {
  traceId: 0x0a, // 1, bytes
  spanId: 0x12, // 2, bytes
  traceState: 0x1a, // 3, bytes
  parentSpanId: 0x22, // 4, bytes
  name: 0x2a, // 5, bytes
  kind: 0x30, // 6, varint
  startTimeUnixNano: 0x39, // 7, fixed64
  endTimeUnixNano: 0x41, // 8, fixed64
  attributes: 0x4a, // 9, bytes
  droppedAttributesCount: 0x50, // 10, varint
  events: 0x5a, // 11, bytes
  droppedEventsCount: 0x60, // 12, varint
  links: 0x6a, // 13, bytes
  droppedLinksCount: 0x70, // 14, varint
  status: 0x7a, // 15, bytes
  flags: 0x85, // 16, fixed32
} as const

/** Span.Event. */
export const SPAN_EVENT = {
  timeUnixNano: 0x09, // 1, fixed64
  name: 0x12, // 2, bytes
  attributes: 0x1a, // 3, bytes
  droppedAttributesCount: 0x20, // 4, varint
} as const

/** Span.Link. */
export const SPAN_LINK = {
  traceId: 0x0a, // 1, bytes
  spanId: 0x12, // 2, bytes
  traceState: 0x1a, // 3, bytes
  attributes: 0x22, // 4, bytes
  droppedAttributesCount: 0x28, // 5, varint
  flags: 0x35, // 6, fixed32
} as const

/** Status of a span. */
export const STATUS = {
  message: 0x12, // 2, bytes
  code: 0x18, // 3, varint
} as const

// -- answers: logs_service.proto and trace_service.proto; google/rpc/status.proto, error_details.proto, duration.proto, any.proto --

/** ExportLogsServiceResponse, ExportTraceServiceResponse. */
export const EXPORT_RESPONSE = {
  partialSuccess: 0x0a, // 1, bytes
} as const

/** ExportLogsPartialSuccess (`rejectedLogRecords`), ExportTracePartialSuccess (`rejectedSpans`). */
export const PARTIAL_SUCCESS = {
  rejected: 0x08, // 1, varint
  errorMessage: 0x12, // 2, bytes
} as const

/** google.rpc.Status. */
export const RPC_STATUS = {
  code: 0x08, // 1, varint
  message: 0x12, // 2, bytes
  details: 0x1a, // 3, bytes
} as const

/** google.protobuf.Any. */
export const ANY = {
  typeUrl: 0x0a, // 1, bytes
  value: 0x12, // 2, bytes
} as const

/** google.rpc.RetryInfo. */
export const RETRY_INFO = {
  retryDelay: 0x0a, // 1, bytes
} as const

/** google.protobuf.Duration. */
export const DURATION = {
  seconds: 0x08, // 1, varint
  nanos: 0x10, // 2, varint
} as const
