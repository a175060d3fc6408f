/** What the settings of hops change, in one process with the default engine. */
import { once } from 'node:events'
import { createServer, get, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { createHopInstrumentations, type HopInstrumentationOptions } from '../../../src/capture/hop-instrumentations.ts'
import { currentUnit } from '../../../src/context/request-unit.ts'
import { createTrustedPeers } from '../../../src/context/trusted-peers.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { createHopKit } from '../../support/hop-kit.ts'

/** One request to `handler` under these settings: the answer's headers and the server's records. */
async function serve(
  handler: RequestListener,
  settings: Partial<HopInstrumentationOptions> = {},
  path = '/x',
): Promise<{ headers: IncomingHttpHeaders; records: LogRecord[]; names: string[] }> {
  const kit = createHopKit()
  const instrumentations = createHopInstrumentations({ ...kit.options, ...settings })
  for (const instrumentation of instrumentations) instrumentation.enable()
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const outgoing = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', path, agent: false })
  const [response] = await once(outgoing, 'response')
  response.resume()
  await once(response, 'close')
  server.close()
  await once(server, 'close')
  for (const instrumentation of instrumentations) instrumentation.disable()
  return {
    headers: response.headers,
    records: kit.records,
    names: kit.spans.map(({ name, kind }) => `${kind} ${name}`),
  }
}

const ok: RequestListener = (_, response) => void response.end('ok')
const fails: RequestListener = (_, response) => void response.writeHead(500).end()
const reads: RequestListener = (_, response) => {
  currentUnit()?.rollUp.addCacheRead(true, 1)
  response.writeHead(200, { 'x-own': '1' })
  response.end('ok')
}

test.each([
  { access: 'on' as const, handler: ok, count: 1 },
  { access: 'off' as const, handler: fails, count: 0 },
  { access: 'errors' as const, handler: ok, count: 0 },
  { access: 'errors' as const, handler: fails, count: 1 },
])('TRACELOG_ACCESS=$access writes $count records', async ({ access, handler, count }) => {
  const { records, names } = await serve(handler, { access })
  expect(records).toHaveLength(count)
  expect(names).toHaveLength(2)
})

test('TRACELOG_COMPONENT=load_balancer: the record is that of a balancer', async () => {
  const { records } = await serve(ok, { component: 'load_balancer' })
  expect(records[0]).toMatchObject({ eventName: 'tracelog.lb.end' })
  expect(records[0]?.attributes).toMatchObject({ 'tracelog.component': 'load_balancer', 'tracelog.retries': 0 })
})

const strangers = createTrustedPeers(['10.0.0.1'])
test.each([
  { name: 'a trusted peer', settings: {}, isTold: true },
  { name: 'a stranger', settings: { trustedPeers: strangers }, isTold: false },
  { name: 'a stranger, =on', settings: { trustedPeers: strangers, responseContext: 'on' }, isTold: true },
  { name: 'a trusted peer, =off', settings: { responseContext: 'off' }, isTold: false },
] as const)('TRACELOG_RESPONSE_CONTEXT: $name is told the trace: $isTold', async ({ settings, isTold }) => {
  const { headers } = await serve(ok, settings)
  expect(String(headers['server-timing']).startsWith('trace;desc=00-')).toBe(isTold)
})

test.each([
  { name: 'a request that read a cache', handler: reads, settings: {}, expected: 'test; hit' },
  { name: 'no read', handler: ok, settings: {}, expected: undefined },
  { name: 'TRACELOG_CACHE_STATUS=off', handler: reads, settings: { sendsCacheStatus: false }, expected: undefined },
  {
    name: 'a stranger',
    handler: reads,
    settings: { trustedPeers: strangers },
    expected: undefined,
  },
  {
    name: 'without Server-Timing too',
    handler: reads,
    settings: { responseContext: 'off' as const },
    expected: 'test; hit',
  },
  {
    name: "the application's own",
    handler: ((request, response) => {
      response.setHeader('Cache-Status', 'own; fwd=miss')
      reads(request, response)
    }) as RequestListener,
    settings: {},
    expected: 'own; fwd=miss',
  },
])('Cache-Status with $name: $expected', async ({ handler, settings, expected }) => {
  expect((await serve(handler, settings)).headers['cache-status']).toBe(expected)
})

test('TRACELOG_IGNORE_PATHS: neither span nor record', async () => {
  const { records, names } = await serve(ok, { ignorePaths: ['/x*'] }, '/xyz')
  expect(records).toEqual([])
  expect(names).toEqual(['3 GET'])
})

test('headers that are flushed early carry the trace, after all entries of the application', async () => {
  const { headers } = await serve((_, response) => {
    response.setHeader('Server-Timing', ['a;dur=1', 'b;desc="x, y"'])
    response.write('flushed early')
    response.end()
  })
  expect(headers['server-timing']).toMatch(/^a;dur=1, b;desc="x, y", trace;desc=00-/)
})
