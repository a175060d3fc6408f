/** Clients of node:http2: each request is a hop of its caller's trace, and nothing that the application sees is another. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { HeaderListEdit, HEADER_LIST_SETTER, type HeaderList } from '../../../src/capture/http/http2-header-list.ts'
import { textOf } from '../../../src/model/flat-value.ts'
import { temporaryDirectory } from '../../backend/support/backend.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { runChild } from '../../support/child.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { nodeBinary } from '../../support/nodes.ts'
import { requireProgram } from '../../support/require.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { drawnTraces } from '../../support/drawn-traces.ts'

let server: Http2Server
const arrived = new Map<string, IncomingHttpHeaders[]>()

function respond(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed) return
  stream.respond({ ':status': status })
  stream.end('answered')
}

const ANSWERS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  never: () => {},
  missing: (stream) => respond(stream, 404),
  reset: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  cancelled: (stream) => stream.close(constants.NGHTTP2_CANCEL),
  goaway: (stream) => stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM),
  slower: (stream) => void setTimeout(() => respond(stream, 200), 100),
  half(stream) {
    stream.respond({ ':status': 200 })
    stream.write('half')
  },
}

beforeAll(async () => {
  server = createServer()
  server.on('session', (session) => session.on('error', () => {}))
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path'])
    arrived.set(path, [...(arrived.get(path) ?? []), headers])
    stream.on('error', () => {})
    const answer = ANSWERS[path.slice(1)] ?? ((one) => respond(one, 200))
    answer(stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

const NODES = ['22.15.0', '24.21.0', '26.10.0']
const CALLS = 'ok connected missing post aborted given reset goaway cancelled refused closed'.split(' ')

interface Ran {
  readonly receiver: Receiver
  readonly stdout: string
  readonly seen: Readonly<Record<string, unknown>>
}

async function run(calls: readonly string[], version: string, preload: 'import' | 'none' = 'import'): Promise<Ran> {
  const receiver = await startReceiver()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    REFUSED: `http://127.0.0.1:${await freePort()}`,
  }
  const { stdout, stderr } = await runChild('hops/http2-client.cjs', {
    env,
    args: calls,
    node: nodeBinary(version),
    preload,
  })
  await receiver.close()
  return { receiver, stdout, seen: JSON.parse(stderr) as Ran['seen'] }
}

test.each(NODES)('on Node %s each request is a CLIENT span with how it ended', { timeout: 60_000 }, async (version) => {
  arrived.clear()
  const { receiver } = await run(CALLS, version)
  const spans = receiver.receivedSpans
    .map(({ span }) => span)
    .toSorted((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1))
  const told = spans.map(({ kind, name, attributes, statusCode }) => {
    const { pathname } = new URL(textOf(attributes['url.full']))
    const [status, error] = ['http.response.status_code', 'error.type'].map((key) => textOf(attributes[key]))
    return [kind, name, pathname, status, error, statusCode].filter((part) => part !== '').join(' ')
  })
  expect(told).toEqual([
    '3 GET /ok 200 0',
    '3 GET /ok 200 0',
    '3 GET /missing 404 404 2',
    '3 POST /ok 200 0',
    '3 GET /never AbortError 2',
    '3 GET /half 200 0',
    '3 GET /reset ERR_HTTP2_STREAM_ERROR 2',
    '3 GET /goaway ERR_HTTP2_SESSION_ERROR 2',
    '3 GET /cancelled ERR_HTTP2_STREAM_CANCEL 2',
    '3 GET /ok ECONNREFUSED 2',
    // Node 22 throws at once: there was no request.
    ...(version.startsWith('22') ? [] : ['3 GET /ok ERR_HTTP2_INVALID_SESSION 2']),
  ])
  const [first, , post] = arrived.get('/ok?x=1')!.concat(arrived.get('/ok') ?? [])
  const parents = [first, post].map((headers) => String(headers?.['traceparent']))
  expect(parents).toEqual([spans[0], spans[3]].map((span) => `00-${span?.traceId}-${span?.spanId}-03`))
  expect([first?.['x-mine'], post?.['tracestate']]).toEqual(['kept', undefined])
  expect(spans[0]?.attributes).toMatchObject({
    'url.full': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ok\?x=1$/) as string,
    'network.protocol.version': '2',
    'network.peer.address': '127.0.0.1',
    'tracelog.component': 'client',
  })
})

test.each(NODES)('on Node %s the application sees the same as without us', { timeout: 60_000 }, async (version) => {
  const calls = [...CALLS, ...(version.startsWith('22') ? [] : ['raw'])]
  const [bare, ours] = [await run(calls, version, 'none'), await run(calls, version)]
  expect(ours.seen).toEqual(bare.seen)
})

test.each(NODES)(
  'on Node %s calls that share a session keep to the trace and the context of their callers',
  { timeout: 60_000 },
  async (version) => {
    const { receiver, seen } = await run(['below'], version)
    expect(seen).toEqual({ below: ['200 answered', '200 answered'] })
    const tree = (path: string) => `client GET
  server GET
    - response ${path}
    - close ${path}
    - ended ${path}
    client GET`
    expect(drawnTraces(receiver)).toEqual({ '/slower': tree('/slower'), '/faster': tree('/faster') })
  },
)

test('switched off, requests leave nothing, also those of sessions that are there already', async () => {
  const kit = createHopKit()
  const instrumentation = createHopInstrumentations(kit.options).find(({ name }) => name === 'http2')
  instrumentation?.enable()
  expect(instrumentation?.status()).toBe('waiting')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(instrumentation?.status()).toBe('active')
  const ask = async () => {
    const stream = session.request({ ':path': '/switched' })
    stream.resume()
    await once(stream, 'close')
  }
  await ask()
  expect(kit.spans.map(({ name }) => name)).toEqual(['GET'])
  instrumentation?.disable()
  await ask()
  expect(kit.spans).toHaveLength(1)
  instrumentation?.enable()
  connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).close()
  await ask()
  expect(kit.spans).toHaveLength(2)
  instrumentation?.disable()
  session.close()
})

test.each([
  [['a\0b\0\0x\0y\0\u0001', 2], 'traceparent', '1', ['a\0b\0\0x\0y\0\u0001traceparent\u00001\0\0', 3]],
  [['traceparent\0old\0\u0001x\0\0\0', 2], 'traceparent', '1', ['x\0\0\0traceparent\u00001\0\0', 2]],
  [['baggage\0a=1\0\0', 1], 'baggage', 'b=2', ['baggage\0b=2,a=1\0\0', 1]],
  [['', 0], 'traceparent', '1', ['traceparent\u00001\0\0', 1]],
] as [HeaderList, string, string, HeaderList][])(
  'the headers %j with %s are sent as they should be',
  (list, name, value, sent) => {
    const edit = new HeaderListEdit(list)
    HEADER_LIST_SETTER.set(edit, name, value)
    expect(edit.list()).toEqual(sent)
  },
)

test('headers of another form are left as they are', () => {
  expect(() => new HeaderListEdit(['a\0b', 1]).set('x', 'y')).toThrow('have another form')
})

// Node 22 does not tell of sockets of TLS: there, sessions of TLS alone are seen when the application listens.
requireProgram('openssl').each(['24.21.0', '26.10.0'])(
  'on Node %s, over TLS, a request of undici is one hop, and one of node:http2 is another',
  { timeout: 60_000 },
  async (version) => {
    const { ca, cert, key } = makeCertificates(temporaryDirectory())
    const secure = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) })
    const traceparents: (string | undefined)[] = []
    secure.on('stream', (stream, headers) => {
      traceparents.push(headers['traceparent'] as string | undefined)
      respond(stream, 200)
    })
    secure.listen(0, '127.0.0.1')
    await once(secure, 'listening')
    onTestFinished(() => void secure.close())
    const receiver = await startReceiver()
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      URL: `https://127.0.0.1:${(secure.address() as AddressInfo).port}`,
      NODE_EXTRA_CA_CERTS: ca,
    }
    const { stdout, stderr } = await runChild('hops/http2-fetch.mjs', { env, node: nodeBinary(version) })
    await receiver.close()
    expect({ stdout, stderr }).toEqual({ stdout: '200 200\n', stderr: '' })
    const spans = receiver.receivedSpans.map(({ span }) => span)
    expect(spans.map(({ name, attributes }) => `${name} ${textOf(attributes['url.full'])}`).toSorted()).toEqual([
      `GET ${env.URL}/by-http2`,
      `GET ${env.URL}/by-undici`,
    ])
    expect(traceparents).toEqual(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-03`))
  },
)
