/** What a template writes of an outgoing request is what the general way writes: for random requests, callers, answers and ends. */
import { createServer, request as httpRequest, type ClientRequest, type OutgoingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { context, propagation, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { hopOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import type { HopOptions } from '../../../src/capture/hop/hop-options.ts'
import { ClientHop } from '../../../src/capture/http/client-hop.ts'
import { onClientRequest } from '../../../src/capture/http/client-requests.ts'
import type { OutgoingRequest } from '../../../src/capture/http/outgoing-request.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { parseTraceState } from '../../../src/context/trace-state.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import type { RedactorOptions } from '../../../src/process/redactor.ts'
import { encodedKit, type EncodedKit } from '../../support/encoded-kit.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const part = fc.oneof(
  fc.constantFrom('items', 'token=abcdef123456', 'password=hunter2', 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB'),
  fc.constantFrom('ann:s3cret@db', 'services', 'T0000', 'zebra77', '4111111111111111', 'x=1&api_key=k-123456789'),
  fc.string({ maxLength: 15 }),
)
const target = fc.oneof(
  fc
    .tuple(fc.array(part, { maxLength: 4 }), fc.option(part, { nil: undefined }))
    .map(([path, query]) => `/${path.join('/')}${query === undefined ? '' : `?${query}`}`),
  fc.constantFrom('*', '', 'relative', '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'),
)
const outgoing: fc.Arbitrary<OutgoingRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PROPFIND', 'CONNECT'),
  protocol: fc.constantFrom('http:', 'https:'),
  host: fc.constantFrom(
    '127.0.0.1',
    'api.internal',
    'hooks.slack.com',
    '::1',
    'token',
    'my-service-with-a-long-name',
    'zebra1',
  ),
  port: fc.constantFrom(80, 443, 8080, 6379, undefined),
  target,
  socketPath: fc.constantFrom(undefined, undefined, undefined, '/run/a.sock', '/run/b.sock'),
})
const course = fc.record({
  parent: fc.constantFrom('none', 'sampled', 'sampled', 'unsampled', 'remote', 'stated'),
  hasUnit: fc.boolean(),
  before: fc.constantFrom(0, 0, 1),
  peer: fc.constantFrom(undefined, { remoteAddress: '::ffff:10.0.0.7', remotePort: 80 }, { remoteAddress: '10.0.0.8' }),
  status: fc.constantFrom(200, 200, 204, 302, 404, 503, undefined),
  protocolVersion: fc.constantFrom('1.1', '2', undefined),
  end: fc.constantFrom('ended', 'ended', 'ended', 'failed', 'process end', 'unread'),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

function contextOf(parent: string, unit?: RequestUnit): Context {
  let made = ROOT_CONTEXT
  const known = { traceId: TRACE, spanId: PARENT }
  if (parent === 'sampled') made = trace.setSpanContext(made, { ...known, traceFlags: 3 })
  if (parent === 'unsampled') made = trace.setSpanContext(made, { ...known, traceFlags: 0 })
  if (parent === 'remote') made = trace.setSpanContext(made, { ...known, traceFlags: 1, isRemote: true })
  if (parent === 'stated')
    made = trace.setSpanContext(made, { ...known, traceFlags: 1, traceState: parseTraceState('a=b')! })
  return unit === undefined ? made : withUnit(made, unit)
}

const newUnit = (requestPath?: readonly string[]) =>
  new RequestUnit({
    ids: SpanIds.of(TRACE, PARENT),
    traceFlags: 1,
    method: 'GET',
    path: '/',
    startedMillis: 0,
    isPeerTrusted: true,
    requestPath,
  })

function run(options: HopOptions, kit: EncodedKit, request: OutgoingRequest, happens: Course): readonly object[] {
  const caller = contextOf(happens.parent, happens.hasUnit ? newUnit() : undefined)
  // A try that failed before makes the next one a repeated one.
  for (let i = 0; i < happens.before; i++) new ClientHop(options, request, caller).failed(new Error('refused'))
  const hop = new ClientHop(options, request, caller)
  if (happens.peer !== undefined) hop.connectedTo(happens.peer)
  const body = happens.end === 'unread' ? { isUnread: () => true } : undefined
  const { status, protocolVersion } = happens
  if (status !== undefined) hop.answered(status, { protocolVersion, ...(body && { body }) })
  if (happens.end === 'failed') hop.failed(new TypeError('cut off'))
  else if (happens.end === 'process end') hop.finishNow()
  else if (happens.end === 'unread') hop.endIfUnread()
  hop.ended()
  return kit.take().spans.map(maskSpan)
}

const maskId = (id: string) => (id === TRACE || id === PARENT || id === '' ? id : 'random')

function maskSpan({ startTimeUnixNano: from, endTimeUnixNano: to, ...span }: SpanRecord): object {
  // The head of an unread answer is timed by another clock than the beginning.
  return { ...span, isForward: from > 0n && to > 0n, traceId: maskId(span.traceId), spanId: maskId(span.spanId) }
}

describe.each<RedactorOptions>([
  {},
  { isOn: false },
  { addedKeys: ['server.address'], patterns: [/zebra\d+/g, /^GET/g, /internal/g] },
  { addedKeys: ['url.full'] },
])('redacted with %o', (redaction) => {
  test('both ways leave the same behind', () => {
    const ways = [encodedKit(false, redaction), encodedKit(true, redaction)] as const
    const options = ways.map((way) => hopOptionsOf(way.options))
    fc.assert(
      fc.property(outgoing, course, (request, happens) => {
        const [general, fast] = ways.map((way, at) => run(options[at]!, way, request, happens))
        expect(fast).toEqual(general)
      }),
      { numRuns: 500 },
    )
    expect(ways[1].straight() > 0).toBe(!redaction.addedKeys?.includes('url.full'))
  })
})

describe('headers', () => {
  const server = createServer((_, response) => response.end())
  beforeAll(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')))
  afterAll(() => server.close())

  function headersOf(options: HopOptions, caller: Context, headers: OutgoingHttpHeaders): Record<string, unknown> {
    const { port } = server.address() as AddressInfo
    const request: ClientRequest = context.with(caller, () => {
      const made = httpRequest({ port, host: '127.0.0.1', headers }).on('error', () => {})
      onClientRequest(options, made)
      return made
    })
    const sent = { ...request.getHeaders() }
    request.destroy()
    const { traceparent } = sent
    if (typeof traceparent === 'string') sent['traceparent'] = traceparent.replace(/-[\da-f]{16}-/, '-span-')
    return sent
  }

  test.each([
    ['sampled', {}, undefined, undefined],
    ['sampled', { tracestate: 'old=1', traceparent: 'old' }, undefined, undefined],
    ['sampled', { baggage: 'b=1' }, { a: '1' }, undefined],
    ['sampled', {}, undefined, [PARENT]],
    ['stated', {}, undefined, undefined],
    ['unsampled', {}, undefined, undefined],
  ] as const)(
    'below a %s span with %j, baggage %j and path %j are those of the general way',
    (parent, headers, baggage, path) => {
      const [general, fast] = [encodedKit(false), encodedKit(true)].map(({ options }) => {
        const caller = contextOf(parent, newUnit(path))
        const entries = Object.fromEntries(Object.entries(baggage ?? {}).map(([key, value]) => [key, { value }]))
        const carrying =
          baggage === undefined ? caller : propagation.setBaggage(caller, propagation.createBaggage(entries))
        return headersOf(hopOptionsOf(options), carrying, headers)
      })
      expect(fast).toEqual(general)
      expect(String(fast!['traceparent'])).toMatch(`00-${TRACE}-span-0`)
    },
  )
})
