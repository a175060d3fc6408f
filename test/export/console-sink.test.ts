import { expect, test } from 'vitest'

import { createConsoleSink } from '../../src/export/console-sink.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { record, SCOPE } from './harness.ts'

const RESOURCE = { attributes: { 'service.name': 'shop' } }
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

function begin(format: 'text' | 'json') {
  const written: string[] = []
  const lines = { write: (_of: unknown, text: string) => void written.push(text), count: () => 0, drain: () => {} }
  return { written, sink: createConsoleSink({ format, resource: RESOURCE, lines }) }
}

const SPAN: SpanRecord = {
  traceId: TRACE_ID,
  spanId: 'b7ad6b7169203331',
  parentSpanId: '',
  traceState: '',
  flags: 1,
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: 1_700_000_000_000_000_000n,
  endTimeUnixNano: 1_700_000_000_012_500_000n,
  attributes: { 'http.response.status_code': 500 },
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  statusCode: 2,
  statusMessage: '',
}

test('a record is one readable line, with its stack below', () => {
  const { written, sink } = begin('text')
  const attributes = { ms: 1200, big: 12n, 'exception.stacktrace': 'Error: slow\n    at db.js:1' }
  sink.writeLog({ ...record('slow query', 13), attributes, traceId: TRACE_ID }, SCOPE, 0)
  expect(written).toEqual([
    `2023-11-14T22:13:20.000Z WARN  slow query [app] ms=1200 big="12" trace=${TRACE_ID}\nError: slow\n    at db.js:1\n`,
  ])
})

test('a span is one readable line', () => {
  const { written, sink } = begin('text')
  sink.writeSpan(SPAN, SCOPE, 0)
  expect(written).toEqual([
    `2023-11-14T22:13:20.000Z SPAN  GET /cart 12.5ms error http.response.status_code=500 trace=${TRACE_ID}\n`,
  ])
})

test('what a terminal would take as a command is shown, not done', () => {
  const { written, sink } = begin('text')
  sink.writeLog(record('\u001B[2J\u202Ereversed\r'), SCOPE, 0)
  expect(written[0]).toContain(String.raw`\x1b[2J\u202ereversed\r`)
})

test('as JSON both are one flat object per line', () => {
  const { written, sink } = begin('json')
  sink.writeLog(record('hello'), SCOPE, 0)
  sink.writeSpan(SPAN, SCOPE, 0)
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ service: 'shop', level: 'INFO', message: 'hello' })
  expect(JSON.parse(written[1] ?? '')).toMatchObject({
    service: 'shop',
    span: 'GET /cart',
    duration_ms: 12.5,
    error: true,
  })
})
