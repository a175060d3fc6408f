/** OTEL_EXPORTER_OTLP_PROTOCOL=grpc, as an application has it: into `tracelog dev`, and to the end of the process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startTestBackend } from '../backend/support/backend.ts'
import { runChild, type ChildEnd, type ChildOptions } from '../support/child.ts'
import { startGrpcReceiver, type GrpcReceiver } from '../support/grpc-receiver.ts'
import { slack } from '../support/machine.ts'
import { startReceiver } from '../support/receiver.ts'
import { freePort } from '../support/servers/free-port.ts'

const COUNT = 200

/** Emits records and ends as told. */
function emitThenEnd(url: string, end: string, { env, ...options }: ChildOptions = {}): Promise<ChildEnd> {
  return runChild('ends/end.cjs', {
    args: [end, 'none', 'r', String(COUNT)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', ...env },
    ...options,
  })
}

test.each(['none', 'gzip', 'zstd'])(
  'tracelog dev keeps what comes over gRPC (compression: %s)',
  async (compression) => {
    const { ready, stages } = await startTestBackend()
    const env = { OTEL_EXPORTER_OTLP_COMPRESSION: compression }
    expect(await emitThenEnd(ready.otlp_grpc, 'natural', { env })).toMatchObject({ code: 0, stderr: '' })
    expect(stages.bodies()).toEqual(Array.from({ length: COUNT }, (_, index) => `r-${index}`))
  },
)

describe('at the end of the process', () => {
  let receiver: GrpcReceiver
  beforeEach(async () => {
    receiver = await startGrpcReceiver()
  })
  afterEach(() => receiver.close())

  test.each(['natural', 'exit0', 'exit3', 'throw', 'reject', 'SIGTERM', 'SIGINT', 'SIGHUP'])(
    '%s: everything has arrived over gRPC, and it ends as on bare Node',
    async (end) => {
      const [bare, ours] = await Promise.all([
        emitThenEnd(receiver.url, end, { preload: 'none' }),
        emitThenEnd(receiver.url, end),
      ])
      expect({ code: ours.code, signal: ours.signal }).toEqual({ code: bare.code, signal: bare.signal })
      const bodies = receiver.receivedLogs.map(({ record }) => record.body)
      expect(new Set(bodies.filter((body) => typeof body === 'string' && body.startsWith('r-'))).size).toBe(COUNT)
    },
  )

  test.each(['on', 'off'])('an endpoint that says nothing does not hold it (TRACELOG_WORKER=%s)', async (worker) => {
    receiver.fault = { blackhole: true }
    const ours = await emitThenEnd(receiver.url, 'natural', { env: { TRACELOG_WORKER: worker } })
    expect(ours.code).toBe(0)
    expect(ours.tookMillis).toBeLessThan(slack(3_000))
    expect(ours.stderr).toContain(`tracelog: ${COUNT} records`)
  })
})

test('a connection that is refused is told by its name, once', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const { stderr } = await emitThenEnd(url, 'natural')
  expect(stderr.match(/nothing answers at .*?\)/g)).toEqual([`nothing answers at ${url} (ECONNREFUSED)`])
})

test.each([
  { spoken: 'grpc', open: startReceiver, reason: 'ERR_HTTP2_ERROR', there: 'OTLP/HTTP' },
  { spoken: 'http/protobuf', open: startGrpcReceiver, reason: 'HPE_INVALID_CONSTANT', there: 'OTLP/gRPC' },
])('$there where $spoken was expected is told in one line', async ({ spoken, open, reason, there }) => {
  const peer = await open()
  const { stderr } = await emitThenEnd(peer.url, 'natural', { env: { OTEL_EXPORTER_OTLP_PROTOCOL: spoken } })
  await peer.close()
  expect(stderr.split('\n').filter((line) => line.includes('another protocol'))).toEqual([
    expect.stringMatching(
      `tracelog: ${peer.url} answers in another protocol \\(${reason}\\). ${there} seems to listen there`,
    ),
  ])
})

test('an endpoint with a path is one line, and the default is used', async () => {
  const { stderr } = await emitThenEnd('http://127.0.0.1:4317/v1/logs', 'natural')
  expect(stderr.match(/OTEL_EXPORTER_OTLP_ENDPOINT is .*/g)).toEqual([
    expect.stringContaining('must be an http:// or https:// URL without a path, as http://127.0.0.1:4317'),
  ])
})
