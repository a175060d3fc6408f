/**
 * Records and spans of every shape, for the property tests of the codecs.
 */
import * as fc from 'fast-check'

import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../../src/model/log-record.ts'
import { DOUBLE_KEYS } from '../../src/model/semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../../src/model/span-record.ts'

/** Any text that UTF-8 can carry, now and then longer than every bound of the writer. */
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 30, maxLength: 200 }) },
  { weight: 1, arbitrary: fc.nat(1000).map((length) => 'x'.repeat(length)) },
)

/** What survives a round trip as it is: safe integers as numbers, larger ones as bigint. */
const int64 = fc
  .bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double().map((value) => value),
)

const leaf: fc.Arbitrary<AnyValue> = fc.oneof(
  text,
  number,
  int64,
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
)

const key = fc.oneof(
  fc.constantFrom('http.request.method', 'a', 'user.id', '__proto__', 'constructor', '', 'ключ', ...DOUBLE_KEYS),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

/** A map with its own `__proto__` if need be. */
function mapOf(entries: readonly (readonly [string, AnyValue])[]): Attributes {
  const map = {}
  for (const [name, value] of entries) {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return map
}

const { value: anyValue, map } = fc.letrec<{ value: AnyValue; map: Attributes }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('map')),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map(mapOf),
}))

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: digits / 2, maxLength: digits / 2 })
    .map((bytes) => Buffer.from(bytes).toString('hex'))
    .filter((id) => !/^0+$/.test(id))

const traceId: fc.Arbitrary<string> = hex(32)
export const spanId: fc.Arbitrary<string> = hex(16)
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const uint32 = fc.nat(0x7fff_ffff)

export const logRecord: fc.Arbitrary<LogRecord> = fc.record({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: fc.nat(24),
  severityText: text,
  eventName: text,
  body: fc.option(anyValue, { nil: undefined }),
  attributes: map,
  traceId: fc.oneof(traceId, fc.constant('')),
  spanId: fc.oneof(spanId, fc.constant('')),
  traceFlags: fc.nat(255),
  droppedAttributesCount: uint32,
})

const spanEvent: fc.Arbitrary<SpanEvent> = fc.record({
  timeUnixNano: uint64,
  name: text,
  attributes: map,
  droppedAttributesCount: uint32,
})

const spanLink: fc.Arbitrary<SpanLink> = fc.record({
  traceId,
  spanId,
  traceState: text,
  traceFlags: uint32,
  attributes: map,
  droppedAttributesCount: uint32,
})

export const spanRecord: fc.Arbitrary<SpanRecord> = fc.record({
  traceId,
  spanId,
  parentSpanId: fc.oneof(spanId, fc.constant('')),
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.nat(5),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes: map,
  droppedAttributesCount: uint32,
  events: fc.array(spanEvent, { maxLength: 3 }),
  droppedEventsCount: uint32,
  links: fc.array(spanLink, { maxLength: 3 }),
  droppedLinksCount: uint32,
  statusCode: fc.nat(2),
  statusMessage: text,
})

export const resource: fc.Arbitrary<Resource> = fc.record({ attributes: map })
export const scope: fc.Arbitrary<InstrumentationScope> = fc
  .record({ name: text, version: text, attributes: map })
  .map(({ attributes, ...rest }) => (Object.keys(attributes).length === 0 ? rest : { ...rest, attributes }))
