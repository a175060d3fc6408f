/**
 * One record per thing that may be lost on the way through the Collector and Loki.
 */
import type { Attributes } from '../../../src/model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../../../src/model/log-record.ts'

export interface FidelityCase {
  readonly group: string
  /** What is told in the table beside the attribute itself. */
  readonly what: string
  readonly record?: Partial<LogRecord>
  readonly resource?: Attributes
  readonly scope?: InstrumentationScope
}

/** Nanoseconds since the epoch of every record; `times` move it. */
export type TimeAt = (nanos: bigint) => bigint

const long = (length: number): string => 'x'.repeat(length)

export function fidelityCases(at: TimeAt): readonly FidelityCase[] {
  return [
    ...values('strings', [
      ['plain', 'text'],
      ['unicode', 'Größe 日本 😀'],
      ['control characters', 'a\u0000b\u001b[31m\n\t\u007f'],
      ['quotes, backslash, line separators', '"\\ \u2028\u2029'],
      ['blank', ' '],
      ['empty', ''],
      ['100,000 characters', long(100_000)],
    ]),
    ...values('numbers', [
      ['integer', 42],
      ['negative', -1],
      ['2^53 - 1', Number.MAX_SAFE_INTEGER],
      ['2^53 + 1', 2n ** 53n + 1n],
      ['int64 max', 2n ** 63n - 1n],
      ['int64 min', -(2n ** 63n)],
      ['double', 0.1],
      ['large double', 1e21],
      ['small double', 1e-7],
      ['-0', -0],
      ['NaN', Number.NaN],
      ['-Infinity', -Infinity],
    ]),
    ...values('other values', [
      ['true', true],
      ['false', false],
      ['null', null],
      ['bytes', new Uint8Array([0, 1, 254, 255])],
      ['array', ['a', 'b']],
      ['array of several types', ['a', 1, true, null]],
      ['empty array', []],
      ['array of maps', [{ b: 1, a: '<' }]],
      ['map', { id: 7, name: 'ada' }],
      ['deep map', { a: { b: { c: { d: { e: 1 } } } } }],
      ['empty map', {}],
    ]),
    ...attributes('attributes of ours and of OpenTelemetry', [
      ['status', { 'http.response.status_code': 503 }],
      ['whole milliseconds', { 'tracelog.response_time_ms': 12 }],
      ['milliseconds', { 'tracelog.response_time_ms': 0.125 }],
      ['cache hit', { 'tracelog.cache.hit': false }],
      ['list', { 'tracelog.upstream.tried': ['a:1', 'b:2'], 'tracelog.upstream.statuses': [502, 200] }],
      ['counts', { 'tracelog.seq': 0, 'tracelog.retries': 2, 'server.port': 8080 }],
      [
        'error',
        { 'error.type': 'TypeError', 'exception.message': 'x', 'exception.stacktrace': 'x\n    at y (z.js:1:2)' },
      ],
      ["an error's own fields", { 'exception.code': 'ECONNREFUSED', 'exception.errno': -111 }],
      ['a cause', { 'exception.cause': { type: 'TypeError', message: 'x' } }],
      ['empty text under a name of ours', { 'url.path': '/', 'url.query': '' }],
      ['a number where text belongs', { 'http.route': 5 }],
      ['text where a number belongs', { 'http.response.status_code': 'many' }],
    ]),
    ...attributes('names', [
      ['dots', { 'user.id': 'v' }],
      ['dash', { 'user-id': 'v' }],
      ['slash, colon, blank', { 'a/b:c d': 'v' }],
      ['leading digit', { '1st': 'v' }],
      ['capitals', { 'User.Id': 'v' }],
      ['runs of underscores', { a__b: 'v' }],
      ['leading underscore', { _id: 'v' }],
      ['beyond ASCII', { größe: 'v' }],
      ['without any ASCII letter', { 日本: 'v' }],
      ['empty name', { '': 'v' }],
      ['__proto__', Object.fromEntries([['__proto__', 'v']])],
      ['two that fold to one', { 'a.b': 'first', a_b: 'second' }],
      ['of a word of LogQL', { json: 'v', by: 'w', unwrap: 'x' }],
      ['level', { level: 'v' }],
      ['message', { message: 'v' }],
      ['service_name', { service_name: 'v' }],
      ['trace_id', { trace_id: 'v' }],
      ['severity_number', { severity_number: 21 }],
      ['flags', { flags: 'v' }],
      ['host.name on the record', { 'host.name': 'v' }],
    ]),
    ...records('bodies', [
      ['unicode and control characters', { body: 'Größe 😀\u0000\u001b[31m\n\ttwo lines\n' }],
      ['empty', { body: '' }],
      ['none', { body: undefined }],
      ['none, with an event', { body: undefined, eventName: 'shop.order' }],
      ['empty, with an event', { body: '', eventName: 'shop.order' }],
      ['map', { body: { b: 1, a: ['<', { c: true }] } }],
      ['array', { body: [1, 'two', null] }],
      ['number', { body: 1.5 }],
      ['2^53 + 1', { body: 2n ** 53n + 1n }],
      ['boolean', { body: true }],
      ['bytes', { body: new Uint8Array([1, 2, 255]) }],
      ['900,000 characters', { body: long(900_000) }],
      ['1,200,000 characters', { body: long(1_200_000) }],
    ]),
    ...records('severity', [
      ['number and text', { severityNumber: 13, severityText: 'warn' }],
      ['within a level', { severityNumber: 14, severityText: 'notice' }],
      ['number alone', { severityNumber: 24, severityText: '' }],
      ['text alone', { severityNumber: 0, severityText: 'error' }],
      ['none', { severityNumber: 0, severityText: '' }],
      ['a word of the logger alone', { severityNumber: 0, severityText: 'loud' }],
    ]),
    ...records('time', [
      ['to the nanosecond', { timeUnixNano: at(123_456_789n), observedTimeUnixNano: at(123_456_790n) }],
      ['observed alone', { timeUnixNano: 0n, observedTimeUnixNano: at(5n) }],
      ['not observed', { timeUnixNano: at(7n), observedTimeUnixNano: 0n }],
    ]),
    ...records('ids and counts', [
      [
        'trace, span, flags',
        { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 },
      ],
      ['dropped attributes', { droppedAttributesCount: 3 }],
    ]),
    { group: 'sender', what: 'scope', scope: { name: 'winston.db', version: '3.1' } },
    {
      group: 'sender',
      what: "the scope's own attributes",
      scope: { name: 's', version: '', attributes: { of: 'scope' } },
    },
    {
      group: 'sender',
      what: 'resource attributes of the flat line',
      resource: { 'service.version': '1.2', 'service.instance.id': 'i-1', 'deployment.environment.name': 'prod' },
    },
    {
      group: 'sender',
      what: 'resource attributes of the process',
      resource: { 'process.pid': 42, 'os.type': 'linux' },
    },
    { group: 'sender', what: 'other resource attributes', resource: { 'team.name': 'cart' } },
  ]
}

function values(group: string, list: readonly (readonly [string, Attributes[string]])[]): FidelityCase[] {
  return list.map(([what, value]) => ({ group, what, record: { attributes: { v: value } } }))
}

function attributes(group: string, list: readonly (readonly [string, Attributes])[]): FidelityCase[] {
  return list.map(([what, value]) => ({ group, what, record: { attributes: value } }))
}

function records(group: string, list: readonly (readonly [string, Partial<LogRecord>])[]): FidelityCase[] {
  return list.map(([what, record]) => ({ group, what, record }))
}
