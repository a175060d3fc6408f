/** What a template writes is what the general way writes: for random requests, with secrets, aborted, failed, touched ones among them. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ServerHop } from '../../../src/capture/http/server-hop.ts'
import type { UpstreamAttempt } from '../../../src/context/upstream-attempts.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import type { RedactorOptions } from '../../../src/process/redactor.ts'
import { FieldRoles } from '../../../src/record/field-roles.ts'
import { hopWays, type HopWay, type Inbound, type Left } from '../../support/hop-ways.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const secret = fc.constantFrom(
  'token=abcdef123456',
  'password=hunter2',
  'Bearer abcdefghijklmnopqrst',
  'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB',
  'zebra77',
)
const word = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[\w.~%-]{0,30}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: secret },
)
const path = fc.array(word, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
const query = fc.option(
  fc
    .array(fc.tuple(fc.constantFrom('a', 'q', 'token', 'password', 'tenant'), word), { minLength: 1, maxLength: 4 })
    .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&')),
  { nil: undefined },
)
const address = fc.constantFrom('127.0.0.1', '::1', '::ffff:10.0.0.7', '203.0.113.9', undefined)
const traceparent = fc.constantFrom(
  undefined,
  `00-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-03`,
  `00-${TRACE}-${PARENT}-00`,
  `01-${TRACE}-${PARENT}-01-more`,
  'no traceparent',
)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const headers = fc
  .record({
    host: optional(fc.constantFrom('shop.test', 'shop.test:8080', '[::1]:80', 'zebra1.test')),
    'user-agent': optional(fc.oneof(word, fc.constant('Mozilla/5.0 (X11; Linux x86_64)'))),
    'x-forwarded-for': optional(fc.constantFrom('198.51.100.4', '198.51.100.4, 10.0.0.1', '[2001:db8::1]:4711')),
    'x-forwarded-host': optional(fc.constantFrom('public.test', 'public.test:443')),
    forwarded: optional(fc.constantFrom('for=192.0.2.60;host=example.test', 'for="[2001:db8::7]"')),
    traceparent,
    tracestate: fc.constantFrom(undefined, undefined, undefined, 'vendor=1'),
    baggage: fc.constantFrom(undefined, undefined, undefined, 'user=ann'),
  })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))

const inbound: fc.Arbitrary<Inbound> = fc.record({
  request: fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'PROPFIND'),
    httpVersion: fc.constantFrom('1.1', '1.0'),
    headers,
  }),
  target: fc.record({ path, query }),
  socket: fc.record({
    remoteAddress: address,
    remotePort: fc.integer({ min: 1, max: 65_535 }),
    encrypted: fc.boolean(),
  }),
})

/** What happens to a request between its beginning and its end. */
const course = fc.record({
  route: fc.constantFrom(undefined, '/items/:id', '/zebra1/:token', '/'),
  status: fc.constantFrom(200, 200, 200, 201, 304, 404, 500, 503, undefined),
  isComplete: fc.constantFrom(true, true, true, false),
  component: fc.constantFrom(undefined, 'app', 'load_balancer'),
  reads: fc.array(fc.tuple(fc.constantFrom(true, false, undefined), fc.double({ min: 0, max: 50, noNaN: true })), {
    maxLength: 3,
  }),
  calls: fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 3 }),
  upstreams: fc.array(
    fc.record({
      upstream: fc.constantFrom('10.0.0.1:80', 'token:8080', 'zebra1:80', 'x'.repeat(600)),
      status: fc.constantFrom('200', '', 'ECONNREFUSED'),
      isPipedInto: fc.boolean(),
      endedMillis: fc.constantFrom(undefined, 1),
    }),
    { maxLength: 2 },
  ),
  thrown: fc.constantFrom(undefined, undefined, undefined, new TypeError('broken')),
  touched: fc.constantFrom(undefined, undefined, 'attribute', 'event', 'name', 'read'),
  fields: fc.constantFrom(undefined, undefined, { tenant: 'acme', 'order.id': 7 }),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

function run(way: HopWay, request: Inbound, happens: Course): Left {
  const hop = way.begin(request)
  if (happens.route !== undefined) hop.route = happens.route
  if (happens.component !== undefined) hop.component = happens.component as ServerHop['component']
  for (const [hit, millis] of happens.reads) hop.rollUp.addCacheRead(hit, millis)
  for (const millis of happens.calls) hop.rollUp.addDbCall(millis)
  for (const attempt of happens.upstreams) hop.upstreams.add(attemptOf(attempt))
  if (happens.fields !== undefined) hop.addFields(happens.fields)
  if (happens.thrown !== undefined) hop.recordThrown(happens.thrown)
  touch(hop, happens.touched)
  hop.finish({ status: happens.status, isComplete: happens.isComplete })
  return way.take()
}

function attemptOf(attempt: Course['upstreams'][number]): UpstreamAttempt {
  const rest = { method: 'GET', target: '/', startedMillis: 0, isPipedBack: false, cacheHit: undefined }
  return { ...attempt, ...rest }
}

function touch({ span }: ServerHop, how: string | undefined): void {
  if (how === 'attribute') span.setAttribute('user.id', 7)
  if (how === 'event') span.addEvent('noted', { a: 1 })
  if (how === 'name') span.updateName('renamed')
  if (how === 'read') Object.keys((span as { attributes?: object }).attributes ?? {})
}

/** Without what differs from run to run, but for how its times and ids belong together. */
function withoutChance({ spans, records }: Left): object {
  return {
    spans: spans.map(maskSpan),
    records: records.map(maskRecord),
    areSound: records.every((record) => isSound(record, spans)) && spans.every(isForward),
  }
}

function isSound(record: LogRecord, spans: readonly SpanRecord[]): boolean {
  if (Number(record.attributes['tracelog.response_time_ms']) < 0) return false
  const span = spans.find(({ spanId }) => spanId === record.spanId)
  if (span === undefined) return true
  const isOfSpan = record.traceId === span.traceId && record.traceFlags === (span.flags & 0xff)
  return isOfSpan && record.timeUnixNano >= span.endTimeUnixNano
}

function isForward({ startTimeUnixNano, endTimeUnixNano }: SpanRecord): boolean {
  return startTimeUnixNano > 0n && endTimeUnixNano >= startTimeUnixNano
}

const maskId = (id: string) => (id === TRACE || id === PARENT || id === '' ? id : 'random')

function maskSpan({ startTimeUnixNano: _start, endTimeUnixNano: _end, ...span }: SpanRecord): object {
  const events = span.events.map(({ timeUnixNano: _time, ...event }) => event)
  return { ...span, events, traceId: maskId(span.traceId), spanId: maskId(span.spanId) }
}

const MEASURED = ['tracelog.response_time_ms', 'tracelog.seq', 'tracelog.upstream_ms', 'tracelog.lb.routing_ms']

function maskRecord({ timeUnixNano: _time, observedTimeUnixNano: _observed, ...record }: LogRecord): object {
  const attributes: Record<string, unknown> = { ...record.attributes }
  for (const key of MEASURED) if (key in attributes) attributes[key] = typeof attributes[key]
  return { ...record, attributes, traceId: maskId(record.traceId), spanId: maskId(record.spanId) }
}

describe.each<RedactorOptions>([
  {},
  { isOn: false },
  { addedKeys: ['tenant', 'client.address'], patterns: [/zebra\d+/g, /^GET/g] },
  { addedKeys: ['url.path'] },
])('redacted with %o', (redaction) => {
  test('both ways leave the same behind', () => {
    const ways = hopWays(redaction)
    fc.assert(
      fc.property(inbound, course, (request, happens) => {
        expect(withoutChance(run(ways.fast, request, happens))).toEqual(
          withoutChance(run(ways.general, request, happens)),
        )
      }),
      { numRuns: 300 },
    )
    expect(ways.straight() > 0).toBe(!redaction.addedKeys?.includes('url.path'))
  })
})

const PLAIN: Inbound = {
  request: { method: 'GET', httpVersion: '1.1', headers: { host: 'shop.test' } },
  target: { path: '/items/1', query: undefined },
  socket: { remoteAddress: '127.0.0.1', remotePort: 4711 },
}
const OK = { status: 200, isComplete: true }

test('a plain request goes straight to bytes, span and record', () => {
  const ways = hopWays()
  ways.fast.begin(PLAIN).finish(OK)
  expect(ways.straight()).toBe(2)
})

test.each([
  ['off', 200, 0],
  ['errors', 200, 0],
  ['errors', 500, 1],
  ['on', 200, 1],
] as const)('with access %s and status %i there are %i completion records', (access, status, count) => {
  const ways = hopWays({}, { access })
  ways.fast.begin(PLAIN).finish({ status, isComplete: true })
  expect(ways.fast.take()).toMatchObject({ spans: [{}], records: Array.from({ length: count }, () => ({})) })
})

test('the span of a hop that has ended says its ids, and takes nothing more', () => {
  const ways = hopWays()
  const hop = ways.fast.begin(PLAIN)
  const { span } = hop
  const context = span.spanContext()
  expect(span.isRecording()).toBe(true)
  hop.finish(OK)
  span.setAttribute('late', 1)
  span.end()
  expect(span.isRecording()).toBe(false)
  expect(span.spanContext()).toEqual(context)
  expect(span).toMatchObject({ ended: true, name: 'GET', attributes: {} })
  expect(ways.fast.take()).toMatchObject({ spans: [{ spanId: context.spanId }], records: [{ spanId: context.spanId }] })
})

test('a span that the application ends itself ends once', () => {
  const ways = hopWays()
  const hop = ways.fast.begin(PLAIN)
  hop.span.end()
  hop.finish(OK)
  expect(ways.fast.take().spans).toHaveLength(1)
})

test('many clients behind one connection are told apart', () => {
  const ways = hopWays()
  const { socket } = PLAIN
  const clients = Array.from({ length: 30 }, (_, i) => `198.51.100.${i % 10}`)
  for (const client of clients) {
    const request = { ...PLAIN.request, headers: { host: 'shop.test', 'x-forwarded-for': client } }
    ways.fast.begin({ ...PLAIN, request, socket }).finish(OK)
  }
  const { spans, records } = ways.fast.take()
  expect(spans.map(({ attributes }) => attributes['client.address'])).toEqual(clients)
  expect(records.map(({ attributes }) => attributes['client.address'])).toEqual(clients)
})

test.each([
  ['untouched', undefined],
  ['touched', 'attribute'],
  ['recorded from the start, for its caller has a tracestate', undefined],
])('a line within a request stands in its span: %s', (name, touched) => {
  const ways = hopWays()
  const state = name.startsWith('recorded') ? { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' } : {}
  const hop = ways.fast.begin({ ...PLAIN, request: { ...PLAIN.request, headers: { host: 'shop.test', ...state } } })
  touch(hop, touched)
  const { context } = hop
  const line = { severityNumber: 9, severityText: 'info', body: 'within', fields: {}, context }
  const input = { ...line, roles: new FieldRoles(), mayHaveGetters: false }
  expect(hop.options.records.emitPlain(input, { name: 'app', version: '' }, 'export')).toBe(true)
  hop.finish(OK)
  const { spans, records } = ways.fast.take()
  const [span] = spans
  const ids = { traceId: span?.traceId, spanId: span?.spanId, traceFlags: (span?.flags ?? 0) & 0xff }
  expect(records).toMatchObject([{ body: 'within', ...ids }, ids])
})
