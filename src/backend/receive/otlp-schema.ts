/**
 * The messages of OTLP as tables: names as in OTLP/JSON, field numbers and types as in opentelemetry-proto 1.x.
 *
 * Serves two readers: transcode-json.ts (JSON -> protobuf) and check-request.ts (is it OTLP at all, is it within limits).
 */

/** `hex`: bytes that OTLP/JSON writes as hex digits (ids). `base64`: all other bytes. */
export type ScalarType = 'string' | 'fixed64' | 'fixed32' | 'double' | 'varint' | 'int64' | 'bool' | 'hex' | 'base64'

export interface Field {
  readonly number: number
  /** A message is named by a function, because AnyValue holds itself. */
  readonly type: ScalarType | (() => Message)
  readonly isRepeated?: boolean
}

/** What the limits count. */
export type Role = 'any_value' | 'record'

export interface NamedField {
  readonly name: string
  /** Of the name, ASCII. */
  readonly bytes: Uint8Array
  readonly field: Field
}

export interface Message {
  /** By name, lowerCamelCase. */
  readonly fields: Readonly<Record<string, Field>>
  /** The names as bytes, so that a key of JSON is found without making a string of it. */
  readonly named: readonly NamedField[]
  /** A list and not a Map: asked for every field of every record. Index = field number. */
  readonly byNumber: readonly (Field | undefined)[]
  readonly role: Role | undefined
  /** Field number of the attributes that are counted. */
  readonly attributesField: number | undefined
}

function message(fields: Readonly<Record<string, Field>>, role?: Role): Message {
  const byNumber: (Field | undefined)[] = Array.from({ length: 17 })
  for (const field of Object.values(fields)) byNumber[field.number] = field
  const named = Object.entries(fields).map(([name, field]) => ({ name, bytes: Buffer.from(name), field }))
  return { fields, named, byNumber, role, attributesField: fields['attributes']?.number }
}

const one = (number: number, type: Field['type']): Field => ({ number, type })
const many = (number: number, type: Field['type']): Field => ({ number, type, isRepeated: true })

const ANY_VALUE: Message = message(
  {
    stringValue: one(1, 'string'),
    boolValue: one(2, 'bool'),
    intValue: one(3, 'int64'),
    doubleValue: one(4, 'double'),
    arrayValue: one(5, () => ARRAY_VALUE),
    kvlistValue: one(6, () => KEY_VALUE_LIST),
    bytesValue: one(7, 'base64'),
  },
  'any_value',
)
const KEY_VALUE: Message = message({ key: one(1, 'string'), value: one(2, () => ANY_VALUE) })
const ARRAY_VALUE: Message = message({ values: many(1, () => ANY_VALUE) })
const KEY_VALUE_LIST: Message = message({ values: many(1, () => KEY_VALUE) })

const attributes = (number: number): Field => many(number, () => KEY_VALUE)

const RESOURCE: Message = message({ attributes: attributes(1), droppedAttributesCount: one(2, 'varint') })
const SCOPE: Message = message({
  name: one(1, 'string'),
  version: one(2, 'string'),
  attributes: attributes(3),
  droppedAttributesCount: one(4, 'varint'),
})

const LOG_RECORD: Message = message(
  {
    timeUnixNano: one(1, 'fixed64'),
    severityNumber: one(2, 'varint'),
    severityText: one(3, 'string'),
    body: one(5, () => ANY_VALUE),
    attributes: attributes(6),
    droppedAttributesCount: one(7, 'varint'),
    flags: one(8, 'fixed32'),
    traceId: one(9, 'hex'),
    spanId: one(10, 'hex'),
    observedTimeUnixNano: one(11, 'fixed64'),
    eventName: one(12, 'string'),
  },
  'record',
)

const EVENT: Message = message({
  timeUnixNano: one(1, 'fixed64'),
  name: one(2, 'string'),
  attributes: attributes(3),
  droppedAttributesCount: one(4, 'varint'),
})
const LINK: Message = message({
  traceId: one(1, 'hex'),
  spanId: one(2, 'hex'),
  traceState: one(3, 'string'),
  attributes: attributes(4),
  droppedAttributesCount: one(5, 'varint'),
  flags: one(6, 'fixed32'),
})
const STATUS: Message = message({ message: one(2, 'string'), code: one(3, 'varint') })
const SPAN: Message = message(
  {
    traceId: one(1, 'hex'),
    spanId: one(2, 'hex'),
    traceState: one(3, 'string'),
    parentSpanId: one(4, 'hex'),
    name: one(5, 'string'),
    kind: one(6, 'varint'),
    startTimeUnixNano: one(7, 'fixed64'),
    endTimeUnixNano: one(8, 'fixed64'),
    attributes: attributes(9),
    droppedAttributesCount: one(10, 'varint'),
    events: many(11, () => EVENT),
    droppedEventsCount: one(12, 'varint'),
    links: many(13, () => LINK),
    droppedLinksCount: one(14, 'varint'),
    status: one(15, () => STATUS),
    flags: one(16, 'fixed32'),
  },
  'record',
)

const SCOPE_LOGS: Message = message({
  scope: one(1, () => SCOPE),
  logRecords: many(2, () => LOG_RECORD),
  schemaUrl: one(3, 'string'),
})
const RESOURCE_LOGS: Message = message({
  resource: one(1, () => RESOURCE),
  scopeLogs: many(2, () => SCOPE_LOGS),
  schemaUrl: one(3, 'string'),
})
const SCOPE_SPANS: Message = message({
  scope: one(1, () => SCOPE),
  spans: many(2, () => SPAN),
  schemaUrl: one(3, 'string'),
})
const RESOURCE_SPANS: Message = message({
  resource: one(1, () => RESOURCE),
  scopeSpans: many(2, () => SCOPE_SPANS),
  schemaUrl: one(3, 'string'),
})

/** The request of each signal. */
export const REQUESTS: Readonly<Record<'logs' | 'spans', Message>> = {
  logs: message({ resourceLogs: many(1, () => RESOURCE_LOGS) }),
  spans: message({ resourceSpans: many(1, () => RESOURCE_SPANS) }),
}
