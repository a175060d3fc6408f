/**
 * An unmodified OpenTelemetry Collector stands where `tracelog dev` stands: by environment alone, every record with its values.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { makeCertificates } from '../support/certificates.ts'
import { fixture, runChild, startChild } from '../support/child.ts'
import { startOtelcol } from '../support/servers/otelcol.ts'
import { requireServers } from '../support/servers/program.ts'

/** Receives, and writes what it got as OTLP JSON: nothing is changed on the way. */
const CONFIG = fixture('collector/file-only.yaml')

/** The objects below `key`, wherever they stand. */
function below(value: unknown, key: string): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key && Array.isArray(inner) ? (inner as Record<string, unknown>[]) : []),
    ...below(inner, key),
  ])
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-collector-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const WAYS = [
  { protocol: 'http/protobuf', compression: 'none' },
  { protocol: 'http/protobuf', compression: 'zstd' },
  { protocol: 'grpc', compression: 'none' },
  { protocol: 'grpc', compression: 'gzip' },
  { protocol: 'grpc', compression: 'zstd' },
]

requireServers('otelcol').each(WAYS)(
  'a Collector receives the lines, the spans and the completion record of a request ($protocol, $compression)',
  async ({ protocol, compression }) => {
    const collector = await startOtelcol({ configs: [CONFIG], folder: temporaryFolder() })
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_SERVICE_NAME: 'shop',
    }
    expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
    await collector.stop()
    const received = collector.aggregate()

    const logs = received.flatMap((request) => below(request, 'logRecords'))
    const spans = received.flatMap((request) => below(request, 'spans'))
    const line = logs.find(({ body }) => (body as { stringValue?: string }).stringValue === 'greeting')
    expect(line).toMatchObject({ severityNumber: 9, severityText: 'info', traceId: spans[0]?.['traceId'] })
    expect(line?.['attributes']).toEqual([
      { key: 'name', value: { stringValue: 'ada' } },
      { key: 'count', value: { intValue: '3' } },
      { key: 'share', value: { doubleValue: 1.5 } },
      { key: 'when', value: { stringValue: '1970-01-01T00:00:00.000Z' } },
      {
        key: 'nested',
        value: {
          kvlistValue: {
            values: [{ key: 'list', value: { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'x' }] } } }],
          },
        },
      },
      { key: 'tracelog.seq', value: { intValue: '0' } },
    ])
    expect(logs.map(({ eventName }) => eventName)).toContain('tracelog.http.server.end')
    expect(spans.map(({ kind, name }) => [kind, name]).toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
      [2, 'GET /hello/:name'],
      [3, 'GET'],
    ])
    expect(new Set([...logs, ...spans].map(({ traceId }) => traceId)).size).toBe(1)
  },
)

requireServers('otelcol').each(['http/protobuf', 'grpc'])(
  'a Collector receives what was measured, each metric with its points (%s)',
  async (protocol) => {
    const collector = await startOtelcol({ configs: [CONFIG], folder: temporaryFolder() })
    const env = {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    }
    expect(await runChild('metrics/app.cjs', { env, args: ['exit'] })).toMatchObject({ code: 3, stderr: '' })
    await collector.stop()
    const metrics = collector.aggregate().flatMap((request) => below(request, 'metrics'))
    const points = (name: string) =>
      metrics.filter((metric) => metric['name'] === name).flatMap((metric) => below(metric, 'dataPoints'))
    // Of status 200 and of 500.
    const counts = points('http.server.request.duration').map(({ count }) => Number(count))
    expect(new Set(counts)).toEqual(new Set([1, 2]))
    expect(points('orders').map(({ asDouble, asInt }) => Number(asDouble ?? asInt))).toEqual([2])
  },
)

/** More than 4 MiB in one request, which is what a Collector takes over gRPC. */
const MANY = 60_000

requireServers('otelcol')(
  'a Collector that refuses a message of more than 4 MiB receives its records in smaller ones',
  async () => {
    const collector = await startOtelcol({ configs: [CONFIG], folder: temporaryFolder() })
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: String(MANY),
    }
    const args = ['natural', 'none', 'r', String(MANY)]
    expect(await runChild('ends/end.cjs', { args, env })).toMatchObject({ code: 0, stderr: '' })
    await collector.stop()
    const bodies = collector
      .aggregate()
      .flatMap((request) => below(request, 'logRecords'))
      .map(({ body }) => (body as { stringValue?: string }).stringValue)
    expect(bodies).toHaveLength(MANY)
    expect(new Set(bodies).size).toBe(MANY)
  },
)

requireServers('otelcol')(
  'a Collector behind TLS on both sides is reached over gRPC with the three files',
  async () => {
    const folder = temporaryFolder()
    const { ca, cert, key } = makeCertificates(folder)
    const collector = await startOtelcol({
      configs: [CONFIG, fixture('collector/grpc-tls.yaml')],
      folder,
      env: { TEST_CA: ca, TEST_CERT: cert, TEST_KEY: key },
    })
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl.replace('http:', 'https:'),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
    }
    const args = ['natural', 'none', 'r', '100']
    expect(await runChild('ends/end.cjs', { args, env })).toMatchObject({ code: 0, stderr: '' })
    await collector.stop()
    expect(collector.aggregate().flatMap((request) => below(request, 'logRecords'))).toHaveLength(100)
  },
)

requireServers('otelcol')('a Collector that is stopped and started again under way has every record once', async () => {
  const folder = temporaryFolder()
  const first = await startOtelcol({ configs: [CONFIG], folder })
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: first.grpcUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_BLRP_SCHEDULE_DELAY: '5',
  }
  const child = startChild('collector/counts.cjs', { env })
  const hundredMore = () => child.prints(`\n${(child.stdout().split('\n').length + 1) * 100}\n`)
  await child.prints('\n500\n')
  await first.stop()
  await hundredMore()
  const second = await startOtelcol({
    configs: [CONFIG],
    folder,
    env: { ...first.env, TRACELOG_AGGREGATE: join(folder, 'second', 'logs.jsonl') },
  })
  await hundredMore()
  child.kill('SIGUSR2')
  const { code, stdout } = await child.ended
  expect(code).toBe(0)
  await second.stop()
  const bodies = [first, second]
    .flatMap((collector) => collector.aggregate())
    .flatMap((request) => below(request, 'logRecords'))
    .map(({ body }) => Number((body as { intValue?: string }).intValue))
  const last = Number(/last (\d+)/.exec(stdout)?.[1])
  expect(bodies.toSorted((a, b) => a - b)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
})
