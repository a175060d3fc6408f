/** What a template writes of a look-up is what the general way writes: for random operations, callers and ends. */
import { ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CacheHop } from '../../../src/capture/cache/cache-hop.ts'
import { CacheOperations, type CacheOperation } from '../../../src/capture/cache/cache-operation.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { parseTraceState } from '../../../src/context/trace-state.ts'
import { monotonicMillis } from '../../../src/diag/clock.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import type { RedactorOptions } from '../../../src/process/redactor.ts'
import { encodedKit, type Left } from '../../support/encoded-kit.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const text = fc.oneof(
  fc.constantFrom('redis', 'get', 'GET', 'zebra77', 'password=hunter2', 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB'),
  fc.string({ maxLength: 20 }),
  fc.constant('x'.repeat(600)),
)
const operation: fc.Arbitrary<CacheOperation> = fc.record({
  name: text,
  op: text,
  isRead: fc.boolean(),
  spanName: text,
  keyPattern: fc.option(text, { nil: undefined }),
  attributes: fc.constantFrom(
    {},
    { 'db.system.name': 'redis', 'server.address': '10.0.0.1', 'server.port': 6379, 'db.namespace': '0' },
    { tenant: 'acme' },
  ),
})
const course = fc.record({
  parent: fc.constantFrom('none', 'sampled', 'unsampled', 'remote', 'stated'),
  hasUnit: fc.boolean(),
  fields: fc.constantFrom(undefined, undefined, { tenant: 'acme' }),
  end: fc.constantFrom('hit', 'hit', 'miss', 'neither', 'queued', 'failed', 'process end'),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

function contextOf({ parent, hasUnit, fields }: Course): Context {
  let context = ROOT_CONTEXT
  const known = { traceId: TRACE, spanId: PARENT }
  if (parent === 'sampled') context = trace.setSpanContext(context, { ...known, traceFlags: 3 })
  if (parent === 'unsampled') context = trace.setSpanContext(context, { ...known, traceFlags: 0 })
  if (parent === 'remote') context = trace.setSpanContext(context, { ...known, traceFlags: 1, isRemote: true })
  if (parent === 'stated')
    context = trace.setSpanContext(context, { ...known, traceFlags: 1, traceState: parseTraceState('a=b')! })
  if (!hasUnit) return context
  const unit = new RequestUnit({
    ids: SpanIds.of(TRACE, PARENT),
    traceFlags: 1,
    method: 'GET',
    path: '/',
    startedMillis: 0,
    isPeerTrusted: true,
  })
  if (fields !== undefined) unit.addFields(fields)
  return withUnit(context, unit)
}

function end(hop: CacheHop, how: string): void {
  if (how === 'queued') hop.queued()
  else if (how === 'failed') hop.failed(new TypeError('down'))
  else if (how === 'process end') hop.finishNow()
  else hop.ended(how === 'neither' ? undefined : how === 'hit')
}

const maskId = (id: string) => (id === TRACE || id === PARENT || id === '' ? id : 'random')

function maskSpan({ startTimeUnixNano: from, endTimeUnixNano: to, ...span }: SpanRecord): object {
  return { ...span, isForward: from > 0n && to >= from, traceId: maskId(span.traceId), spanId: maskId(span.spanId) }
}

function maskRecord({ timeUnixNano: _time, observedTimeUnixNano: _observed, ...record }: LogRecord): object {
  const { 'exception.stacktrace': _stack, ...rest } = record.attributes
  const attributes = { ...rest, 'tracelog.response_time_ms': 0, 'tracelog.seq': 0 }
  return { ...record, attributes, traceId: maskId(record.traceId), spanId: maskId(record.spanId) }
}

function withoutChance({ spans, records }: Left): object {
  const isOfSpan = (record: LogRecord) => spans.length === 0 || spans.some(({ spanId }) => spanId === record.spanId)
  return { spans: spans.map(maskSpan), records: records.map(maskRecord), areOfSpans: records.every(isOfSpan) }
}

describe.each<RedactorOptions>([
  {},
  { addedKeys: ['tenant'], patterns: [/zebra\d+/g] },
  { addedKeys: ['tracelog.cache.hit'] },
])('redacted with %o', (redaction) => {
  test.each(['off', 'pattern'] as const)('both ways leave the same behind, with keys %s', (cacheKeys) => {
    const ways = [encodedKit(false, redaction), encodedKit(true, redaction)] as const
    const settings = ways.map(({ options }) => cacheOptionsOf({ ...options, cacheKeys }))
    fc.assert(
      fc.property(operation, course, (made, happens) => {
        const [general, fast] = ways.map((way, at) => {
          const caller = { context: contextOf(happens), startedMillis: monotonicMillis() }
          end(new CacheHop(settings[at]!, made, caller), happens.end)
          return withoutChance(way.take())
        })
        expect(fast).toEqual(general)
      }),
      { numRuns: 300 },
    )
  })
})

test('a plain look-up goes straight to bytes, span and record; the next one finds its template', () => {
  const kit = encodedKit(true)
  const options = cacheOptionsOf(kit.options)
  const operations = new CacheOperations()
  const make = () => ({
    name: 'redis',
    op: 'get',
    isRead: true,
    spanName: 'GET',
    keyPattern: undefined,
    attributes: {},
  })
  expect(operations.of('get', make)).toBe(operations.of('get', make))
  for (const hit of [true, false]) {
    new CacheHop(options, operations.of('get', make), {
      context: ROOT_CONTEXT,
      startedMillis: monotonicMillis(),
    }).ended(hit)
  }
  expect(kit.straight()).toBe(4)
  expect(kit.take().records.map(({ body }) => body)).toEqual(['redis get hit', 'redis get miss'])
})

test('what stands in a context of ours finds the parent without asking it for more than its ids', () => {
  const kit = encodedKit(true)
  const parent: Span = kit.options.tracer.startSpan('parent')
  const context = trace.setSpan(ROOT_CONTEXT, parent)
  const made = { name: 'c', op: 'get', isRead: false, spanName: 'c get', keyPattern: undefined, attributes: {} }
  new CacheHop(cacheOptionsOf(kit.options), made, { context, startedMillis: monotonicMillis() }).ended(undefined)
  const { traceId, spanId } = parent.spanContext()
  expect(kit.take().spans).toMatchObject([{ traceId, parentSpanId: spanId, name: 'c get', kind: 3 }])
})
