/** Metrics, where OTEL_METRICS_EXPORTER=otlp asks for them: what hops and the application measure arrives, whatever way the process ends. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { fixture, REGISTER, runChild, startChild } from '../support/child.ts'
import type { ReceivedMetric } from '../support/metrics-wire.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const PROGRAM = 'metrics/app.cjs'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const env = (more: Record<string, string> = {}) => ({
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_SERVICE_NAME: 'shop',
  ...more,
})

const byText = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b))
/** As it was sent last. */
const last = (name: string): ReceivedMetric | undefined => receiver.receivedMetrics.findLast((one) => one.name === name)
const counts = (name: string) =>
  last(name)
    ?.points.map(({ attributes, count, value }) => [attributes, count ?? value])
    .toSorted(byText)

const SERVER = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'http.route': '/orders/:id',
  'network.protocol.version': '1.1',
}

function expectAll(): void {
  expect(counts('http.server.request.duration')).toEqual(
    [
      [{ ...SERVER, 'http.response.status_code': 200 }, 2],
      [{ ...SERVER, 'http.response.status_code': 500, 'error.type': '500' }, 1],
    ].toSorted(byText),
  )
  expect(last('http.server.request.duration')).toMatchObject({
    unit: 's',
    scope: 'tracelog',
    kind: 'histogram',
    temporality: 'cumulative',
    resource: { 'service.name': 'shop' },
  })
  const [point] = last('http.server.request.duration')!.points
  expect(point!.bounds).toEqual([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
  expect(point!.sum).toBeGreaterThan(0)
  const client = last('http.client.request.duration')!.points
  expect(
    client.map(({ attributes, count }) => [attributes['http.response.status_code'], count]).toSorted(byText),
  ).toEqual([
    [200, 2],
    [500, 1],
  ])
  expect(client[0]!.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'http.request.method': 'GET' })
  expect(counts('tracelog.cache.lookups')).toEqual([
    [{ 'tracelog.cache.name': 'sessions', 'tracelog.cache.hit': false }, 2],
    [{ 'tracelog.cache.name': 'sessions', 'tracelog.cache.hit': true }, 1],
  ])
  // By the application itself; what is secret there is hidden.
  expect(last('orders')).toMatchObject({ scope: 'shop', kind: 'sum' })
  expect(counts('orders')).toEqual([[{ kind: 'new', password: '[redacted]' }, 2]])
}

test.each(NODE_VERSIONS)(
  'on Node %s a process that ends by itself has sent all, and is not held',
  async (version) => {
    const { code, stdout, stderr } = await runChild(PROGRAM, { env: env(), node: nodeBinary(version) })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'asked\n', stderr: '' })
    expectAll()
    expect(counts('stock')).toEqual([[{}, 7]])
  },
  60_000,
)

test.each([
  ['exit', { code: 3, signal: null }],
  ['kill', { code: null, signal: 'SIGTERM' }],
] as const)('nothing measured is lost on %s', async (how, expected) => {
  expect(await runChild(PROGRAM, { env: env(), args: [how] })).toMatchObject({ ...expected, stderr: '' })
  expectAll()
})

test('while it runs they are sent every OTEL_METRIC_EXPORT_INTERVAL, and never requests of our own among them', async () => {
  const child = startChild(PROGRAM, { env: env({ OTEL_METRIC_EXPORT_INTERVAL: '100' }), args: ['stay'] })
  await child.prints('asked')
  const requests = () => receiver.requests.filter(({ path }) => path === '/v1/metrics').length
  const before = requests()
  await receiver.until('three more requests', () => requests() >= before + 3 && last('stock') !== undefined)
  child.kill('SIGTERM')
  await child.ended
  expectAll()
  expect(counts('stock')).toEqual([[{}, 7]])
  const emitted = last('tracelog.export.emitted')!.points.map(({ attributes }) => attributes['tracelog.signal'])
  expect(emitted).toEqual(expect.arrayContaining(['logs', 'spans', 'metrics']))
})

test.each([
  { OTEL_TRACES_SAMPLER: 'always_off' },
  { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  { TRACELOG_WORKER: 'off' },
])('with %o all requests are measured', async (settings) => {
  expect((await runChild(PROGRAM, { env: env(settings) })).code).toBe(0)
  expectAll()
})

describe('without OTEL_METRICS_EXPORTER, or with none,', () => {
  test.each([{ OTEL_METRICS_EXPORTER: '' }, { OTEL_METRICS_EXPORTER: 'none' }])('%o sends none', async (settings) => {
    const { code, stderr } = await runChild(PROGRAM, { env: env(settings), args: ['exit'] })
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(receiver.requests.map(({ path }) => path)).not.toContain('/v1/metrics')
  })
})

test('an endpoint that is down holds no process: what was measured is counted as lost, and said', async () => {
  await receiver.stopListening()
  const { code, tookMillis, stderr } = await runChild(PROGRAM, { env: env(), args: ['itself'] })
  expect(code).toBe(0)
  expect(stderr.match(/nothing answers at/g)).toHaveLength(1)
  expect(tookMillis).toBeLessThan(15_000)
  expect(stderr).toMatch(/tracelog: \d+ metrics dropped \(process_end\)/)
})

test("a provider of meters that the application has set before us stays the API's, and hops are measured", async () => {
  const nodeArgs = ['--require', fixture('metrics/own-provider.cjs'), '--import', REGISTER]
  const end = await runChild(PROGRAM, { env: env(), preload: 'none', nodeArgs, args: ['exit'] })
  expect(end).toMatchObject({ code: 3, stdout: 'their meter shop\nasked\n', stderr: '' })
  expect(last('orders')).toBeUndefined()
  expect(counts('http.server.request.duration')).toHaveLength(2)
})

test.each([
  [{}, false],
  [{ OTEL_METRICS_EXPORTER: 'otlp' }, true],
])('with %o the bundle that measures is loaded: %s', async (settings, isLoaded) => {
  const nodeArgs = ['--eval', "console.log(Object.keys(require.cache).some((file) => file.endsWith('metrics.cjs')))"]
  const { stdout } = await runChild('', { env: { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, nodeArgs })
  expect(stdout).toBe(`${isLoaded}\n`)
})

test('a callback that never answers keeps no process alive, and takes nothing else away', async () => {
  const { code } = await runChild('metrics/stuck.cjs', { env: env({ OTEL_METRIC_EXPORT_INTERVAL: '100' }) })
  expect(code).toBe(0)
  expect(counts('orders')).toEqual([[{}, 3]])
})
