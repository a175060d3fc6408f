/** The variables of the endpoint: the general ones, and those of one signal, seen from the endpoint. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { makeCertificates } from '../support/certificates.ts'
import { runChild, startChild } from '../support/child.ts'
import { startGrpcReceiver } from '../support/grpc-receiver.ts'
import { startReceiver, type ReceivedRequest, type Receiver } from '../support/receiver.ts'
import { requireProgram } from '../support/require.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** Of records, then of spans: what the first request of each was like. */
async function requests<T>(
  env: Record<string, string>,
  look: (request: ReceivedRequest) => T,
): Promise<(T | undefined)[]> {
  await runChild('env/shop.cjs', { args: ['/x'], env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env } })
  return ['logs', 'traces'].map((signal) => {
    const request = receiver.requests.find(({ path }) => path.includes(signal))
    return request === undefined ? undefined : look(request)
  })
}

const path = (request: ReceivedRequest): string => request.path
const header = (name: string) => (request: ReceivedRequest) => request.headers[name]

test("OTEL_EXPORTER_OTLP_ENDPOINT is a base, the signal's own is used as it is", async () => {
  const base = `${receiver.url}/base`
  expect(await requests({ OTEL_EXPORTER_OTLP_ENDPOINT: base }, path)).toEqual(['/base/v1/logs', '/base/v1/traces'])
  receiver.requests.length = 0
  const own = {
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/my-logs`,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/my-traces`,
  }
  expect(await requests(own, path)).toEqual(['/my-logs', '/my-traces'])
})

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'

test.each([
  ['OTEL_EXPORTER_OTLP_PROTOCOL', [JSON_TYPE, JSON_TYPE]],
  ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', [JSON_TYPE, PROTOBUF_TYPE]],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', [PROTOBUF_TYPE, JSON_TYPE]],
])('%s=http/json sends JSON', async (name, types) => {
  expect(await requests({ [name]: 'http/json' }, header('content-type'))).toEqual(types)
})

test.each([
  ['OTEL_EXPORTER_OTLP_PROTOCOL', [1, 1]],
  ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', [1, 0]],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', [0, 1]],
])('%s=grpc calls', async (name, [logs, spans]) => {
  const grpc = await startGrpcReceiver()
  const env = {
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: logs === 1 ? grpc.url : `${receiver.url}/v1/logs`,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: spans === 1 ? grpc.url : `${receiver.url}/v1/traces`,
    [name]: 'grpc',
  }
  await runChild('env/shop.cjs', { args: ['/x'], env })
  await grpc.close()
  expect([grpc, receiver].map((peer) => [peer.receivedLogs.length > 0, peer.receivedSpans.length > 0])).toEqual([
    [logs === 1, spans === 1],
    [logs === 0, spans === 0],
  ])
})

describe.each(['gzip', 'zstd'])('compression by %s', (coding) => {
  test.each([
    ['OTEL_EXPORTER_OTLP_COMPRESSION', [coding, coding]],
    ['OTEL_EXPORTER_OTLP_LOGS_COMPRESSION', [coding, undefined]],
    ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', [undefined, coding]],
  ])('%s', async (name, encodings) => {
    expect(await requests({ [name]: coding }, header('content-encoding'))).toEqual(encodings)
  })
})

test.each(['natural', 'exit0', 'SIGTERM'])(
  'OTEL_EXPORTER_OTLP_COMPRESSION=zstd to who does not take it: one line, and nothing is lost (end: %s)',
  async (end) => {
    receiver.fault = { unknownCoding: 'zstd' }
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }
    const { stderr } = await runChild('ends/end.cjs', { args: [end, 'none', 'r', '200'], env })
    expect(stderr).toBe(`tracelog: ${receiver.url} does not take zstd (HTTP 415): sending gzip from now on\n`)
    expect(receiver.receivedLogs).toHaveLength(200)
  },
)

test.each([
  ['OTEL_EXPORTER_OTLP_HEADERS', ['a b', 'a b']],
  ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', ['a b', undefined]],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', [undefined, 'a b']],
])('%s is sent', async (name, values) => {
  expect(await requests({ [name]: 'x-key=a%20b' }, header('x-key'))).toEqual(values)
})

const RECORD = ['ends/end.cjs', 'SIGTERM', 'removed', 'r', '1'] as const
const SPAN = ['env/large-span.cjs', 'stay'] as const

test.each([
  { name: 'OTEL_EXPORTER_OTLP_TIMEOUT', program: RECORD },
  { name: 'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', program: RECORD },
  { name: 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', program: SPAN },
])('$name bounds one try: after it comes the next', async ({ name, program: [program, ...args] }) => {
  receiver.failNext({ blackhole: true })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, [name]: '300' }
  const child = startChild(program, { args, env })
  // Less than the 10 s of a try without the variable.
  const again = receiver.until('a second request', () => receiver.requests.length === 2, 8_000)
  await expect(again).resolves.toBeUndefined()
  child.kill('SIGKILL')
  await child.ended
})

requireProgram('openssl')(
  'OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY: trusted, and known',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-endpoint-'))
    const { ca, cert, key } = makeCertificates(folder)
    const server = createServer({
      ca: readFileSync(ca),
      cert: readFileSync(cert),
      key: readFileSync(key),
      requestCert: true,
      rejectUnauthorized: true,
    })
    const callers: unknown[] = []
    server.on('request', (request, response) => {
      callers.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN)
      request.resume().on('end', () => response.end())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
    }
    expect(await runChild('env/says.cjs', { args: ['{"message":"m"}'], env })).toMatchObject({ code: 0, stderr: '' })
    server.close()
    rmSync(folder, { recursive: true })
    expect(callers).toEqual(['collector'])
  },
)
