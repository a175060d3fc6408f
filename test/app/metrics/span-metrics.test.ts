/** Which spans are measured as what, with which attributes: by the SDK's own collection. */
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { expect, test } from 'vitest'

import { Collection } from '../../../src/app/metrics/metric-collection.ts'
import { spanMetrics } from '../../../src/app/metrics/span-metrics.ts'
import type { ReadableSpan } from '../../../src/model/sdk-types.ts'

const CONFIG = { temporality: 'cumulative', histogram: 'explicit_bucket_histogram' } as const
const [SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4]

interface Ended {
  readonly scope?: string
  readonly kind: number | undefined
  readonly attributes: Readonly<Record<string, unknown>>
}

/** By name: the attributes of each point, and how many seconds it has. */
async function measured({ scope = 'tracelog.http', kind = 0, attributes }: Ended): Promise<Record<string, unknown[]>> {
  const reader = new Collection(CONFIG, async () => {})
  const provider = new MeterProvider({ readers: [reader] })
  const span = { kind, attributes, duration: [1, 500_000_000], instrumentationScope: { name: scope } }
  spanMetrics(provider.getMeter('tracelog')).onEnd(span as unknown as ReadableSpan)
  const metrics = (await reader.collected(provider)).flatMap((one) => one.metrics)
  return Object.fromEntries(
    metrics
      .filter(({ dataPoints }) => dataPoints.length > 0)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes: own, value }) => [own, (value as { sum?: number }).sum ?? value]),
      ]),
  )
}

const HTTP = { 'http.request.method': 'GET', 'url.path': '/users/7', 'user_agent.original': 'curl' }
const RPC = { 'rpc.system': 'grpc', 'rpc.service': 'shop.Orders', 'rpc.method': 'Get', 'rpc.grpc.status_code': 5 }
const PEER = { 'server.address': 'db.example', 'server.port': 5432 }

test.each<[string, Ended, Record<string, unknown[]>]>([
  [
    'a request served, by its route and never by its path',
    { kind: SERVER, attributes: { ...HTTP, 'http.route': '/users/:id', 'http.response.status_code': 200 } },
    {
      'http.server.request.duration': [
        [{ 'http.request.method': 'GET', 'http.response.status_code': 200, 'http.route': '/users/:id' }, 1.5],
      ],
    },
  ],
  [
    'a request sent',
    { kind: CLIENT, attributes: { ...HTTP, ...PEER, 'url.full': 'http://db.example/x', 'error.type': 'ECONNREFUSED' } },
    {
      'http.client.request.duration': [[{ 'http.request.method': 'GET', ...PEER, 'error.type': 'ECONNREFUSED' }, 1.5]],
    },
  ],
  [
    'a query, without its text',
    {
      scope: 'tracelog.database',
      kind: CLIENT,
      attributes: {
        'db.system.name': 'postgresql',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'orders',
        'db.query.text': 'SELECT ?',
        ...PEER,
      },
    },
    {
      'db.client.operation.duration': [
        [
          { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'orders', ...PEER },
          1.5,
        ],
      ],
    },
  ],
  [
    'a look-up in a remote cache, without its key',
    {
      scope: 'tracelog.cache',
      kind: CLIENT,
      attributes: {
        'db.system.name': 'redis',
        'tracelog.cache.name': 'redis',
        'tracelog.cache.hit': true,
        'tracelog.cache.key': 'user:*',
      },
    },
    {
      'db.client.operation.duration': [[{ 'db.system.name': 'redis' }, 1.5]],
      'tracelog.cache.lookups': [[{ 'tracelog.cache.name': 'redis', 'tracelog.cache.hit': true }, 1]],
    },
  ],
  [
    'a message sent',
    {
      scope: 'tracelog.messaging',
      kind: PRODUCER,
      attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders', 'messaging.message.id': '7' },
    },
    {
      'messaging.client.operation.duration': [
        [{ 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' }, 1.5],
      ],
    },
  ],
  [
    'a message handled',
    {
      scope: 'tracelog.messaging',
      kind: CONSUMER,
      attributes: { 'messaging.system': 'kafka', 'messaging.consumer.group.name': 'billing' },
    },
    {
      'messaging.process.duration': [
        [{ 'messaging.system': 'kafka', 'messaging.consumer.group.name': 'billing' }, 1.5],
      ],
    },
  ],
  [
    'a call of gRPC served is none of HTTP, and milliseconds',
    { kind: SERVER, attributes: { ...HTTP, ...RPC } },
    { 'rpc.server.duration': [[RPC, 1_500]] },
  ],
  [
    'a call of gRPC sent',
    { kind: CLIENT, attributes: { ...RPC, ...PEER, 'error.type': '5' } },
    { 'rpc.client.duration': [[{ ...RPC, ...PEER }, 1_500]] },
  ],
  ['spans of others are their own affair', { scope: 'theirs', kind: SERVER, attributes: HTTP }, {}],
  ['what is neither', { kind: SERVER, attributes: {} }, {}],
])('%s', async (_, ended, expected) => {
  expect(await measured(ended)).toEqual(expected)
})
