import { connect, type IncomingHttpHeaders } from 'node:http2'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { Client, compressionAlgorithms, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { describe, expect, onTestFinished, test } from 'vitest'

import { frameMessage } from '../../../src/model/grpc-frame.ts'
import { GRPC_METHODS } from '../../../src/backend/receive/grpc-server.ts'
import { protobufjsEncode } from '../../support/otlp-proto.ts'
import { startTestBackend, type TestBackend } from '../support/backend.ts'

const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
/** What every call sends. */
const POST = { ':method': 'POST', ':path': LOGS, 'content-type': 'application/grpc', te: 'trailers' }
const logs = (text: string, extra: readonly object[] = []): Buffer =>
  Buffer.from(
    protobufjsEncode('ExportLogsServiceRequest', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }, ...extra] }] }],
    }),
  )

function clientOf({ ready }: TestBackend, options: object = {}): Client {
  const client = new Client(ready.otlp_grpc.replace('http://', ''), credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

interface CallEnd {
  readonly code: number
  readonly details: string
  readonly message: Buffer | undefined
  readonly metadata: Metadata | undefined
}

/** Messages are bytes already. */
function identity(bytes: Buffer): Buffer {
  return bytes
}

/** @param metadata  what the call carries beside its message */
function call(client: Client, method: string, message: Buffer, metadata = new Metadata()): Promise<CallEnd> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method,
      identity,
      identity,
      message,
      metadata,
      { deadline: Date.now() + 20_000 },
      (error: ServiceError | null, answer?: Buffer) =>
        resolve({
          code: error?.code ?? status.OK,
          details: error?.details ?? '',
          message: answer,
          metadata: error?.metadata,
        }),
    )
  })
}

describe('OTLP/gRPC, as the real client sees it', () => {
  test('keeps logs and spans, and drops metrics', async () => {
    const backend = await startTestBackend()
    const client = clientOf(backend)
    const spans = protobufjsEncode('ExportTraceServiceRequest', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }],
    })
    const ends = await Promise.all(
      Object.entries(GRPC_METHODS).map(([method, kind]) =>
        call(client, method, kind === 'spans' ? Buffer.from(spans) : logs('hello')),
      ),
    )
    expect(ends.map((end) => end.code)).toEqual([status.OK, status.OK, status.OK])
    expect(backend.stages.bodies()).toEqual(['hello'])
    expect(backend.stages.requests.map((request) => request.signal).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'logs',
      'spans',
    ])
  })

  test.each([
    ['gzip', compressionAlgorithms.gzip],
    ['deflate', compressionAlgorithms.deflate],
  ])('undoes %s', async (_, algorithm) => {
    const backend = await startTestBackend()
    const client = clientOf(backend, { 'grpc.default_compression_algorithm': algorithm })
    expect((await call(client, LOGS, logs('packed'.repeat(1_000)))).code).toBe(status.OK)
    expect(backend.stages.bodies()).toEqual(['packed'.repeat(1_000)])
  })

  test('takes large messages, and many at once', async () => {
    const backend = await startTestBackend()
    const client = clientOf(backend)
    const large = 'x'.repeat(8 * 1024 * 1024)
    expect((await call(client, LOGS, logs(large))).code).toBe(status.OK)
    const texts = Array.from({ length: 200 }, (_, index) => `record ${index}`)
    const ends = await Promise.all(texts.map((text) => call(client, LOGS, logs(text))))
    expect(new Set(ends.map((end) => end.code))).toEqual(new Set([status.OK]))
    expect(new Set(backend.stages.bodies().slice(1))).toEqual(new Set(texts))
  })

  test('says how many records it left out', async () => {
    const backend = await startTestBackend()
    const wide = { attributes: Array.from({ length: 1_001 }, () => ({ key: 'k' })) }
    const { code, message } = await call(clientOf(backend), LOGS, logs('fine', [wide]))
    expect(code).toBe(status.OK)
    expect(message?.toString('latin1')).toContain('more than 1000 attributes')
    expect(backend.stages.bodies()).toEqual(['fine'])
  })

  test.each([
    { what: 'an unknown method', method: '/a.B/C', message: logs('a'), code: status.UNIMPLEMENTED },
    { what: 'a message that is no OTLP', method: LOGS, message: Buffer.from('hello'), code: status.INVALID_ARGUMENT },
    {
      what: 'a message over 64 MiB',
      method: LOGS,
      message: Buffer.alloc(64 * 1024 * 1024 + 1),
      code: status.RESOURCE_EXHAUSTED,
    },
  ])('refuses $what', async ({ method, message, code }) => {
    const backend = await startTestBackend()
    const end = await call(clientOf(backend), method, message)
    expect(end.code).toBe(code)
    expect(end.details).not.toBe('')
    // The connection is still good.
    expect((await call(clientOf(backend), LOGS, logs('next'))).code).toBe(status.OK)
  })

  test('tells a client when to come back, when it is stopping', async () => {
    const backend = await startTestBackend()
    backend.stages.isFull = true
    const waiting = call(clientOf(backend), LOGS, logs('a'))
    const { code, metadata } = await waiting
    backend.stages.isFull = false
    expect(code).toBe(status.UNAVAILABLE)
    expect(String(metadata?.get('grpc-status-details-bin')[0])).toContain('google.rpc.RetryInfo')
  })

  test('wants a token where it listens beyond loopback', async () => {
    const backend = await startTestBackend({ host: '0.0.0.0' })
    const client = clientOf(backend)
    expect((await call(client, LOGS, logs('a'))).code).toBe(status.UNAUTHENTICATED)
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${backend.ready.token}`)
    expect((await call(client, LOGS, logs('a'), metadata)).code).toBe(status.OK)
  })

  test('refuses a foreign :authority', async () => {
    const backend = await startTestBackend()
    const client = clientOf(backend, { 'grpc.default_authority': 'evil.example' })
    expect((await call(client, LOGS, logs('a'))).code).toBe(status.PERMISSION_DENIED)
  })
})

describe('OTLP/gRPC, as a broken client sees it', () => {
  test.each([
    {
      what: 'no message at all',
      headers: POST,
      body: Buffer.alloc(0),
      expected: { ':status': 200, 'grpc-status': '13' },
    },
    { what: 'half a message', headers: POST, body: Buffer.from([0, 0, 0, 0, 9, 1]), expected: { 'grpc-status': '13' } },
    { what: 'two messages', headers: POST, body: Buffer.alloc(10), expected: { 'grpc-status': '13' } },
    {
      what: 'an impossible prefix',
      headers: POST,
      body: Buffer.from([7, 0, 0, 0, 0]),
      expected: { 'grpc-status': '13' },
    },
    {
      what: 'a compressed message without an encoding',
      headers: POST,
      body: Buffer.from([1, 0, 0, 0, 0]),
      expected: { 'grpc-status': '13' },
    },
    {
      what: 'an unknown encoding',
      headers: { ...POST, 'grpc-encoding': 'snappy' },
      body: Buffer.alloc(5),
      expected: { 'grpc-status': '12', 'grpc-accept-encoding': 'identity,gzip,deflate,zstd' },
    },
    {
      what: 'a time-out of its own',
      headers: { ...POST, 'grpc-timeout': '1S' },
      body: Buffer.alloc(5),
      expected: { ':status': 200 },
    },
    {
      what: 'another content type',
      headers: { ...POST, 'content-type': 'text/html' },
      body: Buffer.alloc(5),
      expected: { ':status': 415 },
    },
    { what: 'GET', headers: { ...POST, ':method': 'GET' }, body: undefined, expected: { ':status': 405 } },
  ])('answers $what', async ({ headers, body, expected }) => {
    const { ready } = await startTestBackend()
    expect(await answerTo(ready.otlp_grpc, headers, body)).toMatchObject(expected)
  })
})

/** The headers of an answer, and its trailers where it has some: what a client of gRPC reads. */
function answerTo(url: string, headers: object, body: Uint8Array | undefined): Promise<IncomingHttpHeaders> {
  const session = connect(url)
  onTestFinished(() => session.close())
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...headers }, { endStream: body === undefined })
    let all = {}
    stream.on('response', (answer) => (all = answer))
    stream.on('trailers', (trailers) => (all = { ...all, ...trailers }))
    stream.on('error', reject)
    stream.on('end', () => resolve(all))
    stream.resume()
    if (body !== undefined) stream.end(body)
  })
}

function packedFrame(packed: Buffer): Buffer {
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), packed])
  frame.writeUInt32BE(packed.length, 1)
  return frame
}

describe.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['zstd', zstdCompressSync],
] as const)('OTLP/gRPC compressed with %s', (encoding, compress) => {
  const headers = { ...POST, 'grpc-encoding': encoding }

  test('is taken, packed or not', async () => {
    const { ready, stages } = await startTestBackend()
    for (const body of [packedFrame(compress(logs('packed'))), frameMessage(logs('plain'))]) {
      expect(await answerTo(ready.otlp_grpc, headers, body)).toMatchObject({ 'grpc-status': '0' })
    }
    expect(stages.bodies()).toEqual(['packed', 'plain'])
  })

  test.each([
    { what: 'bytes that are none of it', body: Buffer.from('not compressed'), code: status.INVALID_ARGUMENT },
    { what: 'bytes that are cut off', body: compress(logs('packed')).subarray(0, -6), code: status.INVALID_ARGUMENT },
    // 80 MiB of nothing: stopped while it unfolds.
    { what: 'a bomb', body: compress(Buffer.alloc(80 * 1024 * 1024)), code: status.RESOURCE_EXHAUSTED },
  ])('refuses $what', async ({ body, code }) => {
    const { ready, stages } = await startTestBackend()
    expect(await answerTo(ready.otlp_grpc, headers, packedFrame(body))).toMatchObject({ 'grpc-status': String(code) })
    expect(stages.bodies()).toEqual([])
  })
})
