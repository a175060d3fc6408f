/** Whom is asked for traces that have failed elsewhere, and what can whoever answers do? */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { OtlpEndpoint } from '../../../src/export/otlp-endpoint.ts'
import { createWantedFollower, type WantedFollower } from '../../../src/export/wanted/wanted-follower.ts'
import type { WantedNews } from '../../../src/export/wanted/wanted-news.ts'
import { openWantedStream } from '../../../src/export/wanted/wanted-stream.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { requireProgram } from '../../support/require.ts'
import { wantedEvent } from '../../../src/model/wanted-traces.ts'

const withOpenssl = requireProgram('openssl')
const OURS = { 'tracelog-backend': '1' }
const STREAM = { ...OURS, 'content-type': 'text/event-stream' }
const id = (n: number) => n.toString(16).padStart(32, '0')
const WAIT = 10_000

let asked: IncomingMessage[]
let news: WantedNews[]
let answer: RequestListener
let url: string

beforeEach(async () => {
  asked = []
  news = []
  answer = (_request, response) => response.writeHead(200, STREAM).write(':\n\n')
  const [, port] = await listening(
    createServer((request, response) => {
      asked.push(request)
      answer(request, response)
    }),
  )
  url = `http://127.0.0.1:${port}`
})

async function listening<T extends Server>(server: T): Promise<readonly [T, number]> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return [server, (server.address() as AddressInfo).port]
}

function endpointOf(options: Partial<OtlpEndpoint> = {}): OtlpEndpoint {
  const general = { protocol: 'http/protobuf', headers: {}, timeoutMillis: 5000, compression: 'none' } as const
  return { url: `${url}/v1/logs`, ...general, ...options }
}

function followerOf(endpoint: OtlpEndpoint, signal: 'logs' | 'spans' = 'logs'): WantedFollower {
  const lanes = [{ signal, name: 'otlp', label: url, to: { kind: 'otlp' as const, endpoint } }]
  const follower = createWantedFollower({ lanes, userAgent: 'tracelog/test', tell: (one) => news.push(one) })
  onTestFinished(() => follower.stop())
  return follower
}

const wanted = () => news.flatMap((one) => (one.kind === 'wanted' ? one.traceIds : []))
const dropped = () => news.reduce((sum, one) => sum + (one.kind === 'wanted' ? one.dropped : 0), 0)
const standing = () => news.flatMap((one) => (one.kind === 'following' ? [one.isOpen] : []))

describe('who is asked', () => {
  test('a backend of ours, once, at its base, with the headers of every export; what it tells comes through', async () => {
    answer = (_request, response) => {
      response.writeHead(200, STREAM).write(`:\n\n${wantedEvent(id(1))}${wantedEvent(id(2))}`)
    }
    const endpoint = endpointOf({ url: `${url}/below/v1/logs`, headers: { authorization: 'Bearer t' } })
    const follower = followerOf(endpoint)
    for (let i = 0; i < 3; i++) follower.heard(endpoint, OURS)
    await vi.waitFor(() => expect(wanted()).toEqual([id(1), id(2)]), WAIT)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      method: 'GET',
      url: '/below/v1/tracelog/wanted',
      headers: { authorization: 'Bearer t', 'user-agent': 'tracelog/test', accept: 'text/event-stream' },
    })
    expect(standing()).toEqual([true])
  })

  withOpenssl('over TLS, with the certificates of the exports', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-wanted-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { ca, cert, key } = makeCertificates(folder)
    const [secure, port] = await listening(
      createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_request, response) =>
        response.writeHead(200, STREAM).write(wantedEvent(id(7))),
      ),
    )
    const endpoint = endpointOf({ url: `https://127.0.0.1:${port}/v1/logs` })
    // Who has no certificate of theirs is not believed.
    followerOf(endpoint).heard(endpoint, OURS)
    await once(secure, 'tlsClientError')
    const trusted = { ...endpoint, certificateFile: ca }
    followerOf(trusted).heard(trusted, OURS)
    await vi.waitFor(() => expect(wanted()).toEqual([id(7)]), WAIT)
  })

  test('what it told last comes through before it is said that it has ended', async () => {
    answer = (_request, response) => response.writeHead(200, STREAM).end(wantedEvent(id(1)))
    const endpoint = endpointOf()
    followerOf(endpoint).heard(endpoint, OURS)
    await vi.waitFor(() => expect(standing()).toEqual([true, false]), WAIT)
    expect(news.map(({ kind }) => kind)).toEqual(['following', 'wanted', 'following'])
  })

  test('also where only its answers to spans say who it is', async () => {
    const follower = followerOf(endpointOf())
    follower.heard(endpointOf({ url: `${url}/v1/traces` }), OURS)
    await vi.waitFor(() => expect(standing()).toEqual([true]), WAIT)
  })

  test.each<[string, Readonly<Record<string, string>>, Partial<OtlpEndpoint>, 'logs' | 'spans']>([
    ['without the header', {}, {}, 'logs'],
    ['of another version', { 'tracelog-backend': '2' }, {}, 'logs'],
    ['over gRPC', OURS, { protocol: 'grpc' }, 'logs'],
    ['at a path of its own', OURS, { url: 'http://127.0.0.1:9/take' }, 'logs'],
    ['that gets no logs, and so no dumps', OURS, {}, 'spans'],
  ])('nobody %s', async (_who, headers, options, signal) => {
    const endpoint = endpointOf(options)
    followerOf(endpoint, signal).heard(endpoint, headers)
    // Somebody else is, after that.
    const other = endpointOf()
    followerOf(other).heard(other, OURS)
    await vi.waitFor(() => expect(standing()).toEqual([true]), WAIT)
    expect(asked).toHaveLength(1)
  })

  test('not again before a pause, and by the next answer then', async () => {
    answer = (_request, response) => response.writeHead(200, STREAM).end()
    const endpoint = endpointOf()
    const follower = followerOf(endpoint)
    follower.heard(endpoint, OURS)
    await vi.waitFor(() => expect(standing()).toEqual([true, false]), WAIT)
    follower.heard(endpoint, OURS)
    await vi.waitFor(() => {
      follower.heard(endpoint, OURS)
      expect(standing()).toEqual([true, false, true, false])
    }, WAIT)
    expect(asked).toHaveLength(2)
  })

  test('nobody after the end', async () => {
    const endpoint = endpointOf()
    const follower = followerOf(endpoint)
    follower.heard(endpoint, OURS)
    await vi.waitFor(() => expect(standing()).toEqual([true]), WAIT)
    const gone = once(asked[0]!.socket, 'close')
    follower.stop()
    await gone
    follower.heard(endpoint, OURS)
    expect(asked).toHaveLength(1)
    expect(standing()).toEqual([true])
  })
})

describe('who answers may be anybody', () => {
  async function afterAnswer(hostile: (response: ServerResponse) => void): Promise<void> {
    answer = (_request, response) => hostile(response)
    const endpoint = endpointOf()
    followerOf(endpoint).heard(endpoint, OURS)
    await vi.waitFor(() => expect(asked[0]?.socket.destroyed).toBe(true), WAIT)
  }

  const GIVEN_UP: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['a page', (response) => response.writeHead(200, { ...OURS, 'content-type': 'text/html' }).write('<html>')],
    ['another server', (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x')],
    ['a redirect', (response) => response.writeHead(302, { ...OURS, location: `${url}/elsewhere` }).end()],
    ['a refusal', (response) => response.writeHead(401, OURS).end()],
    [
      'an answer that is cut',
      (response) => response.socket?.write('HTTP/1.1 200 OK\r\ncont', () => response.destroy()),
    ],
    ['no HTTP', (response) => response.socket?.end('hello\n')],
    [
      'another type',
      (response) => {
        response.writeHead(200, { ...STREAM, 'content-type': 'text/event-stream; x=y' }).write('data')
      },
    ],
  ]

  test.each(GIVEN_UP)('%s: given up, and nothing is told', async (_what, hostile) => {
    await afterAnswer(hostile)
    expect([news, asked.map((request) => request.url)]).toEqual([[], ['/v1/tracelog/wanted']])
  })

  test('one that floods is given up, and left alone', async () => {
    await afterAnswer((response) => {
      response.writeHead(200, STREAM)
      const flood = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) {
          // Until it is full.
        }
      }
      response.on('drain', flood)
      flood()
    })
    await vi.waitFor(() => expect(standing()).toEqual([true, false]), WAIT)
    expect(wanted()).toEqual([])
  })

  test('huge lists come in pieces of a bounded size, and what is too much is counted', async () => {
    const list = Array.from({ length: 5_000 }, (_, i) => wantedEvent(id(i))).join('')
    answer = (_request, response) => response.writeHead(200, STREAM).write(list)
    const endpoint = endpointOf()
    followerOf(endpoint).heard(endpoint, OURS)
    await vi.waitFor(() => expect(wanted().length + dropped()).toBe(5_000), WAIT)
    // The list may be read within two seconds of the clock.
    expect(wanted().length).toBeLessThanOrEqual(2_000)
    expect(news.length).toBeLessThan(50)
  })

  test('one that is silent is given up, before its answer and after it', async () => {
    for (const silent of [
      () => {},
      (_request: IncomingMessage, response: ServerResponse) => response.writeHead(200, STREAM).flushHeaders(),
    ]) {
      answer = silent
      const { promise, resolve } = Promise.withResolvers<boolean>()
      openWantedStream({
        url: `${url}/v1/tracelog/wanted`,
        endpoint: endpointOf(),
        userAgent: 'x',
        onOpen: () => {},
        onTraces: () => {},
        onEnd: resolve,
        answerMillis: 200,
        silenceMillis: 50,
      })
      expect(await promise).toBe(false)
    }
  })

  test('a header that cannot be sent costs this way alone', () => {
    const endpoint = endpointOf({ headers: { 'x-name': 'not\nallowed' } })
    const follower = followerOf(endpoint)
    expect(() => follower.heard(endpoint, OURS)).not.toThrow()
    expect(asked).toEqual([])
  })
})
