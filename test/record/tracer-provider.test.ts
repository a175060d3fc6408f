import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { expect, test } from 'vitest'

import type { ReadableSpan } from '../../src/model/sdk-types.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { Processors, type SpanProcessor } from '../../src/record/processors.ts'
import { createSampler } from '../../src/record/samplers.ts'
import { createTracerProvider, type TracerProviderOptions } from '../../src/record/tracer-provider.ts'

const REMOTE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isRemote: true }

function provide(options: Partial<TracerProviderOptions> = {}) {
  const spans: SpanRecord[] = []
  const provider = createTracerProvider({ sink: { emit: (span) => void spans.push(span) }, ...options })
  return { spans, provider, tracer: provider.getTracer('test', '1') }
}

test('a span becomes one record, with all that was said about it', () => {
  const { spans, tracer } = provide({ clock: { nowUnixNano: () => 1_700_000_000_000_000_123n } })
  const span = tracer.startSpan('first', { kind: SpanKind.PRODUCER, attributes: { a: 1, b: ['x'] } })
  span.setAttribute('c', true).updateName('renamed').addEvent('event', { k: 'v' })
  span.addLink({ context: { ...REMOTE, traceFlags: 1 } }).setStatus({ code: SpanStatusCode.ERROR, message: 'why' })
  span.recordException(new RangeError('bad'))
  span.end()
  span.end()
  span.setAttribute('late', 1)
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({
    name: 'renamed',
    kind: 4,
    parentSpanId: '',
    flags: 0x103,
    startTimeUnixNano: 1_700_000_000_000_000_123n,
    endTimeUnixNano: 1_700_000_000_000_000_123n,
    attributes: { a: 1, b: ['x'], c: true },
    statusCode: 2,
    statusMessage: 'why',
    // Sampled, and OTLP's two bits: it is known that it is remote, and it is.
    links: [{ traceId: REMOTE.traceId, spanId: REMOTE.spanId, traceFlags: 0x301 }],
  })
  expect(spans[0]?.attributes).not.toHaveProperty('late')
  expect(spans[0]?.events.map(({ name }) => name)).toEqual(['event', 'exception'])
  expect(spans[0]?.events[1]?.attributes).toMatchObject({ 'exception.type': 'RangeError', 'exception.message': 'bad' })
})

test.each([
  [0x01, 0x301],
  [0x03, 0x303],
])("a remote parent's flags %i become %i: random goes on, remote is told", (traceFlags, flags) => {
  const { spans, tracer } = provide()
  tracer.startSpan('child', {}, trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags })).end()
  expect(spans[0]).toMatchObject({ traceId: REMOTE.traceId, parentSpanId: REMOTE.spanId, flags })
})

test('limits: the first attributes and the last events are kept, the others counted', () => {
  const { spans, tracer } = provide({
    limits: { attributeCount: 2, attributeValueLength: 3, eventCount: 1, linkCount: 1 },
  })
  const span = tracer.startSpan('limited', { attributes: { a: 'abcdef', b: 2, c: 3 } })
  span.setAttribute('d', 4).setAttribute('b', 5)
  for (const name of ['one', 'two']) span.addEvent(name).addLink({ context: { ...REMOTE, traceFlags: 0 } })
  span.end()
  expect(spans[0]).toMatchObject({
    // Who redacts cuts its text: a secret may lie across the cut (test/process/cut.test.ts).
    attributes: { a: 'abcdef', b: 5 },
    droppedAttributesCount: 2,
    droppedEventsCount: 1,
    droppedLinksCount: 1,
  })
  expect(spans[0]?.events.map(({ name }) => name)).toEqual(['two'])
})

test.each([
  ['always_on', undefined, 1],
  ['always_off', undefined, 0],
  ['traceidratio', 0, 0],
  ['traceidratio', 1, 1],
  ['parentbased_always_on', undefined, 1],
  ['parentbased_traceidratio', 0, 0],
] as const)('sampler %s with ratio %s records %i of 1', (name, ratio, count) => {
  const { spans, tracer } = provide({ sampler: createSampler(name, ratio) })
  const span = tracer.startSpan('maybe')
  expect(span.spanContext().traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
  expect(span.spanContext().traceFlags & 1).toBe(count)
  span.end()
  expect(spans).toHaveLength(count)
})

test('while tracing is suppressed there is no span', () => {
  const { spans, tracer } = provide()
  tracer.startSpan('own request', {}, suppressTracing(ROOT_CONTEXT)).end()
  expect(spans).toEqual([])
})

test("a user's processor sees the SDK's shape, and its error harms nobody", async () => {
  const seen: ReadableSpan[] = []
  const processor: SpanProcessor = {
    onStart: (span) => void span.setAttribute('by.processor', true),
    onEnd(span) {
      seen.push(span)
      throw new Error('a processor of the user')
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const { spans, tracer, provider } = provide({ processors: new Processors([processor]) })
  tracer.startSpan('processed', { startTime: [5, 7] }).end([6, 7])
  await provider.forceFlush()
  expect(spans[0]?.attributes).toEqual({ 'by.processor': true })
  expect(seen[0]).toMatchObject({
    name: 'processed',
    startTime: [5, 7],
    endTime: [6, 7],
    duration: [1, 0],
    ended: true,
  })
})

test('startActiveSpan makes the span active and gives back what the function gives', () => {
  const { tracer } = provide()
  expect(tracer.startActiveSpan('active', (span) => span.isRecording())).toBe(true)
  expect(tracer.startActiveSpan('active', {}, context.active(), () => 7)).toBe(7)
})

test('ids do not repeat', () => {
  const { tracer } = provide()
  const ids = Array.from({ length: 10_000 }, () => tracer.startSpan('x').spanContext())
  expect(new Set(ids.map(({ traceId }) => traceId)).size).toBe(10_000)
  expect(new Set(ids.map(({ spanId }) => spanId)).size).toBe(10_000)
})
