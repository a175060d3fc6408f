import { describe, expect, test } from 'vitest'

import { spanOfHop } from '../../src/model/hop-span.ts'
import type { LogRecord, Resource } from '../../src/model/log-record.ts'

const END = 1_726_151_722_001_000_000n
const RESOURCE: Resource = { attributes: { 'service.name': 'haproxy', 'host.name': 'edge-1' } }
const HOP: LogRecord = {
  timeUnixNano: END,
  observedTimeUnixNano: END + 5n,
  severityNumber: 9,
  severityText: 'INFO',
  eventName: 'tracelog.lb.end',
  body: 'GET /api/cart 200',
  attributes: {
    'tracelog.parent_span_id': '00f067aa0ba902b7',
    'http.request.method': 'GET',
    'url.path': '/api/cart',
    'http.response.status_code': 200,
    'tracelog.response_time_ms': 12.5,
    'tracelog.upstream': '10.0.0.1:80',
    'log.record.uid': 'b7ad6b7169203331-lb',
    'event.name': 'tracelog.lb.end',
  },
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 3,
  droppedAttributesCount: 1,
}

function spanOf(
  change: Partial<LogRecord> = {},
  attributes: LogRecord['attributes'] = {},
  resource: Resource = RESOURCE,
) {
  return spanOfHop({ ...HOP, ...change, attributes: { ...HOP.attributes, ...attributes } }, resource)
}

test('a hop is a SERVER span with its own ids, from its end back by its response time', () => {
  expect(spanOf()).toEqual({
    traceId: HOP.traceId,
    spanId: HOP.spanId,
    parentSpanId: '00f067aa0ba902b7',
    traceState: '',
    flags: 0x303,
    name: 'GET',
    kind: 2,
    startTimeUnixNano: END - 12_500_000n,
    endTimeUnixNano: END,
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/api/cart',
      'http.response.status_code': 200,
      'tracelog.response_time_ms': 12.5,
      'tracelog.upstream': '10.0.0.1:80',
    },
    droppedAttributesCount: 1,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
  })
  expect(spanOf()).toEqual(spanOf())
})

describe('what varies', () => {
  test.each([
    ['the first hop has no parent', {}, { 'tracelog.parent_span_id': undefined }, { parentSpanId: '', flags: 3 }],
    ['5xx is an error', {}, { 'http.response.status_code': 503 }, { statusCode: 2 }],
    ['4xx is none', {}, { 'http.response.status_code': 404 }, { statusCode: 0 }],
    ['an aborted request has no status', {}, { 'http.response.status_code': undefined }, { statusCode: 0 }],
    ['an unknown method', {}, { 'http.request.method': '_OTHER' }, { name: 'HTTP' }],
    ['a request that could not be parsed', {}, { 'http.request.method': undefined }, { name: 'HTTP' }],
    [
      'without a response time',
      {},
      { 'tracelog.response_time_ms': undefined },
      { startTimeUnixNano: END, endTimeUnixNano: END },
    ],
    ['without a time', { timeUnixNano: 0n }, {}, { endTimeUnixNano: END + 5n }],
  ])('%s', (_, change, attributes, expected) => {
    expect(spanOf(change, attributes)).toMatchObject(expected)
  })
})

describe('no span', () => {
  test.each([
    ['of another event', { eventName: 'tracelog.http.server.end' }],
    ['without a trace id', { traceId: '' }],
    ['without a span id', { spanId: '' }],
    ['of a trace that is not sampled', { traceFlags: 2 }],
  ])('%s', (_, change) => {
    expect(spanOf(change)).toBeUndefined()
  })

  test('of a load balancer that has an SDK: it sends the span itself', () => {
    expect(spanOf({}, {}, { attributes: { 'telemetry.sdk.name': 'opentelemetry' } })).toBeUndefined()
  })
})
