/**
 * Decodes OTLP export requests for the test receiver: protobuf and JSON, into the vocabulary's records.
 *
 * Written apart from src/model/otlp-decode.ts on purpose: the encoder is judged by someone who shares no line with it.
 */
import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../../src/model/log-record.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../../src/model/span-record.ts'

export interface ReceivedLog {
  readonly resource: Attributes
  readonly scope: InstrumentationScope
  readonly record: LogRecord
}
export interface ReceivedSpan {
  readonly resource: Attributes
  readonly scope: InstrumentationScope
  readonly span: SpanRecord
}

type Field = bigint | Uint8Array
type Message = ReadonlyMap<number, readonly Field[]>

const text = new TextDecoder()
const EMPTY = new Uint8Array()

function varint(bytes: Uint8Array, at: number): [value: bigint, next: number] {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[at++]
    if (byte === undefined) throw new Error('OTLP: truncated varint')
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return [BigInt.asUintN(64, value), at]
  }
  throw new Error('OTLP: varint too long')
}

function fixed(bytes: Uint8Array, at: number, size: 4 | 8): bigint {
  if (at + size > bytes.length) throw new Error('OTLP: truncated fixed field')
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size)
  return size === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true))
}

function message(bytes: Uint8Array): Message {
  const fields = new Map<number, Field[]>()
  let at = 0
  while (at < bytes.length) {
    let tag: bigint
    let value: Field
    ;[tag, at] = varint(bytes, at)
    const wireType = Number(tag & 7n)
    if (wireType === 0) [value, at] = varint(bytes, at)
    else if (wireType === 1) [value, at] = [fixed(bytes, at, 8), at + 8]
    else if (wireType === 5) [value, at] = [fixed(bytes, at, 4), at + 4]
    else if (wireType === 2) {
      let length: bigint
      ;[length, at] = varint(bytes, at)
      const end = at + Number(length)
      if (end > bytes.length) throw new Error('OTLP: truncated field')
      value = bytes.subarray(at, end)
      at = end
    } else throw new Error(`OTLP: wire type ${wireType}`)
    const number = Number(tag >> 3n)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

const all = (m: Message, field: number) => (m.get(field) ?? []) as Uint8Array[]
const bytesOf = (m: Message, field: number) => (m.get(field)?.at(-1) ?? EMPTY) as Uint8Array
const stringOf = (m: Message, field: number) => text.decode(bytesOf(m, field))
const hexOf = (m: Message, field: number) => Buffer.from(bytesOf(m, field)).toString('hex')
const bigOf = (m: Message, field: number) => (m.get(field)?.at(-1) ?? 0n) as bigint
const numberOf = (m: Message, field: number) => Number(bigOf(m, field))

function anyValue(bytes: Uint8Array): AnyValue {
  const m = message(bytes)
  if (m.has(1)) return stringOf(m, 1)
  if (m.has(2)) return bigOf(m, 2) === 1n
  if (m.has(3)) return integer(BigInt.asIntN(64, bigOf(m, 3)))
  if (m.has(4)) return doubleOf(bigOf(m, 4))
  if (m.has(5)) return all(message(bytesOf(m, 5)), 1).map(anyValue)
  if (m.has(6)) return attributes(all(message(bytesOf(m, 6)), 1))
  return m.has(7) ? bytesOf(m, 7) : null
}

function integer(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

function attributes(pairs: readonly Uint8Array[]): Attributes {
  const entries = pairs.map((pair): [string, AnyValue] => {
    const m = message(pair)
    return [stringOf(m, 1), anyValue(bytesOf(m, 2))]
  })
  return Object.fromEntries(entries)
}

function scopeOf(bytes: Uint8Array): InstrumentationScope {
  const m = message(bytes)
  return { name: stringOf(m, 1), version: stringOf(m, 2), attributes: attributes(all(m, 3)) }
}

function logRecord(bytes: Uint8Array): LogRecord {
  const m = message(bytes)
  return {
    timeUnixNano: bigOf(m, 1),
    severityNumber: numberOf(m, 2),
    severityText: stringOf(m, 3),
    body: m.has(5) ? anyValue(bytesOf(m, 5)) : undefined,
    attributes: attributes(all(m, 6)),
    droppedAttributesCount: numberOf(m, 7),
    traceFlags: numberOf(m, 8) & 255,
    traceId: hexOf(m, 9),
    spanId: hexOf(m, 10),
    observedTimeUnixNano: bigOf(m, 11),
    eventName: stringOf(m, 12),
  }
}

function spanEvent(bytes: Uint8Array): SpanEvent {
  const m = message(bytes)
  return {
    timeUnixNano: bigOf(m, 1),
    name: stringOf(m, 2),
    attributes: attributes(all(m, 3)),
    droppedAttributesCount: numberOf(m, 4),
  }
}

function spanLink(bytes: Uint8Array): SpanLink {
  const m = message(bytes)
  return {
    traceId: hexOf(m, 1),
    spanId: hexOf(m, 2),
    traceState: stringOf(m, 3),
    attributes: attributes(all(m, 4)),
    droppedAttributesCount: numberOf(m, 5),
    traceFlags: numberOf(m, 6) & 255,
  }
}

function spanRecord(bytes: Uint8Array): SpanRecord {
  const m = message(bytes)
  const status = message(bytesOf(m, 15))
  return {
    traceId: hexOf(m, 1),
    spanId: hexOf(m, 2),
    traceState: stringOf(m, 3),
    parentSpanId: hexOf(m, 4),
    name: stringOf(m, 5),
    kind: numberOf(m, 6),
    startTimeUnixNano: bigOf(m, 7),
    endTimeUnixNano: bigOf(m, 8),
    attributes: attributes(all(m, 9)),
    droppedAttributesCount: numberOf(m, 10),
    events: all(m, 11).map(spanEvent),
    droppedEventsCount: numberOf(m, 12),
    links: all(m, 13).map(spanLink),
    droppedLinksCount: numberOf(m, 14),
    statusMessage: stringOf(status, 2),
    statusCode: numberOf(status, 3),
    flags: numberOf(m, 16),
  }
}

/** Every leaf of a request, with the resource and scope it came under. */
function leaves<T>(
  request: Uint8Array,
  leaf: (bytes: Uint8Array, scope: InstrumentationScope, resource: Attributes) => T,
): T[] {
  return all(message(request), 1).flatMap((group) => {
    const m = message(group)
    const resource = attributes(all(message(bytesOf(m, 1)), 1))
    return all(m, 2).flatMap((scoped) => {
      const inner = message(scoped)
      const scope = scopeOf(bytesOf(inner, 1))
      return all(inner, 2).map((bytes) => leaf(bytes, scope, resource))
    })
  })
}

export function decodeLogs(request: Uint8Array): ReceivedLog[] {
  return leaves(request, (bytes, scope, resource) => ({ resource, scope, record: logRecord(bytes) }))
}

export function decodeSpans(request: Uint8Array): ReceivedSpan[] {
  return leaves(request, (bytes, scope, resource) => ({ resource, scope, span: spanRecord(bytes) }))
}

type Json = Readonly<Record<string, any>>

function jsonValue(value: Json | undefined): AnyValue {
  if (value === undefined) return null
  if ('stringValue' in value) return value['stringValue']
  if ('boolValue' in value) return value['boolValue']
  if ('intValue' in value) return integer(BigInt(value['intValue']))
  if ('doubleValue' in value) return Number(value['doubleValue'])
  if ('arrayValue' in value) return (value['arrayValue'].values ?? []).map(jsonValue)
  if ('kvlistValue' in value) return jsonAttributes(value['kvlistValue'].values)
  return 'bytesValue' in value ? new Uint8Array(Buffer.from(value['bytesValue'], 'base64')) : null
}

function jsonAttributes(pairs: readonly Json[] | undefined): Attributes {
  return Object.fromEntries((pairs ?? []).map((pair) => [pair['key'], jsonValue(pair['value'])]))
}

function jsonScope(scope: Json | undefined): InstrumentationScope {
  return {
    name: scope?.['name'] ?? '',
    version: scope?.['version'] ?? '',
    attributes: jsonAttributes(scope?.['attributes']),
  }
}

function jsonLog(json: Json): LogRecord {
  return {
    timeUnixNano: BigInt(json['timeUnixNano'] ?? 0),
    observedTimeUnixNano: BigInt(json['observedTimeUnixNano'] ?? 0),
    severityNumber: json['severityNumber'] ?? 0,
    severityText: json['severityText'] ?? '',
    eventName: json['eventName'] ?? '',
    body: json['body'] === undefined ? undefined : jsonValue(json['body']),
    attributes: jsonAttributes(json['attributes']),
    traceId: json['traceId'] ?? '',
    spanId: json['spanId'] ?? '',
    traceFlags: (json['flags'] ?? 0) & 255,
    droppedAttributesCount: json['droppedAttributesCount'] ?? 0,
  }
}

function jsonSpan(json: Json): SpanRecord {
  return {
    traceId: json['traceId'],
    spanId: json['spanId'],
    parentSpanId: json['parentSpanId'] ?? '',
    traceState: json['traceState'] ?? '',
    flags: json['flags'] ?? 0,
    name: json['name'] ?? '',
    kind: json['kind'] ?? 0,
    startTimeUnixNano: BigInt(json['startTimeUnixNano'] ?? 0),
    endTimeUnixNano: BigInt(json['endTimeUnixNano'] ?? 0),
    attributes: jsonAttributes(json['attributes']),
    droppedAttributesCount: json['droppedAttributesCount'] ?? 0,
    events: (json['events'] ?? []).map((event: Json) => ({
      timeUnixNano: BigInt(event['timeUnixNano'] ?? 0),
      name: event['name'] ?? '',
      attributes: jsonAttributes(event['attributes']),
      droppedAttributesCount: event['droppedAttributesCount'] ?? 0,
    })),
    droppedEventsCount: json['droppedEventsCount'] ?? 0,
    links: (json['links'] ?? []).map((link: Json) => ({
      traceId: link['traceId'],
      spanId: link['spanId'],
      traceState: link['traceState'] ?? '',
      traceFlags: (link['flags'] ?? 0) & 255,
      attributes: jsonAttributes(link['attributes']),
      droppedAttributesCount: link['droppedAttributesCount'] ?? 0,
    })),
    droppedLinksCount: json['droppedLinksCount'] ?? 0,
    statusCode: json['status']?.code ?? 0,
    statusMessage: json['status']?.message ?? '',
  }
}

export function decodeLogsJson(body: string): ReceivedLog[] {
  return (JSON.parse(body).resourceLogs ?? []).flatMap((group: Json) =>
    (group['scopeLogs'] ?? []).flatMap((scoped: Json) =>
      (scoped['logRecords'] ?? []).map((record: Json) => ({
        resource: jsonAttributes(group['resource']?.attributes),
        scope: jsonScope(scoped['scope']),
        record: jsonLog(record),
      })),
    ),
  )
}

export function decodeSpansJson(body: string): ReceivedSpan[] {
  return (JSON.parse(body).resourceSpans ?? []).flatMap((group: Json) =>
    (group['scopeSpans'] ?? []).flatMap((scoped: Json) =>
      (scoped['spans'] ?? []).map((span: Json) => ({
        resource: jsonAttributes(group['resource']?.attributes),
        scope: jsonScope(scoped['scope']),
        span: jsonSpan(span),
      })),
    ),
  )
}
