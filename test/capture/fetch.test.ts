import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

import { context, propagation, trace } from '@opentelemetry/api'
import { request as undiciRequest } from 'undici'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { createFetchInstrumentation } from '../../src/capture/fetch.ts'
import { createHopKit } from '../support/hop-kit.ts'
import { freePort } from '../support/servers/free-port.ts'

const kit = createHopKit()
const instrumentation = createFetchInstrumentation({
  ...kit.options,
  tracer: kit.options.tracerProvider.getTracer('fetch'),
})
let server: Server
let base: string
let received: string[] = []

beforeAll(async () => {
  instrumentation.enable()
  server = createServer((request, response) => {
    received = request.rawHeaders
    if (request.url === '/hangs') response.write('x')
    else if (request.url !== '/silent')
      response.writeHead(request.url === '/fails' ? 500 : 200, { 'cache-status': 'api; hit' }).end('body')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  instrumentation.disable()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  kit.spans.length = 0
})

const sent = (name: string) => received.filter((_, at) => at % 2 === 1 && received[at - 1]?.toLowerCase() === name)

test.each([
  ['global fetch', (url: string, headers: Record<string, string>) => fetch(url, { headers }).then((r) => r.text())],
  [
    'the undici package',
    (url: string, headers: Record<string, string>) => undiciRequest(url, { headers }).then((r) => r.body.text()),
  ],
])('%s: one CLIENT span, exactly one traceparent on the wire, the application’s own replaced', async (_, call) => {
  await call(`${base}/ok?token=secret&a=1`, { traceparent: 'forwarded', tracestate: 'old=1', 'x-own': 'kept' })
  await kit.spansReach(1)
  const [span] = kit.spans
  expect(span).toMatchObject({ name: 'GET', kind: 3, statusCode: 0 })
  expect(span?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'url.full': `${base}/ok?token=secret&a=1`,
  })
  expect(sent('traceparent')).toEqual([`00-${span?.traceId}-${span?.spanId}-03`])
  expect(sent('tracestate')).toEqual([])
  expect(sent('x-own')).toEqual(['kept'])
})

test('a 500 is an ERROR with the status as its type', async () => {
  await (await fetch(`${base}/fails`)).text()
  await kit.spansReach(1)
  expect(kit.spans[0]).toMatchObject({ statusCode: 2 })
  expect(kit.spans[0]?.attributes['error.type']).toBe('500')
})

test('a refused connection is an ERROR with its code', async () => {
  await expect(fetch(`http://127.0.0.1:${await freePort()}/`)).rejects.toThrow('fetch failed')
  await kit.spansReach(1)
  expect(kit.spans[0]?.attributes['error.type']).toBe('ECONNREFUSED')
})

test('a body that is abandoned ends the span, and is no error', async () => {
  const abort = new AbortController()
  const response = await fetch(`${base}/hangs`, { signal: abort.signal })
  abort.abort()
  await expect(response.text()).rejects.toThrow('abort')
  await kit.spansReach(1)
  expect(kit.spans[0]).toMatchObject({ statusCode: 0 })
  expect(kit.spans[0]?.attributes['error.type']).toBeUndefined()
})

test.each([
  ['AbortError', abortSoon],
  ['TimeoutError', () => AbortSignal.timeout(50)],
])('without an answer, %s is an error by its own name', async (type, signalOf) => {
  await expect(fetch(`${base}/silent`, { signal: signalOf() })).rejects.toThrow('aborted')
  await kit.spansReach(1)
  expect(kit.spans[0]).toMatchObject({ statusCode: 2, attributes: { 'error.type': type } })
})

function abortSoon(): AbortSignal {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 50)
  return abort.signal
}

test('baggage: merged with the application’s own for trusted peers', async () => {
  const baggage = propagation.createBaggage({ user: { value: '1' } })
  await context.with(propagation.setBaggage(trace.deleteSpan(context.active()), baggage), async () => {
    await (await fetch(`${base}/ok`, { headers: { baggage: 'own=2' } })).text()
  })
  expect(sent('baggage')).toEqual(['user=1,own=2'])
})
