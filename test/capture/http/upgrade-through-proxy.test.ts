/**
 * A WebSocket handshake through a balancer, and a CONNECT tunnel: hops that end with their answer.
 *
 *   lb   GET /ws  101   tracelog.lb.end, upstream
 *   └─ client GET       101
 *      └─ api GET /ws   101   tracelog.http.server.end
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createProxyServer } from 'http-proxy-3'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { currentUnit } from '../../../src/context/request-unit.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { get, openRaw } from '../../support/raw-http.ts'

const kit = createHopKit()
const instrumentations = createHopInstrumentations(kit.options)
const proxy = createProxyServer({ ws: true })
const api = createServer()
const balancer = createServer()
const seen: (string | undefined)[] = []
const portOf = (server: Server) => (server.address() as AddressInfo).port

beforeAll(async () => {
  for (const instrumentation of instrumentations) instrumentation.enable()
  // One listener before the server listens, one after: both are met.
  api.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.on('data', (chunk) => {
      seen.push(currentUnit()?.path)
      socket.end(`echo ${String(chunk)}`)
    })
  })
  for (const server of [api, balancer]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  balancer.on('upgrade', (request, socket, head) => {
    proxy.ws(request, socket, head, { target: `http://127.0.0.1:${portOf(api)}` })
  })
  balancer.on('connect', (_, socket) => void socket.end('HTTP/1.1 200 Connection established\r\n\r\n'))
})
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable()
  for (const server of [api, balancer]) {
    server.closeAllConnections()
    server.close()
  }
})

test('an upgrade through a balancer is two hops of one trace', async () => {
  const raw = await openRaw(portOf(balancer))
  raw.send(get('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'))
  await raw.received('101 Switching')
  raw.send('hello')
  await raw.received('echo hello')
  await raw.close()
  await kit.spansReach(3)
  expect(new Set(kit.spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(kit.spans.map(({ kind }) => kind).toSorted((a, b) => a - b)).toEqual([2, 2, 3])
  expect(kit.spans.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([101, 101, 101])
  expect(kit.records.map(({ eventName }) => eventName).toSorted()).toEqual([
    'tracelog.http.server.end',
    'tracelog.lb.end',
  ])
  expect(kit.records.find(({ eventName }) => eventName === 'tracelog.lb.end')?.attributes).toMatchObject({
    'tracelog.upstream': `127.0.0.1:${portOf(api)}`,
    'tracelog.upstream.statuses': ['101'],
    'http.response.status_code': 101,
  })
  expect(seen).toEqual(['/ws'])
})

test('a tunnel ends with its answer too', async () => {
  kit.records.length = 0
  const raw = await openRaw(portOf(balancer))
  raw.send('CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n')
  await raw.received('200 Connection')
  await raw.close()
  expect(kit.records).toHaveLength(1)
  expect(kit.records[0]?.attributes).toMatchObject({
    'http.request.method': 'CONNECT',
    'http.response.status_code': 200,
  })
})

test("without the application's listener there is none of ours", () => {
  api.removeAllListeners('upgrade')
  balancer.removeAllListeners('connect')
  expect(api.listenerCount('upgrade') + balancer.listenerCount('connect')).toBe(0)
})
