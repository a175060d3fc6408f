/**
 * Any OTLP request as protobufjs takes it: plain objects with lowerCamel names, bytes as Uint8Array, int64 as decimal text.
 */
import * as fc from 'fast-check'

const text = fc.string({ unit: 'binary', maxLength: 20 })
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String)
const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String)
const uint32 = fc.nat({ max: 0xffff_ffff })
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ minLength: length, maxLength: length }))

const { value, keyValues } = fc.letrec<{ value: object; keyValues: object[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 12 }) }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: tie('keyValues') }) }),
  ),
  keyValues: fc.array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 }),
}))

const partial = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<object> =>
  fc.record(model, { requiredKeys: [] })

const resource = partial({ attributes: keyValues, droppedAttributesCount: uint32 })
const scope = partial({ name: text, version: text, attributes: keyValues, droppedAttributesCount: uint32 })
const logRecord = partial({
  timeUnixNano: uint64,
  severityNumber: fc.nat({ max: 24 }),
  severityText: text,
  body: value,
  attributes: keyValues,
  droppedAttributesCount: uint32,
  flags: uint32,
  traceId: bytes(16),
  spanId: bytes(8),
  observedTimeUnixNano: uint64,
  eventName: text,
})
const span = partial({
  traceId: bytes(16),
  spanId: bytes(8),
  traceState: text,
  parentSpanId: bytes(8),
  name: text,
  kind: fc.nat({ max: 5 }),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes: keyValues,
  droppedAttributesCount: uint32,
  events: fc.array(partial({ timeUnixNano: uint64, name: text, attributes: keyValues }), { maxLength: 2 }),
  droppedEventsCount: uint32,
  links: fc.array(partial({ traceId: bytes(16), spanId: bytes(8), attributes: keyValues, flags: uint32 }), {
    maxLength: 2,
  }),
  droppedLinksCount: uint32,
  status: partial({ message: text, code: fc.nat({ max: 2 }) }),
  flags: uint32,
})

export type OtlpObject = Record<string, unknown>

const list = (item: fc.Arbitrary<object>): fc.Arbitrary<object[]> => fc.array(item, { maxLength: 3 })

export const logsRequest: fc.Arbitrary<OtlpObject> = fc.record({
  resourceLogs: list(
    partial({
      resource,
      scopeLogs: list(partial({ scope, logRecords: list(logRecord), schemaUrl: text })),
      schemaUrl: text,
    }),
  ),
})
export const spansRequest: fc.Arbitrary<OtlpObject> = fc.record({
  resourceSpans: list(
    partial({ resource, scopeSpans: list(partial({ scope, spans: list(span), schemaUrl: text })), schemaUrl: text }),
  ),
})
