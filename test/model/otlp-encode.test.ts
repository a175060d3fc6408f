import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { AnyValue } from '../../src/model/any-value.ts'
import { type LogRecord, MAX_RECORD_BYTES } from '../../src/model/log-record.ts'
import { decodeLogRecords, decodeLogsRequest, decodeSpans, decodeTracesRequest } from '../../src/model/otlp-decode.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope, requestPieces } from '../../src/model/otlp-request.ts'
import { MAX_SPAN_BYTES } from '../../src/model/record-limits.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'
import { protobufjsDecode } from '../support/otlp-proto.ts'

const RECORD: LogRecord = {
  timeUnixNano: 1_726_151_722_001_000_001n,
  observedTimeUnixNano: 1_726_151_722_002_000_000n,
  severityNumber: 9,
  severityText: 'info',
  eventName: 'tracelog.http.server.end',
  body: 'hello',
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'tracelog.response_time_ms': 15,
    'tracelog.cache.hit': true,
    ratio: 0.5,
    big: 1n << 62n,
    negative: -1,
    none: null,
    bytes: new Uint8Array([1, 2]),
    nested: { list: [1, 'a', [null]] },
  },
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  droppedAttributesCount: 3,
}

const SPAN: SpanRecord = {
  traceId: RECORD.traceId,
  spanId: RECORD.spanId,
  parentSpanId: '00f067aa0ba902b7',
  traceState: 'a=1',
  flags: 0x301,
  name: 'GET /api',
  kind: 2,
  startTimeUnixNano: 1n,
  endTimeUnixNano: 2n,
  attributes: { a: 1 },
  droppedAttributesCount: 1,
  events: [{ timeUnixNano: 3n, name: 'exception', attributes: { b: 'x' }, droppedAttributesCount: 2 }],
  droppedEventsCount: 4,
  links: [
    {
      traceId: RECORD.traceId,
      spanId: RECORD.spanId,
      traceState: 'b=2',
      traceFlags: 1,
      attributes: { c: true },
      droppedAttributesCount: 5,
    },
  ],
  droppedLinksCount: 6,
  statusCode: 2,
  statusMessage: 'broken',
}

const RESOURCE = encodeResource({ attributes: { 'service.name': 'web' } })
const SCOPE = encodeScope({ name: 'winston', version: '3.19.0' })

function encodeLog(record: LogRecord, seq?: number): Uint8Array {
  const encoder = new OtlpEncoder()
  encoder.appendLog(record, seq)
  return encoder.take()
}

function encodeSpan(span: SpanRecord): Uint8Array {
  const encoder = new OtlpEncoder()
  encoder.appendSpan(span)
  return encoder.take()
}

function logsRequest(...chunks: Uint8Array[]): Uint8Array {
  return assembleRequest([{ resource: RESOURCE, scopes: [{ scope: SCOPE, records: chunks }] }])
}

/** What protobufjs says of one value, in our words. */
function valueOf(value: Record<string, unknown> | undefined): AnyValue {
  if (value === undefined) return null
  const [field, content] = Object.entries(value)[0] ?? ['', null]
  switch (field) {
    case 'stringValue':
    case 'boolValue':
    case 'doubleValue':
      return content as string | boolean | number
    case 'intValue': {
      const number = Number(content)
      return Number.isSafeInteger(number) ? number : BigInt(content as string)
    }
    case 'arrayValue':
      return ((content as { values?: Record<string, unknown>[] }).values ?? []).map(valueOf)
    case 'kvlistValue':
      return attributesOf((content as { values?: KeyValue[] }).values)
    case 'bytesValue':
      return new Uint8Array(Buffer.from(content as string, 'base64'))
    default:
      return null
  }
}

interface KeyValue {
  readonly key?: string
  readonly value?: Record<string, unknown>
}

function attributesOf(pairs: readonly KeyValue[] = []): Record<string, AnyValue> {
  const map: Record<string, AnyValue> = {}
  for (const { key = '', value } of pairs) {
    Object.defineProperty(map, key, { value: valueOf(value), enumerable: true, configurable: true, writable: true })
  }
  return map
}

const hexOf = (base64: unknown): string => Buffer.from((base64 ?? '') as string, 'base64').toString('hex')

const id = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

/** A LogRecord as protobufjs read it. */
function logOf(read: Record<string, unknown>): LogRecord {
  return {
    timeUnixNano: BigInt((read['timeUnixNano'] ?? 0) as string),
    observedTimeUnixNano: BigInt((read['observedTimeUnixNano'] ?? 0) as string),
    severityNumber: (read['severityNumber'] ?? 0) as number,
    severityText: (read['severityText'] ?? '') as string,
    eventName: (read['eventName'] ?? '') as string,
    body: read['body'] === undefined ? undefined : valueOf(read['body'] as Record<string, unknown>),
    attributes: attributesOf(read['attributes'] as KeyValue[]),
    traceId: hexOf(read['traceId']),
    spanId: hexOf(read['spanId']),
    traceFlags: (read['flags'] ?? 0) as number,
    droppedAttributesCount: (read['droppedAttributesCount'] ?? 0) as number,
  }
}

function logsByProtobufjs(request: Uint8Array): LogRecord[] {
  const read = protobufjsDecode('ExportLogsServiceRequest', request) as {
    resourceLogs?: { scopeLogs?: { logRecords?: Record<string, unknown>[] }[] }[]
  }
  return (read.resourceLogs ?? []).flatMap(({ scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) => logRecords.map(logOf)),
  )
}

describe('a log record', () => {
  test('is the same to our decoder', () => {
    expect(decodeLogRecords(encodeLog(RECORD))).toEqual([RECORD])
  })

  test('is the same to protobufjs', () => {
    expect(logsByProtobufjs(logsRequest(encodeLog(RECORD)))).toEqual([RECORD])
  })

  test('of any shape is the same to both', () => {
    fc.assert(
      fc.property(arbitrary.logRecord, (record) => {
        const chunk = encodeLog(record)
        expect(decodeLogRecords(chunk)).toEqual([record])
        expect(logsByProtobufjs(logsRequest(chunk))).toEqual([record])
      }),
    )
  })

  test('whole numbers under a double key are doubles on the wire', () => {
    const read = JSON.stringify(protobufjsDecode('ExportLogsServiceRequest', logsRequest(encodeLog(RECORD))))
    expect(read).toContain('"tracelog.response_time_ms","value":{"doubleValue":15}')
    expect(read).toContain('"http.response.status_code","value":{"intValue":"200"}')
  })

  test('carries its sequence number', () => {
    expect(decodeLogRecords(encodeLog(RECORD, 7))[0]?.attributes['tracelog.seq']).toBe(7)
    expect(decodeLogRecords(encodeLog(RECORD))[0]?.attributes).not.toHaveProperty('tracelog.seq')
  })

  test('keeps an id of another system as an attribute', () => {
    const [read] = decodeLogRecords(encodeLog({ ...RECORD, traceId: 'abc123xyz', spanId: 'span-1', attributes: {} }))
    expect(read?.traceId).toBe('')
    expect(read?.attributes).toEqual({ 'tracelog.foreign_trace_id': 'abc123xyz', 'tracelog.foreign_span_id': 'span-1' })
  })

  test('of another span does not inherit the span before', () => {
    const encoder = new OtlpEncoder()
    const records = [
      RECORD,
      { ...RECORD, spanId: '00f067aa0ba902b7' },
      { ...RECORD, traceId: '', spanId: '', traceFlags: 0 },
      RECORD,
    ]
    for (const record of records) encoder.appendLog(record)
    expect(decodeLogRecords(encoder.take())).toEqual(records)
  })

  test('lone surrogates arrive as U+FFFD', () => {
    const [read] = decodeLogRecords(
      encodeLog({ ...RECORD, body: 'a\uD800', attributes: { k: 'b'.repeat(50) + '\uDC00' } }),
    )
    expect(read?.body).toBe('a\uFFFD')
    expect(read?.attributes).toEqual({ k: 'b'.repeat(50) + '\uFFFD' })
  })

  test('a bigint beyond 64 bits is text', () => {
    expect(decodeLogRecords(encodeLog({ ...RECORD, attributes: { n: 1n << 70n } }))[0]?.attributes).toEqual({
      n: '1180591620717411303424',
    })
  })
})

describe('a span', () => {
  test('is the same to our decoder', () => {
    expect(decodeSpans(encodeSpan(SPAN))).toEqual([SPAN])
  })

  test('of any shape is the same', () => {
    fc.assert(
      fc.property(arbitrary.spanRecord, (span) => {
        expect(decodeSpans(encodeSpan(span))).toEqual([span])
      }),
    )
  })

  test('is the same to protobufjs', () => {
    const request = assembleRequest([{ resource: RESOURCE, scopes: [{ scope: SCOPE, records: [encodeSpan(SPAN)] }] }])
    const read = protobufjsDecode('ExportTraceServiceRequest', request)
    expect(read).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
          scopeSpans: [
            {
              scope: { name: 'winston', version: '3.19.0' },
              spans: [
                {
                  traceId: id(SPAN.traceId),
                  spanId: id(SPAN.spanId),
                  parentSpanId: id(SPAN.parentSpanId),
                  traceState: 'a=1',
                  name: 'GET /api',
                  kind: 2,
                  flags: 0x301,
                  startTimeUnixNano: '1',
                  endTimeUnixNano: '2',
                  attributes: [{ key: 'a', value: { intValue: '1' } }],
                  droppedAttributesCount: 1,
                  droppedEventsCount: 4,
                  droppedLinksCount: 6,
                  events: [
                    {
                      timeUnixNano: '3',
                      name: 'exception',
                      droppedAttributesCount: 2,
                      attributes: [{ key: 'b', value: { stringValue: 'x' } }],
                    },
                  ],
                  links: [
                    {
                      traceId: id(SPAN.traceId),
                      spanId: id(SPAN.spanId),
                      traceState: 'b=2',
                      flags: 1,
                      attributes: [{ key: 'c', value: { boolValue: true } }],
                      droppedAttributesCount: 5,
                    },
                  ],
                  status: { code: 2, message: 'broken' },
                },
              ],
            },
          ],
        },
      ],
    })
  })
})

describe('a request', () => {
  test('holds resources, scopes and records as given', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            arbitrary.resource,
            fc.array(fc.tuple(arbitrary.scope, fc.array(arbitrary.logRecord, { minLength: 1, maxLength: 3 })), {
              minLength: 1,
              maxLength: 3,
            }),
          ),
          { maxLength: 3 },
        ),
        (resources) => {
          const request = assembleRequest(
            resources.map(([resource, scopes]) => ({
              resource: encodeResource(resource),
              scopes: scopes.map(([scope, records]) => ({
                scope: encodeScope(scope),
                records: records.map((record) => encodeLog(record)),
              })),
            })),
          )
          expect(decodeLogsRequest(request)).toEqual(
            resources.map(([resource, scopes]) => ({
              resource,
              scopes: scopes.map(([scope, records]) => ({ scope, records })),
            })),
          )
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves out scopes and resources without records', () => {
    const empty = { resource: RESOURCE, scopes: [{ scope: SCOPE, records: [] }] }
    expect(requestPieces([empty])).toEqual([])
    const request = assembleRequest([
      empty,
      {
        resource: RESOURCE,
        scopes: [
          { scope: SCOPE, records: [encodeSpan(SPAN)] },
          { scope: SCOPE, records: [] },
        ],
      },
    ])
    expect(decodeTracesRequest(request)).toHaveLength(1)
    expect(decodeTracesRequest(request)[0]?.scopes).toHaveLength(1)
  })

  test('pieces hold the very bytes of the chunks', () => {
    const chunk = encodeLog(RECORD)
    expect(requestPieces([{ resource: RESOURCE, scopes: [{ scope: SCOPE, records: [chunk] }] }])).toContain(chunk)
  })

  test('a chunk can be cut between any two records', () => {
    const encoder = new OtlpEncoder()
    const bodies = ['a', 'b'.repeat(5_000), 'c'.repeat(300)]
    const [first = 0, second = 0] = bodies.map((body) => encoder.appendLog({ ...RECORD, body }))
    const chunk = encoder.take()
    expect(decodeLogRecords(chunk.subarray(first, first + second)).map(({ body }) => body)).toEqual([bodies[1]])
  })
})

describe('a chunk', () => {
  test('is handed over whole and begins anew', () => {
    const encoder = new OtlpEncoder({ chunkBytes: 1024 })
    for (let i = 0; i < 100; i++) encoder.appendLog({ ...RECORD, body: i })
    expect(encoder.count).toBe(100)
    const size = encoder.byteLength
    const first = encoder.take()
    expect(first).toHaveLength(size)
    expect([encoder.count, encoder.byteLength]).toEqual([0, 0])
    encoder.appendLog({ ...RECORD, body: 'next' })
    expect(decodeLogRecords(encoder.take()).map(({ body }) => body)).toEqual(['next'])
    expect(decodeLogRecords(first).map(({ body }) => body)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('may be transferred to another thread', () => {
    const encoder = new OtlpEncoder()
    for (let i = 0; i < 1000; i++) encoder.appendLog({ ...RECORD, body: 'x'.repeat(200) })
    const chunk = encoder.take()
    const copy = structuredClone(chunk, { transfer: [chunk.buffer] })
    expect(chunk).toHaveLength(0)
    expect(decodeLogRecords(copy)).toHaveLength(1000)
  })

  test('says how many bytes each record took', () => {
    const encoder = new OtlpEncoder()
    const sizes = [encoder.appendLog(RECORD), encoder.appendLog({ ...RECORD, body: 'longer text' })]
    expect(sizes[0]! + sizes[1]!).toBe(encoder.byteLength)
  })
})

describe('a poison record', () => {
  const circle: Record<string, AnyValue> = {}
  circle['self'] = circle
  const deep = Array.from({ length: 100 }).reduce<AnyValue>((inner) => [inner], 1)
  const hostile = {
    get a(): never {
      throw new Error('no')
    },
    b: 1,
  }

  test.each<[string, unknown, object]>([
    ['a getter that throws', { attributes: hostile }, { attributes: { a: '[Throws: no]', b: 1 } }],
    ['a circle', { attributes: circle }, { attributes: { self: '[Circular]' } }],
    [
      'a value nested too deep',
      { attributes: { deep } },
      { attributes: { deep: [[[[[['[Array]']]]]]], 'tracelog.truncated': true } },
    ],
    ['a Date', { attributes: { d: new Date(0) } }, { attributes: { d: '1970-01-01T00:00:00.000Z' } }],
    ['a function as body', { body: () => 1 }, { body: '[Function: body]' }],
    [
      'a text of 1 MB',
      { body: 'x'.repeat(1_000_000) },
      { attributes: expect.objectContaining({ 'tracelog.truncated': true }) },
    ],
    ['no time', { timeUnixNano: undefined }, { timeUnixNano: 0n }],
    ['a number as severity text', { severityText: 5 }, { severityText: '5' }],
    ['a severity that is none', { severityNumber: Number.NaN }, { severityNumber: 0 }],
    ['no attributes', { attributes: null }, { attributes: {} }],
  ])('with %s arrives repaired, its neighbours untouched', (_, change, expected) => {
    const reasons: unknown[] = []
    const encoder = new OtlpEncoder({ onRepair: (reason) => reasons.push(reason) })
    encoder.appendLog(RECORD)
    encoder.appendLog({ ...RECORD, ...(change as object) })
    encoder.appendLog(RECORD)
    const read = decodeLogRecords(encoder.take())
    expect(read).toHaveLength(3)
    expect(read[0]).toEqual(RECORD)
    expect(read[1]).toMatchObject(expected)
    expect(read[2]).toEqual(RECORD)
  })

  test('that cannot be read at all leaves a mark in its place', () => {
    const unreadable = new Proxy({} as LogRecord, {
      get() {
        throw new Error('go away')
      },
    })
    const encoder = new OtlpEncoder()
    encoder.appendLog(RECORD)
    encoder.appendLog(unreadable)
    encoder.appendLog(RECORD)
    const read = decodeLogRecords(encoder.take())
    expect(read[1]?.body).toBe('tracelog: a record could not be encoded')
    expect(read[1]?.attributes).toEqual({ 'tracelog.encode_error': '[Throws: go away]', 'tracelog.truncated': true })
    expect([read[0], read[2]]).toEqual([RECORD, RECORD])
  })

  test('a span that cannot be read at all is left out, and told', () => {
    const reasons: unknown[] = []
    const encoder = new OtlpEncoder({ onRepair: (reason) => reasons.push(reason) })
    encoder.appendSpan(SPAN)
    const size = encoder.appendSpan(null as unknown as SpanRecord)
    expect([size, encoder.count, reasons.length]).toEqual([0, 1, 2])
    expect(decodeSpans(encoder.take())).toEqual([SPAN])
  })

  test('a repaired span keeps its neighbours', () => {
    const encoder = new OtlpEncoder()
    encoder.appendSpan(SPAN)
    encoder.appendSpan({ ...SPAN, attributes: hostile })
    encoder.appendSpan(SPAN)
    const read = decodeSpans(encoder.take())
    expect(read[1]).toEqual({ ...SPAN, attributes: { a: '[Throws: no]', b: 1 } })
    expect([read[0], read[2]]).toEqual([SPAN, SPAN])
  })
})

describe('32 KiB a record', () => {
  test('the longest value is cut first, the others stay', () => {
    const chunk = encodeLog(
      {
        ...RECORD,
        body: 'b'.repeat(500),
        attributes: { first: 'short', long: 'x'.repeat(100_000), last: 'y'.repeat(1000) },
      },
      1,
    )
    expect(chunk.length).toBeLessThanOrEqual(MAX_RECORD_BYTES)
    const [read] = decodeLogRecords(chunk)
    expect(read).toMatchObject({
      body: 'b'.repeat(500),
      attributes: { first: 'short', last: 'y'.repeat(1000), 'tracelog.truncated': true, 'tracelog.seq': 1 },
    })
    expect(read?.attributes['long']).toMatch(/^x{30000}/)
  })

  test('the first keys are kept when even the keys are too many', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 120 }, (_, i) => [`${i}-${'k'.repeat(900)}`, `value ${i}`]),
    )
    const chunk = encodeLog({ ...RECORD, attributes })
    expect(chunk.length).toBeLessThanOrEqual(MAX_RECORD_BYTES)
    const [read] = decodeLogRecords(chunk)
    const kept = Object.keys(read?.attributes ?? {})
    expect(kept[0]).toMatch(/^0-k/)
    expect(kept.length).toBeGreaterThan(20)
    expect(kept).toContain('tracelog.truncated')
    expect(read?.droppedAttributesCount).toBe(3 + 120 - (kept.length - 1))
  })

  test('holds for any record', () => {
    const long = fc
      .nat(40_000)
      .chain((length) => fc.constantFrom('x', '\u20AC', '\u{1F600}').map((unit) => unit.repeat(length)))
    const value = fc.oneof(
      long,
      fc.array(long, { maxLength: 5 }),
      fc.dictionary(fc.string(), long, { maxKeys: 5 }),
      fc.array(fc.integer(), { maxLength: 5000, minLength: 4000 }),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 10 }), value, (attributes, body) => {
        const chunk = encodeLog({ ...RECORD, attributes, body }, 123_456)
        expect(chunk.length).toBeLessThanOrEqual(MAX_RECORD_BYTES)
        expect(decodeLogRecords(chunk)).toHaveLength(1)
      }),
      { numRuns: 60 },
    )
  })

  test('a large span keeps its ids and stays under its own limit', () => {
    const event = { timeUnixNano: 1n, name: 'e', attributes: { s: 'x'.repeat(20_000) }, droppedAttributesCount: 0 }
    const chunk = encodeSpan({
      ...SPAN,
      attributes: { a: 'y'.repeat(200_000) },
      events: Array.from({ length: 50 }, () => event),
    })
    expect(chunk.length).toBeLessThanOrEqual(MAX_SPAN_BYTES)
    const [read] = decodeSpans(chunk)
    expect(read).toMatchObject({ traceId: SPAN.traceId, spanId: SPAN.spanId })
    expect(read!.events.length).toBeGreaterThan(0)
    expect(read!.droppedEventsCount).toBe(4 + 50 - read!.events.length)
  })
})
