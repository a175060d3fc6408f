/** `GET /v1/tracelog/wanted` of the OTLP/HTTP port: who may follow, what is told, and what one of them may cost. */
import { once } from 'node:events'
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { createHttpServer } from '../../../src/backend/http-server.ts'
import { startHopSpans } from '../../../src/backend/hop-spans.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'
import { WantedStreams, type WantedStreamsOptions } from '../../../src/backend/receive/wanted-streams.ts'
import { send, startTestBackend } from '../support/backend.ts'

const PATH = '/v1/tracelog/wanted'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const id = (n: number) => n.toString(16).padStart(32, '0')

const headerOf = (traceId: string) => ({ eventName: 'tracelog.recorder.dump', severityNumber: 13, traceId })

async function dump(endpoint: string, ...traceIds: readonly string[]): Promise<void> {
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: traceIds.map(headerOf) }] }] })
  const headers = { 'content-type': 'application/json' }
  expect((await send(`${endpoint}/v1/logs`, { method: 'POST', headers, body })).status).toBe(200)
}

interface Following {
  readonly response: IncomingMessage
  readonly request: ClientRequest
  text(): string
}

async function follow(endpoint: string, headers: Readonly<Record<string, string>> = {}): Promise<Following> {
  const request = get(`${endpoint}${PATH}`, { headers, agent: false })
  request.on('error', () => {})
  onTestFinished(() => void request.destroy())
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  response.on('error', () => {})
  return { response, request, text: () => text }
}

describe('of a backend', () => {
  test('every answer says that there is such a way, refusals too', async () => {
    const { ready } = await startTestBackend()
    for (const path of ['/v1/logs', '/v1/traces', '/nowhere', PATH]) {
      const { headers } = await send(`${ready.otlp_http}${path}`, { method: 'POST', body: '' })
      expect(headers['tracelog-backend']).toBe('1')
    }
    expect((await send(`${ready.api}/`)).headers).not.toHaveProperty('tracelog-backend')
  })

  test('a trace that failed is told, also to who comes a moment later', async () => {
    const { ready } = await startTestBackend()
    const early = await follow(ready.otlp_http)
    expect(early.response).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream' } })
    await dump(ready.otlp_http, TRACE)
    const late = await follow(ready.otlp_http)
    for (const one of [early, late]) await vi.waitFor(() => expect(one.text()).toBe(`:\n\ndata: ${TRACE}\n\n`), 10_000)
    const status = await send(`${ready.api}/api/v1/status`, { headers: { authorization: `Bearer ${ready.token}` } })
    expect(JSON.parse(String(status.body))).toMatchObject({ wanted: { streams: 2, traces: 1, dropped: 0 } })
  })

  test('a backend that stops ends the streams', async () => {
    const backend = await startTestBackend()
    const { response } = await follow(backend.ready.otlp_http)
    const ended = once(response, 'end')
    await backend.stop()
    await expect(ended).resolves.toBeDefined()
  })

  test.each([
    ['a web page', { origin: 'http://evil.example' }, 403],
    ['a script of a page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a name that was bound anew', { host: 'evil.example' }, 403],
  ])('%s may not follow', async (_who, headers, status) => {
    const { ready } = await startTestBackend()
    expect((await send(`${ready.otlp_http}${PATH}`, { headers })).status).toBe(status)
  })

  test.each(['POST', 'PUT', 'HEAD', 'OPTIONS'])('it takes GET alone, not %s', async (method) => {
    const { ready } = await startTestBackend()
    const answer = await send(`${ready.otlp_http}${PATH}`, { method })
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } })
  })

  test('at an address that others reach, only with the token', async () => {
    const { ready } = await startTestBackend({ host: '0.0.0.0' })
    expect((await send(`${ready.otlp_http}${PATH}`)).status).toBe(401)
    const { response } = await follow(ready.otlp_http, { authorization: `Bearer ${ready.token}` })
    expect(response.statusCode).toBe(200)
  })
})

describe('what one may cost', () => {
  async function serving(options: WantedStreamsOptions): Promise<{ streams: WantedStreams; url: string }> {
    const streams = new WantedStreams(options)
    const server = createHttpServer((_request, response) => {
      if (!streams.serve(response)) response.writeHead(429).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return { streams, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  const sink = { append: async () => {} }
  async function tell(streams: WantedStreams, from: number, count: number): Promise<void> {
    const logRecords = Array.from({ length: count }, (_, i) => headerOf(id(from + i)))
    const bytes = transcodeJson(
      'logs',
      Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })),
    )
    await streams.watch(sink).append({ signal: 'logs', bytes, count })
  }

  test('so many at once, then 429 until one has gone', async () => {
    const { streams, url } = await serving({ maxStreams: 2 })
    const first = await follow(url)
    await follow(url)
    expect((await follow(url)).response.statusCode).toBe(429)
    first.request.destroy()
    await vi.waitFor(() => expect(streams.counts()).toMatchObject({ streams: 1, refused: 1 }), 10_000)
    expect((await follow(url)).response.statusCode).toBe(200)
  })

  test('a thousand traces a second, the rest is counted', async () => {
    let nowMillis = 5_000
    const { streams, url } = await serving({ now: () => nowMillis })
    const following = await follow(url)
    await tell(streams, 1, 1_200)
    expect(streams.counts()).toMatchObject({ traces: 1_200, dropped: 200 })
    nowMillis += 1_000
    await tell(streams, 5_000, 1)
    await vi.waitFor(() => expect(following.text()).toContain(id(5_000)), 10_000)
    expect(following.text().match(/data/g)).toHaveLength(1_001)
  })

  test('who does not read is told no more, and costs no more', async () => {
    let nowMillis = 0
    const { streams, url } = await serving({ maxBufferedBytes: 1_024, now: () => (nowMillis += 1_000) })
    const { port } = new URL(url)
    // A client that asks and never reads.
    const socket = connect(Number(port), '127.0.0.1')
    socket.pause()
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write(`GET ${PATH} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await vi.waitFor(() => expect(streams.counts().streams).toBe(1), 10_000)
    for (let i = 0; streams.counts().dropped === 0 && i < 2_000; i++) await tell(streams, 1 + i * 500, 500)
    expect(streams.counts().dropped).toBeGreaterThan(0)
  })
})

test('a port of ours that keeps nothing does not say that there is such a way', async () => {
  const spans = await startHopSpans({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    token: undefined,
    send: async () => 'accepted',
  })
  onTestFinished(() => spans.stop())
  const answer = await send(`${spans.url}${PATH}`)
  expect(answer.status).toBe(404)
  expect(answer.headers).not.toHaveProperty('tracelog-backend')
})
