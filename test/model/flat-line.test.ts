import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import { parseFlatLine } from '../../src/model/flat-line-read.ts'
import { type FlatLineOptions, MAX_LINE_BYTES, toFlatLine } from '../../src/model/flat-line.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const RESOURCE = { attributes: { 'service.name': 'load_balancer' } }
const SCOPE = { name: '', version: '' }

const RECORD: LogRecord = {
  timeUnixNano: 1_726_151_722_001_999_999n,
  observedTimeUnixNano: 1_726_151_723_000_000_000n,
  severityNumber: 9,
  severityText: 'info',
  eventName: '',
  body: 'hello',
  attributes: {},
  traceId: TRACE,
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  droppedAttributesCount: 0,
}

function line(change: Partial<LogRecord>, options: FlatLineOptions = {}): string {
  return toFlatLine({ ...RECORD, ...change }, RESOURCE, SCOPE, options)
}

function fields(change: Partial<LogRecord>, options: FlatLineOptions = {}): Record<string, unknown> {
  return JSON.parse(line(change, options)) as Record<string, unknown>
}

function again(text: string): string {
  const read = parseFlatLine(text)
  return read === undefined
    ? ''
    : toFlatLine(read.record, read.resource, read.scope, { hasTimeNs: text.includes('"time_ns"') })
}

test('the example of the specification comes out exactly', () => {
  const attributes = {
    'http.request.method': 'GET',
    'url.path': '/api/bookings',
    'http.response.status_code': 200,
    'tracelog.response_time_ms': 15,
    'tracelog.cache.hit': true,
    'tracelog.component': 'load_balancer',
    'tracelog.upstream': '10.0.0.1:80',
  }
  expect(line({ eventName: 'tracelog.lb.end', body: undefined, attributes }, { line: 'minimal' })).toBe(
    `{"timestamp":"2024-09-12T14:35:22.001Z","trace_id":"${TRACE}","service":"load_balancer","level":"INFO","method":"GET","path":"/api/bookings","response_time_ms":15,"cache_hit":true}`,
  )
})

test('a full line has its keys in the order of the table', () => {
  const attributes = {
    'user.id': 7,
    'tracelog.upstream': 'a:1',
    'tracelog.elapsed_ms': 3.00049,
    'tracelog.task.goal': 'import',
    'tracelog.buffered': true,
    'tracelog.seq': 12,
    'exception.stacktrace': 'Error: x\n    at y',
    'exception.message': 'x',
    'exception.type': 'Error',
    'error.type': '500',
    'tracelog.component': 'http_server',
    'tracelog.cache.hit': false,
    'tracelog.response_time_ms': 1.23456,
    'http.response.status_code': 500,
    'url.path': '/p',
    'http.request.method': 'GET',
    'http.route': '/:p',
    'tracelog.cache.reads': 2,
    'tracelog.db.calls': 3,
    'tracelog.db.ms': 7.25,
    'tracelog.lb.routing_ms': 0.5,
    'tracelog.parent_span_id': '00f067aa0ba902b7',
  }
  const resource = { attributes: { 'service.name': 'web', 'service.version': '1.2', 'process.pid': 4 } }
  const record = {
    ...RECORD,
    severityNumber: 13,
    severityText: 'warning',
    eventName: 'tracelog.http.server.end',
    attributes,
    droppedAttributesCount: 2,
  }
  const text = toFlatLine(record, resource, { name: 'winston', version: '3' }, { hasTimeNs: true })
  expect(Object.entries(JSON.parse(text) as object)).toEqual([
    ['timestamp', '2024-09-12T14:35:22.001Z'],
    ['time_ns', '1726151722001999999'],
    ['trace_id', TRACE],
    ['span_id', 'b7ad6b7169203331'],
    ['trace_flags', '01'],
    ['service', 'web'],
    ['level', 'WARN'],
    ['severity_text', 'warning'],
    ['message', 'hello'],
    ['method', 'GET'],
    ['path', '/p'],
    ['status', 500],
    ['response_time_ms', 1.235],
    ['cache_hit', false],
    ['component', 'http_server'],
    ['event', 'tracelog.http.server.end'],
    ['error_type', '500'],
    ['error_message', 'x'],
    ['error_stack', 'Error: x\n    at y'],
    ['logger', 'winston'],
    ['seq', 12],
    ['buffered', true],
    ['task', 'import'],
    ['elapsed_ms', 3],
    ['upstream', 'a:1'],
    ['user.id', 7],
    ['exception.type', 'Error'],
    ['route', '/:p'],
    ['cache_reads', 2],
    ['db_calls', 3],
    ['db_ms', 7.25],
    ['lb_routing_ms', 0.5],
    ['parent_span_id', '00f067aa0ba902b7'],
    ['service.version', '1.2'],
    ['dropped_attributes', 2],
  ])
  expect(again(text)).toBe(text)
})

describe('one value', () => {
  test.each<[string, AnyValue, unknown]>([
    ['a large int', 1n << 60n, '1152921504606846976'],
    ['a small bigint', 5n, 5],
    ['NaN', Number.NaN, 'NaN'],
    ['minus Infinity', -Infinity, '-Infinity'],
    ['bytes', new Uint8Array([1, 2]), 'AQI='],
    ['null', null, null],
    ['a list', [1, 'a', null, true], [1, 'a', null, true]],
    ['a list with an object', [{ a: 1 }], '[{"a":1}]'],
    ['a list in a list', [[1n << 60n]], '[["1152921504606846976"]]'],
    ['an empty map', {}, '{}'],
    ['a lone surrogate', 'a\uD800', 'a\uD800'],
  ])('%s', (_, value, expected) => {
    expect(fields({ attributes: { v: value } })['v']).toEqual(expected)
  })

  test('a lone surrogate and control characters are escaped, so that the line is UTF-8 and one line', () => {
    expect(line({ body: 'a\uD800\n\u0000' })).toContain(String.raw`"message":"a\ud800\n\u0000"`)
  })

  test('nested maps are flattened to depth 4, deeper ones are JSON text', () => {
    const read = fields({ attributes: { a: { b: { c: { d: { e: { f: 1 }, g: 2 } } }, h: [1] } } })
    expect(read).toMatchObject({ 'a.b.c.d.e': '{"f":1}', 'a.b.c.d.g': 2, 'a.h': [1] })
  })

  test('undefined is omitted', () => {
    expect(fields({ attributes: { v: undefined } })).not.toHaveProperty('v')
  })
})

describe('keys', () => {
  test('a collision with a key of the table is prefixed, and read back', () => {
    const text = line({ attributes: { level: 'loud', method: 1, 'attr.status': 2, 'host.name': 'h', __proto__x: 1 } })
    expect(JSON.parse(text)).toMatchObject({
      level: 'INFO',
      'attr.level': 'loud',
      'attr.method': 1,
      'attr.attr.status': 2,
      'attr.host.name': 'h',
    })
    expect(parseFlatLine(text)?.record.attributes).toEqual({
      level: 'loud',
      method: 1,
      'attr.status': 2,
      'host.name': 'h',
      __proto__x: 1,
    })
  })

  test('two ways to one key are both kept', () => {
    expect(fields({ attributes: { 'a.b': 1, a: { b: 2 } } })).toMatchObject({ 'a.b': 1, 'attr.a.b': 2 })
  })

  test('__proto__ is written and read like any other', () => {
    const attributes = JSON.parse('{"__proto__":"p","constructor":"c"}') as Attributes
    const text = line({ attributes })
    expect(text).toContain('"__proto__":"p"')
    expect(JSON.stringify(parseFlatLine(text)?.record.attributes)).toBe('{"__proto__":"p","constructor":"c"}')
  })

  test('no blanks after colon and comma', () => {
    expect(line({ attributes: { a: 1 } })).toContain(`"trace_id":"${TRACE}","span_id"`)
  })
})

describe('rules of single keys', () => {
  test.each<[string, Partial<LogRecord>, object]>([
    ['no time: the observed one', { timeUnixNano: 0n }, { timestamp: '2024-09-12T14:35:23.000Z' }],
    ['severity 0 from a known text', { severityNumber: 0, severityText: 'error' }, { level: 'ERROR' }],
    [
      'severity 0 and an unknown text',
      { severityNumber: 0, severityText: 'audit' },
      { level: 'INFO', severity_text: 'audit' },
    ],
    ['a map as body', { body: { a: [1n] } }, { message: '{"a":[1]}' }],
    ['no body: the event', { body: undefined, eventName: 'e' }, { message: 'e', event: 'e' }],
    [
      'an unknown method by its own name',
      { attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' } },
      { method: 'BREW' },
    ],
    [
      "the exception's type without an error type",
      { attributes: { 'exception.type': 'TypeError' } },
      { error_type: 'TypeError' },
    ],
    ['a negative duration', { attributes: { 'tracelog.response_time_ms': -1 } }, { response_time_ms: 0 }],
    [
      "another system's trace id",
      { traceId: '', traceFlags: 0, attributes: { 'tracelog.foreign_trace_id': 'abc123xyz' } },
      { trace_id: 'abc123xyz' },
    ],
  ])('%s', (_, change, expected) => {
    expect(fields(change)).toMatchObject(expected)
  })

  test('severity_text only when it differs, whatever its case', () => {
    expect(fields({ severityText: 'Info' })).not.toHaveProperty('severity_text')
  })

  test('what another key says already is not written twice', () => {
    const read = fields({
      eventName: 'e',
      attributes: {
        'event.name': 'e',
        'exception.type': 'E',
        'error.type': 'E',
        'http.request.method': '_OTHER',
        'http.request.method_original': 'BREW',
      },
    })
    expect(Object.keys(read)).not.toEqual(expect.arrayContaining(['event.name']))
    expect(read).not.toHaveProperty('exception.type')
    expect(read).not.toHaveProperty('http.request.method_original')
  })

  test('no ids, no flags, no service: no keys', () => {
    const record = { ...RECORD, traceId: '', spanId: '', traceFlags: 0 }
    expect(Object.keys(JSON.parse(toFlatLine(record, { attributes: {} }, SCOPE)) as object)).toEqual([
      'timestamp',
      'level',
      'message',
    ])
  })
})

const bytes = (text: string): number => Buffer.byteLength(text)

describe('64 KiB a line', () => {
  test('the stack is cut first', () => {
    const text = line({
      body: 'm'.repeat(20_000),
      attributes: { 'exception.stacktrace': 's'.repeat(100_000), long: 'x'.repeat(20_000) },
    })
    expect(bytes(text)).toBeLessThanOrEqual(MAX_LINE_BYTES)
    const read = JSON.parse(text) as Record<string, string>
    expect([read['message']?.length, read['long']?.length, read['truncated']]).toEqual([20_000, 20_000, true])
    expect(read['error_stack']?.length).toBeGreaterThan(20_000)
  })

  test('then the message, then the longest attribute', () => {
    const text = line({
      body: 'm'.repeat(100_000),
      attributes: { 'exception.stacktrace': 's'.repeat(100_000), a: 'x'.repeat(50_000), b: 'y'.repeat(5_000) },
    })
    const read = JSON.parse(text) as Record<string, string>
    expect(bytes(text)).toBeLessThanOrEqual(MAX_LINE_BYTES)
    expect([read['error_stack']?.length, read['a']?.length, read['b']?.length]).toEqual([1024, 50_000, 5_000])
  })

  test('holds for any record, and the line stays JSON', () => {
    const long = fc
      .nat(70_000)
      .chain((length) => fc.constantFrom('x', '\u20AC', '\n', '\u{1F600}', '\uD800').map((unit) => unit.repeat(length)))
    fc.assert(
      fc.property(
        long,
        fc.dictionary(fc.string(), fc.oneof(long, fc.array(long, { maxLength: 3 })), { maxKeys: 6 }),
        (body, attributes) => {
          const text = line({ body, attributes })
          expect(bytes(text)).toBeLessThanOrEqual(MAX_LINE_BYTES)
          expect(JSON.parse(text)).toHaveProperty('timestamp')
        },
      ),
      { numRuns: 40 },
    )
  })

  test('too many keys: the first are kept', () => {
    const attributes = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key-${i}-${'k'.repeat(60)}`, i]))
    const text = line({ attributes })
    expect(bytes(text)).toBeLessThanOrEqual(MAX_LINE_BYTES)
    expect(JSON.parse(text)).toMatchObject({ message: 'hello', [`key-0-${'k'.repeat(60)}`]: 0, truncated: true })
  })
})

describe('reading a line', () => {
  test.each(['', '  ', 'text', '[1]', '{"a":1', 'null', '{"timestamp":"2024'])('%j is none', (text) => {
    expect(parseFlatLine(text)).toBeUndefined()
  })

  test("another system's ids are kept as attributes, and written back", () => {
    const text =
      '{"timestamp":"2024-09-12T14:35:22.001Z","trace_id":"abc123xyz","span_id":"s-1","service":"web","level":"INFO","message":"m"}'
    const read = parseFlatLine(text)
    expect(read?.record.traceId).toBe('')
    expect(read?.record.attributes).toEqual({
      'tracelog.foreign_trace_id': 'abc123xyz',
      'tracelog.foreign_span_id': 's-1',
    })
    expect(again(text)).toBe(text)
  })

  test('an error with a stack is an exception', () => {
    const read = parseFlatLine('{"level":"ERROR","error_type":"TypeError","error_message":"m","error_stack":"s"}')
    expect(read?.record.attributes).toEqual({
      'error.type': 'TypeError',
      'exception.message': 'm',
      'exception.stacktrace': 's',
      'exception.type': 'TypeError',
    })
    expect(parseFlatLine('{"error_type":"503"}')?.record.attributes).toEqual({ 'error.type': '503' })
  })

  test('an exception type that the line says stays, also one without a value', () => {
    const said = '{"level":"ERROR","error_type":"E","error_stack":"s","exception.type":null}'
    expect(parseFlatLine(said)?.record.attributes).toMatchObject({ 'exception.type': null })
  })

  test.each([
    ['{"level":"WARN","severity_text":"warning"}', 13, 'warning'],
    ['{"level":"INFO","severity_text":"notice"}', 10, 'notice'],
    ['{"level":"FATAL","severity_text":"info"}', 21, 'info'],
    ['{"level":"warn"}', 13, 'warn'],
    ['{"level":"INFO","severity_text":"audit"}', 9, 'audit'],
    ['{}', 0, ''],
  ])('severity of %s', (text, severityNumber, severityText) => {
    expect(parseFlatLine(text)?.record).toMatchObject({ severityNumber, severityText })
  })

  test('values of a wrong type lose nothing', () => {
    const read = parseFlatLine('{"timestamp":"soon","level":30,"trace_id":5,"service":["a"],"dropped_attributes":"x"}')
    expect(read?.record.attributes).toEqual({
      timestamp: 'soon',
      level: 30,
      trace_id: 5,
      service: ['a'],
      dropped_attributes: 'x',
    })
  })
})

describe('line -> record -> line is identity', () => {
  test('for every record', () => {
    fc.assert(
      fc.property(
        arbitrary.logRecord,
        arbitrary.resource,
        arbitrary.scope,
        fc.boolean(),
        (record, resource, scope, hasTimeNs) => {
          const text = toFlatLine(record, resource, scope, { hasTimeNs, maxBytes: Infinity })
          expect(again(text)).toBe(text)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('for records whose attributes are those of the table', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string(), { maxLength: 3 }),
    )
    const name = fc.constantFrom(
      'http.request.method',
      'http.request.method_original',
      'url.path',
      'http.response.status_code',
      'tracelog.response_time_ms',
      'tracelog.cache.hit',
      'tracelog.component',
      'error.type',
      'exception.type',
      'exception.message',
      'exception.stacktrace',
      'tracelog.seq',
      'tracelog.task.goal',
      'tracelog.task.path',
      'tracelog.elapsed_ms',
      'tracelog.upstream',
      'http.route',
      'tracelog.cache.name',
      'tracelog.upstream.tried',
      'tracelog.lb.routing_ms',
      'tracelog.truncated',
      'tracelog.parent_span_id',
      'event.name',
      'level',
      'attr.level',
      'service.version',
      'host',
      'error',
      'tracelog.dump.reason',
      'http.response.size',
    )
    fc.assert(
      fc.property(
        arbitrary.logRecord,
        fc.dictionary(name, fc.oneof(value, fc.dictionary(fc.constantFrom('name', 'type', 'x'), value))),
        (record, attributes) => {
          const text = toFlatLine({ ...record, attributes }, RESOURCE, SCOPE, { maxBytes: Infinity })
          expect(again(text)).toBe(text)
        },
      ),
      { numRuns: 300 },
    )
  })
})
