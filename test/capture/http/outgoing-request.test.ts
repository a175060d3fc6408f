/** What is written down of where a request goes: the server that is meant, whatever lies between. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type RequestOptions, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { context, propagation } from '@opentelemetry/api'
import { ProxyAgent, request as undiciRequest } from 'undici'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { clientAttributes, meantRequest } from '../../../src/capture/http/outgoing-request.ts'
import type { Instrumentation } from '../../../src/capture/instrumentation.ts'
import { createHopKit } from '../../support/hop-kit.ts'

test.each([
  { what: 'a path', target: '/a?b=1', url: 'http://shop:8080/a?b=1', host: 'shop', port: 8080 },
  {
    what: 'the whole URL, for a proxy',
    target: 'http://api.example/a?b=1#c',
    url: 'http://api.example/a?b=1',
    host: 'api.example',
    port: 80,
  },
  {
    what: 'a whole URL with a login',
    target: 'http://u:pw@api.example:81/',
    url: 'http://api.example:81/',
    host: 'api.example',
    port: 81,
  },
  {
    what: 'a whole URL by https',
    target: 'https://[::1]:8443/x',
    url: 'https://[::1]:8443/x',
    host: '::1',
    port: 8443,
  },
  {
    what: 'a path with a URL in it',
    target: '/login?back=http://x/y',
    url: 'http://shop:8080/login?back=http://x/y',
    host: 'shop',
    port: 8080,
  },
  { what: 'what is no URL', target: 'http://', url: 'http://shop:8080http://', host: 'shop', port: 8080 },
  { what: 'all of a server', target: '*', url: 'http://shop:8080', host: 'shop', port: 8080 },
])('$what', ({ target, url, host, port }) => {
  const sent = { method: 'GET', protocol: 'http:', host: 'shop', port: 8080, target }
  expect(clientAttributes(meantRequest(sent))).toMatchObject({
    'url.full': url,
    'server.address': host,
    'server.port': port,
  })
})

const folder = mkdtempSync(join(tmpdir(), 'tracelog-socket-'))
const socketPath = join(folder, 'server.sock')
let proxy: Server
let local: Server
let received: readonly string[] = []

beforeAll(async () => {
  proxy = createServer((incoming, response) => {
    received = incoming.rawHeaders
    response.end('by proxy')
  })
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 403 No\r\n\r\n'))
  proxy.listen(0, '127.0.0.1')
  local = createServer((_, response) => void response.end('local')).listen(socketPath)
  await Promise.all([once(proxy, 'listening'), once(local, 'listening')])
})
afterAll(() => {
  for (const server of [proxy, local]) server.close()
  rmSync(folder, { recursive: true })
})

describe.each(['channels', 'otel'] as const)('engine %s', (httpEngine) => {
  const kit = createHopKit()
  let instrumentations: readonly Instrumentation[]

  beforeAll(() => {
    instrumentations = createHopInstrumentations({ ...kit.options, httpEngine, ignorePaths: ['*'] })
    for (const instrumentation of instrumentations) instrumentation.enable()
  })
  afterAll(() => {
    for (const instrumentation of instrumentations) instrumentation.disable()
  })
  beforeEach(() => {
    kit.spans.length = 0
  })

  const proxyPort = () => (proxy.address() as AddressInfo).port
  const attributesOf = async (options: RequestOptions) => {
    const outgoing = request(options).on('error', () => {})
    outgoing.on('connect', (_, socket) => socket.destroy()).end()
    outgoing.on('response', (response) => response.resume())
    await kit.spansReach(1)
    return kit.spans[0]?.attributes ?? {}
  }

  test('through a forward proxy: the URL that is meant, and the proxy as the peer', async () => {
    const headers = { host: 'api.example' }
    const options = { host: '127.0.0.1', port: proxyPort(), path: 'http://api.example/a?b=1', headers }
    expect(await attributesOf(options)).toMatchObject({
      'url.full': 'http://api.example/a?b=1',
      'server.address': 'api.example',
      'server.port': 80,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': proxyPort(),
    })
  })

  test('baggage goes to trusted servers, not to strangers behind a trusted proxy', async () => {
    const path = 'http://api.example/'
    const baggage = propagation.createBaggage({ user: { value: '1' } })
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      attributesOf({ host: '127.0.0.1', port: proxyPort(), path, headers: { host: 'api.example' } }),
    )
    expect(received.map((name) => name.toLowerCase())).toContain('traceparent')
    expect(received.map((name) => name.toLowerCase())).not.toContain('baggage')
  })

  test('a tunnel goes to whom it leads to', async () => {
    const options = { host: '127.0.0.1', port: proxyPort(), method: 'CONNECT', path: 'api.example:443' }
    expect(await attributesOf(options)).toMatchObject({
      'url.full': 'http://api.example:443',
      'server.address': 'api.example',
      'server.port': 443,
    })
  })

  test('a socket in the file system has no port', async () => {
    const attributes = await attributesOf({ socketPath, path: '/a' })
    expect(attributes).toMatchObject({ 'url.full': 'http://localhost/a', 'server.address': socketPath })
    // The reference engine says 80 by itself.
    expect(attributes['server.port']).toBe(httpEngine === 'otel' ? 80 : undefined)
  })
})

test('undici through a forward proxy', async () => {
  const kit = createHopKit()
  const instrumentations = createHopInstrumentations({ ...kit.options, ignorePaths: ['*'] })
  for (const instrumentation of instrumentations) instrumentation.enable()
  const dispatcher = new ProxyAgent({
    uri: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    proxyTunnel: false,
  })
  const { body } = await undiciRequest('http://api.example/a', { dispatcher })
  expect(await body.text()).toBe('by proxy')
  await kit.spansReach(1)
  expect(kit.spans.map(({ attributes }) => attributes['url.full'])).toEqual(['http://api.example/a'])
  await dispatcher.close()
  for (const instrumentation of instrumentations) instrumentation.disable()
})
