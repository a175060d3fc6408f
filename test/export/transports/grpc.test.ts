/** What only gRPC has: statuses over the wire, resets, goodbyes, one connection for all calls. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import type { Answer } from '../../../src/export/transports/answer.ts'
import { createEndpointTransport } from '../../../src/export/transports/endpoint.ts'
import type { OtlpEndpoint } from '../../../src/export/otlp-endpoint.ts'
import type { Transport } from '../../../src/export/transports/transport.ts'
import { startTestBackend } from '../../backend/support/backend.ts'
import { logsRequest } from '../../contract/transport.contract.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { startGrpcReceiver, type GrpcFault, type GrpcReceiver } from '../../support/grpc-receiver.ts'
import { slack } from '../../support/machine.ts'
import { requireProgram } from '../../support/require.ts'

let receiver: GrpcReceiver
let transport: Transport

beforeEach(async () => {
  receiver = await startGrpcReceiver()
  transport = to(receiver.url)
})
afterEach(async () => {
  transport.stop()
  await receiver.close()
})

function to(url: string, more: Partial<OtlpEndpoint> = {}): Transport {
  const general = { headers: {}, timeoutMillis: 5000, compression: 'none' as const }
  return createEndpointTransport({ url, protocol: 'grpc', ...general, ...more }, 'tracelog/test')
}

function send(millis = 5000): Promise<Answer> {
  return transport.send(logsRequest('a', 'b', 'c', 'd'), performance.now() + millis)
}

const RETRYABLE = new Set([1, 4, 10, 11, 14, 15])
const CODES = Array.from({ length: 17 }, (_, code) => code)

describe.each([false, true])('a status (headers and status in one block: %s)', (isTrailersOnly) => {
  test.each(CODES)('%i is what it says', async (status) => {
    receiver.fault = { status, isTrailersOnly, message: 'naïve 100 %' }
    const reason = `gRPC ${status}`
    const refused = { kind: RETRYABLE.has(status) ? 'unreachable' : 'rejected', reason }
    expect(await send()).toEqual(status === 0 ? { kind: 'delivered' } : refused)
  })

  test.each(CODES)('%i with RetryInfo, padded or not', async (status) => {
    for (const isPadded of [false, true]) {
      receiver.fault = { status, isTrailersOnly, retryMillis: 2500, isPadded }
      const later = { kind: 'unreachable', reason: `gRPC ${status}`, retryAfterMillis: 2500 }
      const mayComeBack = RETRYABLE.has(status) || status === 8
      expect(await send()).toMatchObject(mayComeBack ? later : { kind: status === 0 ? 'delivered' : 'rejected' })
    }
  })
})

test.each([
  { fault: { maxBytes: 3 }, answer: { kind: 'too_large', reason: 'gRPC 8' } },
  { fault: { http: 503 }, answer: { kind: 'unreachable', reason: 'HTTP 503' } },
  {
    fault: { http: 429, retryAfter: '3' },
    answer: { kind: 'unreachable', reason: 'HTTP 429', retryAfterMillis: 3000 },
  },
  { fault: { http: 404 }, answer: { kind: 'rejected', reason: 'HTTP 404' } },
  { fault: { http: 302 }, answer: { kind: 'rejected', reason: 'HTTP 302' } },
  { fault: { http: 200 }, answer: { kind: 'rejected', reason: 'HTTP 200 without grpc-status' } },
  { fault: { reset: { code: 7, at: 'begun' } }, answer: { kind: 'unreachable', reason: 'RST 7' } },
  { fault: { reset: { code: 2, at: 'read' } }, answer: { kind: 'unreachable', reason: 'RST 2' } },
  { fault: { reset: { code: 11, at: 'read' } }, answer: { kind: 'unreachable', reason: 'RST 11' } },
  { fault: { reset: { code: 0, at: 'read' } }, answer: { kind: 'unreachable', reason: 'connection closed' } },
  { fault: { reset: { code: 8, at: 'read' } }, answer: { kind: 'unreachable', reason: 'connection closed' } },
  { fault: { reset: { code: 2, at: 'answered' } }, answer: { kind: 'unreachable', reason: 'RST 2' } },
  { fault: { cut: 'begun' }, answer: { kind: 'unreachable', reason: 'connection closed' } },
  { fault: { cut: 'read' }, answer: { kind: 'unreachable', reason: 'connection closed' } },
  { fault: { cut: 'answered' }, answer: { kind: 'unreachable', reason: 'connection closed' } },
  {
    fault: { isPacked: true, partial: { rejected: 3, message: 'too old' } },
    answer: { kind: 'partial', rejected: 3, message: 'too old' },
  },
  { fault: { answer: Buffer.alloc(100_000, 1) }, answer: { kind: 'delivered' } },
  { fault: { answer: Buffer.from('<p>') }, answer: { kind: 'delivered', remark: 'application/grpc' } },
] satisfies { fault: GrpcFault; answer: Answer }[])('$fault: $answer', async ({ fault, answer }) => {
  receiver.fault = fault
  expect(await send()).toEqual(answer)
  receiver.fault = undefined
  expect(await send()).toEqual({ kind: 'delivered' })
})

describe('its connection', () => {
  test('is one for all calls, also at the same time', async () => {
    await send()
    await Promise.all([send(), send(), send(), send()])
    expect(receiver.connections).toBe(1)
  })

  test('is opened anew after a goodbye, whose call is answered', async () => {
    receiver.failNext({ goaway: 0 })
    expect(await send()).toEqual({ kind: 'delivered' })
    expect(await send()).toEqual({ kind: 'delivered' })
    expect(receiver.calls.map(({ connection }) => connection)).toEqual([0, 1])
  })

  test('is opened anew after a goodbye that is a fault, whose call may be made again', async () => {
    receiver.failNext({ goaway: 2 })
    expect(await send()).toEqual({ kind: 'unreachable', reason: 'ERR_HTTP2_SESSION_ERROR' })
    expect(await send()).toEqual({ kind: 'delivered' })
    expect(receiver.calls.map(({ connection }) => connection)).toEqual([0, 1])
  })

  test('is not trusted when it says nothing: the next call opens another one', async () => {
    receiver.failNext({ blackhole: true })
    expect(await send(200)).toMatchObject({ kind: 'unreachable' })
    expect(await send()).toEqual({ kind: 'delivered' })
    expect(receiver.calls.map(({ connection }) => connection)).toEqual([0, 1])
  })
})

describe('a peer that is no server of HTTP/2', () => {
  const open = new Set<Socket>()
  async function listen(onSocket: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => {}).on('close', () => open.delete(socket))
      onSocket(socket.resume())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    transport = to(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  test('and says nothing: each call ends at its deadline, and leaves no connection behind', async () => {
    await listen(() => {})
    for (let call = 0; call < 5; call++) {
      const began = performance.now()
      expect(await send(100)).toMatchObject({ kind: 'unreachable' })
      expect(performance.now() - began).toBeLessThan(100 + slack(250))
    }
    await expect.poll(() => open.size).toBe(0)
  })

  test.each([
    { what: 'speaks HTTP/1', greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n', reason: 'ERR_HTTP2_ERROR' },
    { what: 'closes', greeting: '', reason: 'connection closed' },
  ])('and $what: said by its name', async ({ greeting, reason }) => {
    await listen((socket) => socket.end(greeting))
    expect(await send()).toEqual({ kind: 'unreachable', reason })
  })
})

test('an answer that never ends is ended at the deadline', async () => {
  receiver.fault = { drips: true }
  const began = performance.now()
  expect(await send(300)).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('no answer within') })
  expect(performance.now() - began).toBeLessThan(300 + slack(250))
})

describe('a call', () => {
  test('has what gRPC wants, and how long it is waited for', async () => {
    await send(7_000)
    const headers = receiver.calls[0]?.headers
    expect(headers?.[':path']).toBe('/opentelemetry.proto.collector.logs.v1.LogsService/Export')
    expect(headers).toMatchObject({ 'content-type': 'application/grpc', te: 'trailers', ':method': 'POST' })
    expect(headers?.['grpc-encoding']).toBeUndefined()
    expect(Number(/^(\d{1,8})m$/.exec(String(headers?.['grpc-timeout']))?.[1])).toBeLessThanOrEqual(7_000)
  })

  test('cannot be robbed of it by headers of the user, who may send all else', async () => {
    transport = to(receiver.url.replace('//', '//user:p%40ss@'), {
      headers: {
        'x-key': 'secret',
        'x-token-bin': 'AAEC',
        host: 'otlp.example',
        te: 'gzip',
        'content-type': 'text/plain',
        'user-agent': 'me',
        connection: 'close',
        'transfer-encoding': 'chunked',
      },
    })
    expect(await send()).toEqual({ kind: 'delivered' })
    expect(receiver.calls[0]?.headers).toMatchObject({
      ':authority': 'otlp.example',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      'x-key': 'secret',
      'x-token-bin': 'AAEC',
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': 'tracelog/test',
    })
  })

  test.each([
    ['127.0.0.1', (url: string) => url],
    ['localhost', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['[::1]', (url: string) => url.replace('127.0.0.1', '[::1]')],
  ])('names its host as the URL does: %s', async (host, urlOf) => {
    const { ready } = await startTestBackend()
    const url = urlOf(ready.otlp_grpc)
    transport = to(url)
    // The backend refuses a host that is none of its own; without IPv6 nobody answers there.
    expect(['delivered', 'unreachable']).toContain((await send()).kind)
    expect(new URL(url).hostname).toBe(host)
  })

  test('with a header that cannot be sent is refused for good', async () => {
    transport = to(receiver.url, { headers: { 'x-key': 'a\nb' } })
    expect(await send()).toEqual({ kind: 'rejected', reason: 'ERR_INVALID_CHAR' })
    expect(receiver.calls).toHaveLength(0)
  })
})

requireProgram('openssl')('TLS: both sides know each other by the three files, and nobody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-grpc-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { ca, cert, key } = makeCertificates(folder)
  const files = { certificateFile: ca, clientCertificateFile: cert, clientKeyFile: key }
  const server = await startGrpcReceiver({
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
    requestCert: true,
    rejectUnauthorized: true,
  })
  onTestFinished(() => server.close())
  transport = to(server.url, files)
  expect(await send()).toEqual({ kind: 'delivered' })
  transport.stop()

  transport = to(server.url)
  expect(await send()).toEqual({ kind: 'unreachable', reason: 'SELF_SIGNED_CERT_IN_CHAIN' })
  transport.stop()

  transport = to(server.url, { certificateFile: ca })
  expect(await send()).toMatchObject({ kind: 'unreachable' })
  expect(server.receivedLogs).toHaveLength(4)
})
