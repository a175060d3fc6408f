/** node-redis and ioredis against a cache that speaks RESP, in one process. */
import { context } from '@opentelemetry/api'
import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { createRedisInstrumentation, IOREDIS, NODE_REDIS } from '../../../src/capture/cache/redis.ts'
import { cacheOptionsOf, createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { startRespServer, type RespServer } from '../../support/resp-server.ts'

const kit = createHopKit()
const options = cacheOptionsOf({ ...kit.options, cacheKeys: 'pattern' })

/** What the two clients have in common, under one name each. */
interface Client {
  get(key: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  mGet(keys: string[]): Promise<unknown>
  multi(): Promise<unknown>
  fail(): Promise<unknown>
  close(): void
}

async function nodeRedis(port: number): Promise<Client> {
  const client = createClient({ socket: { host: '127.0.0.1', port }, RESP: 2 })
  client.on('error', () => {})
  await client.connect()
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mGet: (keys) => client.mGet(keys),
    multi: () => client.multi().set('m', '1').get('m').exec(),
    fail: () => client.sendCommand(['FAIL']),
    close: () => client.destroy(),
  }
}

async function ioredis(port: number): Promise<Client> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, enableReadyCheck: false, protocol: 2 })
  client.on('error', () => {})
  await client.connect()
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mGet: (keys) => client.mget(keys),
    multi: () => client.multi().set('m', '1').get('m').exec(),
    fail: () => client.call('FAIL'),
    close: () => client.disconnect(),
  }
}

const newUnit = () =>
  new RequestUnit({
    ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)),
    traceFlags: 1,
    method: 'GET',
    path: '/',
    startedMillis: performance.now(),
    isPeerTrusted: true,
  })

describe.each([
  { name: 'redis', library: NODE_REDIS, connect: nodeRedis },
  { name: 'ioredis', library: IOREDIS, connect: ioredis },
])('$name', ({ library, connect }) => {
  const instrumentation = createRedisInstrumentation(library, options)
  let server: RespServer
  let client: Client

  beforeAll(async () => {
    instrumentation.enable()
    server = await startRespServer()
    client = await connect(server.port)
  })
  afterAll(async () => {
    client.close()
    await server.close()
    instrumentation.disable()
  })
  beforeEach(() => {
    kit.spans.length = 0
    kit.records.length = 0
  })

  test('reads hit or miss, writes do neither, and the request knows', async () => {
    const unit = newUnit()
    await context.with(withUnit(context.active(), unit), async () => {
      await client.get('user:1')
      await client.set('user:1', 'secret value')
      await client.get('user:1')
      await client.mGet(['user:1', 'user:2'])
    })
    await kit.spansReach(4)
    expect(
      kit.spans.map(({ name, attributes }) => [
        name,
        attributes['tracelog.cache.op'],
        attributes['tracelog.cache.hit'],
      ]),
    ).toEqual([
      ['GET', 'get', false],
      ['SET', 'set', undefined],
      ['GET', 'get', true],
      ['MGET', 'get', true],
    ])
    expect(kit.spans[0]).toMatchObject({ kind: 3 })
    expect(kit.spans[0]?.attributes).toMatchObject({
      'db.system.name': 'redis',
      'db.operation.name': 'GET',
      'db.namespace': '0',
      'server.address': '127.0.0.1',
      'server.port': server.port,
      'tracelog.component': 'cache',
      'tracelog.cache.name': 'redis',
      'tracelog.cache.key': 'user:*',
    })
    expect(kit.records.map(({ attributes, spanId }) => [spanId, attributes['tracelog.cache.hit']])).toEqual(
      [kit.spans[0], kit.spans[2], kit.spans[3]].map((span, at) => [span?.spanId, at > 0]),
    )
    expect(unit.rollUp).toMatchObject({ cacheReads: 3, cacheHits: 2, lastHit: true })
    expect(unit.rollUp.cacheMillis).toBeGreaterThan(0)
    expect(
      JSON.stringify([kit.spans.map(({ attributes }) => attributes), kit.records.map(({ attributes }) => attributes)]),
    ).not.toMatch(/secret value|user:1/)
  })

  test('a refused command is an ERROR, told once', async () => {
    await expect(client.fail()).rejects.toThrow('unknown command')
    await kit.spansReach(1)
    expect(kit.spans[0]).toMatchObject({ name: 'FAIL', statusCode: 2 })
    expect(kit.records).toHaveLength(1)
    expect(kit.records[0]).toMatchObject({ eventName: 'tracelog.cache.end', severityNumber: 17 })
  })

  test('a transaction is no look-up', async () => {
    await client.multi()
    await kit.spansReach(1)
    expect(kit.spans.map(({ name }) => name)).toContain('MULTI')
    expect(kit.records).toEqual([])
  })
})

test('lru-cache: look-ups count into the request and leave nothing behind', () => {
  const instrumentation = createHopInstrumentations(kit.options).find(({ name }) => name === 'lru-cache')!
  instrumentation.enable()
  const cache = new LRUCache<string, number>({ max: 2 })
  const unit = newUnit()
  kit.spans.length = 0
  context.with(withUnit(context.active(), unit), () => {
    cache.set('a', 1)
    cache.get('b')
    cache.get('a')
  })
  cache.get('a')
  instrumentation.disable()
  expect(unit.rollUp).toMatchObject({ cacheReads: 2, cacheHits: 1, lastHit: true })
  expect(kit.spans).toEqual([])
})
