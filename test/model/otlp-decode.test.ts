import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { OtlpDecodeError } from '../../src/model/otlp-data.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../src/model/otlp-decode.ts'
import { decodeLogsRequestJson, decodeTracesRequestJson } from '../../src/model/otlp-json-decode.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../src/model/otlp-request.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'
import { protobufjsEncode } from '../support/otlp-proto.ts'

const PREFIX = {
  resource: encodeResource({ attributes: { 'service.name': 'web' } }),
  scope: encodeScope({ name: 's', version: '1' }),
}

const logsRequest = arbitrary.logRecord.map((record) => {
  const encoder = new OtlpEncoder()
  encoder.appendLog(record)
  return assembleRequest([{ resource: PREFIX.resource, scopes: [{ scope: PREFIX.scope, records: [encoder.take()] }] }])
})

const spansRequest = arbitrary.spanRecord.map((span) => {
  const encoder = new OtlpEncoder()
  encoder.appendSpan(span)
  return assembleRequest([{ resource: PREFIX.resource, scopes: [{ scope: PREFIX.scope, records: [encoder.take()] }] }])
})

describe("the SDK's own serialisers", () => {
  test('logs: protobuf and JSON mean the same to us, and what was emitted', () => {
    const exporter = new InMemoryLogRecordExporter()
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': 'web', list: ['a', 'b'] }),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    })
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    })
    provider.getLogger('scope', '1.0.0').emit({
      timestamp: 1_726_151_722_001,
      severityNumber: SeverityNumber.WARN,
      severityText: 'warn',
      eventName: 'e',
      body: { a: [1, 2.5, 'x', null], long: 'y'.repeat(1000) },
      attributes: { n: -7, d: 0.1, b: true, s: '\u20AC', list: ['p', 'q'], bytes: new Uint8Array([9]) },
      context,
    })
    const records = exporter.getFinishedLogRecords()
    const fromProtobuf = decodeLogsRequest(ProtobufLogsSerializer.serializeRequest(records)!)
    const fromJson = decodeLogsRequestJson(new TextDecoder().decode(JsonLogsSerializer.serializeRequest(records)))

    expect(fromProtobuf).toEqual(fromJson)
    expect(fromProtobuf[0]?.resource.attributes).toMatchObject({ 'service.name': 'web', list: ['a', 'b'] })
    expect(fromProtobuf[0]?.scopes[0]?.scope).toEqual({ name: 'scope', version: '1.0.0' })
    expect(fromProtobuf[0]?.scopes[0]?.records[0]).toMatchObject({
      timeUnixNano: 1_726_151_722_001_000_000n,
      severityNumber: 13,
      severityText: 'warn',
      eventName: 'e',
      body: { a: [1, 2.5, 'x', null], long: 'y'.repeat(1000) },
      attributes: { n: -7, d: 0.1, b: true, s: '\u20AC', list: ['p', 'q'], bytes: new Uint8Array([9]) },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    })
  })

  test('spans: protobuf and JSON mean the same to us, and what was recorded', () => {
    const exporter = new InMemorySpanExporter()
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    const tracer = provider.getTracer('scope', '1.0.0')
    const parent = tracer.startSpan('parent')
    const child = tracer.startSpan(
      'child',
      {
        kind: SpanKind.SERVER,
        attributes: { a: 1 },
        links: [{ context: parent.spanContext(), attributes: { l: 'x' } }],
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    )
    child.addEvent('event', { e: true })
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' })
    child.end()
    const spans = exporter.getFinishedSpans()
    const fromProtobuf = decodeTracesRequest(ProtobufTraceSerializer.serializeRequest(spans)!)
    const fromJson = decodeTracesRequestJson(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans)))

    expect(fromProtobuf).toEqual(fromJson)
    const [span] = fromProtobuf[0]!.scopes[0]!.spans
    expect(span).toMatchObject({
      name: 'child',
      kind: 2,
      statusCode: 2,
      statusMessage: 'broken',
      attributes: { a: 1 },
      traceId: parent.spanContext().traceId,
      parentSpanId: parent.spanContext().spanId,
      events: [{ name: 'event', attributes: { e: true } }],
      links: [{ spanId: parent.spanContext().spanId, attributes: { l: 'x' } }],
    })
    expect(span!.endTimeUnixNano >= span!.startTimeUnixNano).toBe(true)
  })
})

describe('protobuf as others may write it', () => {
  test('unknown fields of every wire type are ignored', () => {
    // 15: varint, 14: fixed64, 13: bytes, 12: fixed32, 100: varint.
    const unknown = [0x78, 0x05, 0x71, 1, 2, 3, 4, 5, 6, 7, 8, 0x6a, 2, 9, 9, 0x65, 1, 2, 3, 4, 0xa0, 0x06, 0x01]
    const record = [...unknown, 0x10, 9]
    const scope = [...unknown, 0x12, record.length, ...record]
    const resource = [...unknown, 0x12, scope.length, ...scope]
    const request = new Uint8Array([...unknown, 0x0a, resource.length, ...resource])
    expect(decodeLogsRequest(request)[0]?.scopes[0]?.records[0]?.severityNumber).toBe(9)
  })

  test('a known field of another wire type is ignored', () => {
    // severity_text (3) as varint.
    expect(
      decodeLogsRequest(new Uint8Array([0x0a, 6, 0x12, 4, 0x12, 2, 0x18, 5]))[0]?.scopes[0]?.records[0]?.severityText,
    ).toBe('')
  })

  test('wrong ids, severities and kinds are none', () => {
    const request = protobufjsEncode('ExportLogsServiceRequest', {
      resourceLogs: [
        {
          scopeLogs: [{ logRecords: [{ traceId: Buffer.alloc(16), spanId: Buffer.from('abc'), severityNumber: 99 }] }],
        },
      ],
    })
    expect(decodeLogsRequest(request)[0]?.scopes[0]?.records[0]).toMatchObject({
      traceId: '',
      spanId: '',
      severityNumber: 0,
    })
  })

  test('malformed UTF-8 is replaced', () => {
    const record = [0x1a, 2, 0x61, 0xff]
    const request = new Uint8Array([0x0a, 8, 0x12, 6, 0x12, 4, ...record])
    expect(decodeLogsRequest(request)[0]?.scopes[0]?.records[0]?.severityText).toBe('a\uFFFD')
  })

  test('keys are remembered, not the memory they came in', () => {
    const request = Buffer.from(
      protobufjsEncode('ExportLogsServiceRequest', {
        resourceLogs: [{ resource: { attributes: [{ key: 'remembered.key', value: { intValue: 1 } }] } }],
      }),
    )
    const before = Buffer.from(request)
    expect(decodeLogsRequest(request)[0]?.resource.attributes).toEqual({ 'remembered.key': 1 })
    request.fill(0x61)
    expect(decodeLogsRequest(before)[0]?.resource.attributes).toEqual({ 'remembered.key': 1 })
  })

  test('nothing is an empty request', () => {
    expect(decodeLogsRequest(new Uint8Array())).toEqual([])
  })
})

const length = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, n >> 7])

/** `count` AnyValues, each the only item of the list before it. */
function nested(count: number): Uint8Array {
  let value: number[] = [0x18, 1]
  for (let i = 0; i < count; i++) {
    const array = [0x0a, ...length(value.length), ...value]
    value = [0x2a, ...length(array.length), ...array]
  }
  const record = [0x2a, ...length(value.length), ...value]
  const scope = [0x12, ...length(record.length), ...record]
  const resource = [0x12, ...length(scope.length), ...scope]
  return new Uint8Array([0x0a, ...length(resource.length), ...resource])
}

/** What reading gives: a number of records, or `refused`; anything but OtlpDecodeError fails the test. */
function outcome(read: () => number): number | 'refused' {
  try {
    return read()
  } catch (error) {
    if (error instanceof OtlpDecodeError) return 'refused'
    throw error
  }
}

function decodedLogs(bytes: Uint8Array): number {
  return decodeLogsRequest(bytes).reduce(
    (sum, { scopes }) => sum + scopes.reduce((n, { records }) => n + records.length, 0),
    0,
  )
}

function decodedSpans(bytes: Uint8Array): number {
  return decodeTracesRequest(bytes).reduce(
    (sum, { scopes }) => sum + scopes.reduce((n, { spans }) => n + spans.length, 0),
    0,
  )
}

/** Each of the two either reads the bytes or refuses them. */
function expectReadOrRefused(bytes: Uint8Array): void {
  for (const result of [outcome(() => decodedLogs(bytes)), outcome(() => decodedSpans(bytes))]) {
    expect(result === 'refused' || result >= 0).toBe(true)
  }
}

describe('hostile bytes', () => {
  test('nesting to 32 is read, deeper is refused', () => {
    expect(outcome(() => decodedLogs(nested(32)))).toBe(1)
    expect(outcome(() => decodedLogs(nested(33)))).toBe('refused')
  })

  test.each([
    ['a length beyond the end', [0x0a, 5, 1]],
    ['a length of 2^63', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a varint without an end', [0x0a, 0xff, 0xff]],
    ['a varint of eleven bytes', [0x08, ...Array.from({ length: 10 }, () => 0x80), 1]],
    ['field number 0', [0x02, 0]],
    ['a group', [0x0b, 0x0c]],
    ['an inner length beyond its message', [0x0a, 2, 0x12, 5, 0, 0, 0, 0, 0]],
    ['a fixed64 cut off', [0x0a, 7, 0x12, 5, 0x12, 3, 0x09, 1, 2]],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeLogsRequest(new Uint8Array(bytes))).toThrow(OtlpDecodeError)
    expect(() => decodeTracesRequest(new Uint8Array(bytes))).toThrow(OtlpDecodeError)
  })

  test('any bytes are read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectReadOrRefused), { numRuns: 500 })
  })

  test('requests with a changed byte or a cut are read or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(logsRequest, spansRequest),
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        (request, place, byte, isCut) => {
          const at = place % request.length
          if (isCut) return expectReadOrRefused(request.subarray(0, at))
          const changed = new Uint8Array(request)
          changed[at] = byte
          return expectReadOrRefused(changed)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a view into a larger buffer is not left', () => {
    const larger = new Uint8Array([9, 9, 0x0a, 2, 0x12, 0, 0x12, 0])
    expect(decodeLogsRequest(larger.subarray(2, 6))).toHaveLength(1)
    expect(() => decodeLogsRequest(larger.subarray(2, 5))).toThrow(OtlpDecodeError)
  })
})
