/** Our calls as grpc-js's server sees them, and its answers as we see them: another implementation, none of our lines. */
import { Metadata, Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Answer } from '../../../src/export/transports/answer.ts'
import { createEndpointTransport } from '../../../src/export/transports/endpoint.ts'
import type { OtlpEndpoint } from '../../../src/export/otlp-endpoint.ts'
import { logsRequest } from '../../contract/transport.contract.ts'
import { protobufjsDecode } from '../../support/otlp-proto.ts'

const METHOD = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

type Call = ServerUnaryCall<Buffer, Buffer>

/** 1 to 16. */
const FAILURES = Object.values(status).filter((code): code is status => typeof code === 'number' && code !== status.OK)

let server: Server
let url = ''
let calls: Call[] = []
let answer: Parameters<sendUnaryData<Buffer>> = [null, Buffer.alloc(0)]

beforeEach(async () => {
  calls = []
  answer = [null, Buffer.alloc(0)]
  server = new Server({ 'grpc.max_receive_message_length': 1024 * 1024 })
  const identity = (bytes: Buffer): Buffer => bytes
  const export_ = {
    path: METHOD,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  }
  server.addService(
    { export: export_ },
    {
      export: (call: Call, done: sendUnaryData<Buffer>) => {
        calls.push(call)
        done(...answer)
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  url = `http://127.0.0.1:${port}`
})
afterEach(() => server.forceShutdown())

async function send(more: Partial<OtlpEndpoint> = {}, request = logsRequest('hello')): Promise<Answer> {
  const general = { url, headers: {}, timeoutMillis: 5000, compression: 'none' as const }
  const transport = createEndpointTransport({ ...general, protocol: 'grpc', ...more }, 'tracelog/test')
  try {
    return await transport.send(request, performance.now() + 5000)
  } finally {
    transport.stop()
  }
}

test.each(['none', 'gzip'] as const)(
  'a message (compression: %s), metadata and a deadline arrive',
  async (compression) => {
    expect(await send({ compression, headers: { 'x-key': 'secret', 'x-token-bin': 'AAEC' } })).toEqual({
      kind: 'delivered',
    })
    const [call] = calls
    expect(protobufjsDecode('ExportLogsServiceRequest', call?.request as Buffer)).toEqual({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }],
    })
    expect(call?.metadata.get('x-key')).toEqual(['secret'])
    expect(call?.metadata.get('x-token-bin')).toEqual([Buffer.from([0, 1, 2])])
    expect(call?.metadata.get('user-agent')).toEqual(['tracelog/test'])
    const left = Number(call?.getDeadline()) - Date.now()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(5_000)
  },
)

test('zstd, which grpc-js does not know, becomes gzip', async () => {
  expect(await send({ compression: 'zstd' })).toEqual({ kind: 'delivered' })
  expect(calls).toHaveLength(1)
})

test.each(FAILURES)('its status %i is what OTLP says of it', async (code) => {
  answer = [{ code, details: 'naïve 100 %' }, null]
  const kind = [1, 4, 10, 11, 14, 15].includes(code) ? 'unreachable' : 'rejected'
  expect(await send()).toEqual({ kind, reason: `gRPC ${code}` })
})

test('its details say when to come back', async () => {
  const metadata = new Metadata()
  // google.rpc.Status{14, details: [RetryInfo{2.5 s}]}
  const details = 'CA4aNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAhCAyrXuAQ=='
  metadata.set('grpc-status-details-bin', Buffer.from(details, 'base64'))
  answer = [{ code: status.UNAVAILABLE, details: 'busy', metadata }, null]
  expect(await send()).toEqual({ kind: 'unreachable', reason: 'gRPC 14', retryAfterMillis: 2500 })
})

test('its word for a message that is too large is understood', async () => {
  expect(await send({}, logsRequest('x'.repeat(2 * 1024 * 1024)))).toEqual({ kind: 'too_large', reason: 'gRPC 8' })
})

test('a service that it does not have is a refusal', async () => {
  expect(await send({}, { ...logsRequest('a'), signal: 'spans' })).toEqual({ kind: 'rejected', reason: 'gRPC 12' })
})

test('its partial success is read', async () => {
  // ExportLogsServiceResponse{partial_success{rejected: 3, error_message: 'ol'}}
  answer = [null, Buffer.from([0x0a, 6, 0x08, 3, 0x12, 2, 0x6f, 0x6c])]
  expect(await send()).toEqual({ kind: 'partial', rejected: 3, message: 'ol' })
})
