/** What Prometheus is given: each kind of metric, names, labels, and values that the format has another word for. */
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { Collection } from '../../../src/app/metrics/metric-collection.ts'
import { prometheusText } from '../../../src/app/metrics/prometheus-text.ts'

function meters(): { readonly provider: MeterProvider; readonly text: () => Promise<string> } {
  const histogram = 'explicit_bucket_histogram'
  const reader = new Collection({ temporality: 'cumulative', histogram }, async () => {})
  const provider = new MeterProvider({ readers: [reader] })
  const text = async () => prometheusText(await reader.collected(provider), { 'service.name': 'shop' })
  return { provider, text }
}

/** Without what says whose they are. */
const own = (text: string) => text.split('\n').slice(3, -1)
const SCOPE = 'otel_scope_name="shop",otel_scope_version="1"'

test('a counter, a gauge and a histogram with its buckets', async () => {
  const { provider, text } = meters()
  const meter = provider.getMeter('shop', '1')
  meter.createCounter('orders', { description: 'Orders.', unit: '{order}' }).add(2, { kind: 'new' })
  meter.createUpDownCounter('open.baskets').add(-1)
  meter.createGauge('heat', { unit: 'Cel' }).record(20.5)
  const boundaries = { advice: { explicitBucketBoundaries: [0.1, 1] }, unit: 's' }
  const took = meter.createHistogram('took', boundaries)
  for (const seconds of [0.05, 0.5, 7]) took.record(seconds, { 'http.route': '/cart' })
  expect(own(await text())).toEqual([
    '# HELP orders_total Orders.',
    '# TYPE orders_total counter',
    `orders_total{kind="new",${SCOPE}} 2`,
    '# TYPE open_baskets gauge',
    `open_baskets{${SCOPE}} -1`,
    '# TYPE heat_Cel gauge',
    `heat_Cel{${SCOPE}} 20.5`,
    '# TYPE took_seconds histogram',
    `took_seconds_bucket{http_route="/cart",le="0.1",${SCOPE}} 1`,
    `took_seconds_bucket{http_route="/cart",le="1",${SCOPE}} 2`,
    `took_seconds_bucket{http_route="/cart",le="+Inf",${SCOPE}} 3`,
    `took_seconds_sum{http_route="/cart",${SCOPE}} 7.55`,
    `took_seconds_count{http_route="/cart",${SCOPE}} 3`,
  ])
})

test('what no text can be made of is left out: a function, a symbol', async () => {
  const { provider, text } = meters()
  const counter = provider.getMeter('shop', '1').createCounter('c', { description: 123 as unknown as string })
  counter.add(1, { run: () => 1, mark: Symbol('x'), kind: 'new' })
  expect(own(await text())).toEqual(['# HELP c_total 123', '# TYPE c_total counter', `c_total{kind="new",${SCOPE}} 1`])
})

test('whose they are stands first', async () => {
  expect((await meters().text()).split('\n').slice(0, 3)).toEqual([
    '# HELP target_info Target metadata',
    '# TYPE target_info gauge',
    'target_info{service_name="shop"} 1',
  ])
})

test.each([
  { name: 'orders_total', unit: '', shown: 'orders_total' },
  { name: 'sent.bytes', unit: 'By', shown: 'sent_bytes_total' },
  { name: 'a/b--c', unit: '1', shown: 'a_b_c_total' },
  { name: 'waits', unit: 'ms', shown: 'waits_milliseconds_total' },
])('a counter $name in $unit is $shown', async ({ name, unit, shown }) => {
  const { provider, text } = meters()
  provider.getMeter('shop', '1').createCounter(name, { unit }).add(1)
  expect(own(await text())).toEqual([`# TYPE ${shown} counter`, `${shown}{${SCOPE}} 1`])
})

test('of two meters that use one name both have their values, and the type is that of the first', async () => {
  const { provider, text } = meters()
  provider.getMeter('a').createGauge('heat').record(1)
  provider.getMeter('b').createGauge('heat').record(Infinity)
  provider.getMeter('c').createHistogram('heat').record(3)
  expect(own(await text())).toEqual([
    '# TYPE heat gauge',
    'heat{otel_scope_name="a",otel_scope_version=""} 1',
    'heat{otel_scope_name="b",otel_scope_version=""} +Inf',
  ])
})

test('keys that are one label share it', async () => {
  const { provider, text } = meters()
  provider.getMeter('shop', '1').createGauge('heat').record(1, { 'a.b': 'x', a_b: 'y', '0': 7 })
  expect(own(await text())[1]).toBe(`heat{_0="7",a_b="x;y",${SCOPE}} 1`)
})

test('whatever stands in a value, it is one line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
      const { provider, text } = meters()
      provider.getMeter('shop', '1').createGauge('heat').record(1, { value })
      const lines = own(await text())
      expect(lines).toHaveLength(2)
      const told = /^heat\{otel_scope_name="shop",otel_scope_version="1",value="(.*)"\} 1$/s.exec(lines[1]!)?.[1]
      const read = told?.replaceAll(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one))
      expect(read).toBe(value)
    }),
    { numRuns: 50 },
  )
})

test('a histogram of base 2 is left out', () => {
  const descriptor = { name: 'took', description: '', unit: 's', valueType: 1, advice: {} }
  const metric = {
    descriptor,
    dataPointType: 1,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [],
  }
  expect(own(prometheusText([{ scope: { name: 'shop' }, metrics: [metric as never] }], {}))).toEqual([])
})
