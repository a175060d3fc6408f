/** What is collected at once, where the process ends, is what the SDK itself would collect: its storages are read without it. */
import { AggregationTemporality, MeterProvider, type ScopeMetrics } from '@opentelemetry/sdk-metrics'
import { expect, test } from 'vitest'

import { Collection, collectedNow } from '../../../src/app/metrics/metric-collection.ts'
import type { MetricsConfig } from '../../../src/config/metrics-config.ts'

function createMeters(temporality: MetricsConfig['temporality'] = 'cumulative') {
  const reader = new Collection({ temporality, histogram: 'explicit_bucket_histogram' }, async () => {})
  const provider = new MeterProvider({ readers: [reader] })
  const meter = provider.getMeter('shop', '1')
  const counter = meter.createCounter('orders')
  counter.add(2, { kind: 'new' })
  meter.createUpDownCounter('open').add(-1)
  meter.createHistogram('weights').record(3)
  meter.createGauge('heat').record(20)
  let stock = 7
  meter.createObservableGauge('stock').addCallback((result) => result.observe(stock--))
  meter.createObservableCounter('sold').addCallback((result) => result.observe(100))
  return { reader, provider, counter }
}

/** Without times. */
const shown = (scopes: readonly ScopeMetrics[]) =>
  scopes.flatMap(({ scope, metrics }) =>
    metrics.flatMap(({ descriptor, aggregationTemporality, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [
        scope.name,
        descriptor.name,
        aggregationTemporality,
        attributes,
        value,
      ]),
    ),
  )

test('counters, histograms and gauges are as the SDK collects them; what is observed is as it was observed last', async () => {
  const { reader, provider } = createMeters()
  const collected = shown(await reader.collected(provider))
  expect(collected).toHaveLength(6)
  expect(shown(collectedNow(provider))).toEqual(collected)
})

test('nothing is observed yet: the others are there all the same', () => {
  const names = shown(collectedNow(createMeters().provider)).map(([, name]) => name)
  expect(names).toEqual(['orders', 'open', 'weights', 'heat'])
})

test.each([
  ['cumulative', [], 7],
  ['delta', ['orders', 'weights', 'sold'], 5],
  ['lowmemory', ['orders', 'weights'], 5],
] as const)('%s: of what is delta a later collection has only what came since', async (temporality, delta, later) => {
  const { reader, provider, counter } = createMeters(temporality)
  const first = shown(await reader.collected(provider))
  const isDelta = first.filter(([, , how]) => how === AggregationTemporality.DELTA).map(([, name]) => name)
  expect(isDelta).toEqual(delta)
  counter.add(5, { kind: 'new' })
  const orders = shown(collectedNow(provider)).find(([, name]) => name === 'orders')
  expect(orders?.at(-1)).toBe(later)
})
