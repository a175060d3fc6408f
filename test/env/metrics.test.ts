/** The variables of metrics, seen from the endpoint: when and where they arrive, and in which form. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild, startChild, type RunningChild } from '../support/child.ts'
import { startGrpcReceiver } from '../support/grpc-receiver.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

async function run(env: Record<string, string>): Promise<string> {
  const settings = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }
  const { code, stderr } = await runChild('metrics/app.cjs', { env: settings, args: ['exit'] })
  expect(code).toBe(3)
  return stderr
}

/** Sends often, until it is killed. */
function stays(env: Record<string, string>): RunningChild {
  const settings = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }
  return startChild('metrics/app.cjs', { args: ['stay'], env: { OTEL_METRIC_EXPORT_INTERVAL: '50', ...settings } })
}

const found = (name: string) => receiver.receivedMetrics.find((metric) => metric.name === name)
const sent = () => receiver.requests.filter(({ path }) => path.includes('metrics'))

test('OTEL_METRICS_EXPORTER=otlp measures and sends; of another exporter one line says that there is none', async () => {
  expect([await run({}), found('orders')?.kind]).toEqual(['', 'sum'])
  receiver.receivedMetrics.length = 0
  expect(await run({ OTEL_METRICS_EXPORTER: 'zipkin' })).toBe(
    'tracelog: OTEL_METRICS_EXPORTER is "zipkin", but must be one of otlp, console, prometheus, none; using the default\n',
  )
  expect(receiver.receivedMetrics).toEqual([])
})

test('OTEL_METRIC_EXPORT_INTERVAL is the time between two requests', async () => {
  const often = stays({})
  await receiver.until('a third request', () => sent().length >= 3)
  often.kill('SIGKILL')
  expect((await often.ended).signal).toBe('SIGKILL')
})

test('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: sums since the start, or since the last request', async () => {
  await run({})
  expect([found('orders')?.temporality, found('weights')?.temporality]).toEqual(['cumulative', 'cumulative'])
  receiver.receivedMetrics.length = 0
  await run({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' })
  expect([found('orders')?.temporality, found('weights')?.temporality]).toEqual(['delta', 'delta'])
})

test('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: buckets of which kind', async () => {
  await run({})
  expect(found('weights')?.kind).toBe('histogram')
  receiver.receivedMetrics.length = 0
  const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'
  await run({ [name]: 'base2_exponential_bucket_histogram' })
  expect(found('weights')).toMatchObject({ kind: 'exponentialHistogram', points: [{ count: 1, sum: 3 }] })
})

test('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, _HEADERS and _COMPRESSION are of metrics alone', async () => {
  await run({
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/mine/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-own=1',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
  })
  const seen = receiver.requests.map(({ path, headers }) => [path, headers['x-own'], headers['content-encoding']])
  expect(seen).toContainEqual(['/mine/v1/metrics', '1', 'gzip'])
  expect(seen).toContainEqual(['/v1/logs', undefined, undefined])
  expect(found('orders')?.points).toMatchObject([{ value: 2 }])
})

test('OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is that of a try', async () => {
  receiver.fault = { blackhole: true }
  const none = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }
  const child = stays({ OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '300', ...none })
  // A try that ended is followed by others.
  await receiver.until('the end of a try', () => child.stderr().includes('no answer'))
  child.kill('SIGKILL')
  expect((await child.ended).stderr).toMatch(/no answer within (?:29\d|300) ms/)
})

test('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc calls; http/json is protobuf, for metrics are encoded once', async () => {
  const grpc = await startGrpcReceiver()
  await run({ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: grpc.url })
  await grpc.close()
  expect(grpc.receivedMetrics.map(({ name }) => name)).toContain('orders')
  await run({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })
  const types = receiver.requests.map(({ path, headers }) => `${path} ${headers['content-type']}`)
  expect(types).toContain('/v1/metrics application/x-protobuf')
})
