/** A cache that is down: a real redis-server that is killed. Each failed look-up is an ERROR record with the error. */
import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { context } from '@opentelemetry/api'
import { Redis, type RedisOptions } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

import { createRedisInstrumentation, IOREDIS, NODE_REDIS } from '../../../src/capture/cache/redis.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { requireProgram } from '../../support/require.ts'

const testWithRedis = requireProgram('redis-server')
const kit = createHopKit()
const options = cacheOptionsOf({ ...kit.options, cacheKeys: 'pattern' })
const instrumentations = [NODE_REDIS, IOREDIS].map((library) => createRedisInstrumentation(library, options))
const folder = mkdtempSync(join(tmpdir(), 'tracelog-cache-down-'))

interface Client {
  get(key: string): Promise<unknown>
  close(): void
}
type Connect = (port: number) => Promise<Client>

const nodeRedis =
  (settings: { disableOfflineQueue?: boolean; retries?: boolean }): Connect =>
  async (port) => {
    const { disableOfflineQueue = false, retries = true } = settings
    const reconnectStrategy = retries ? () => 20 : (false as const)
    const client = createClient({ disableOfflineQueue, socket: { host: '127.0.0.1', port, reconnectStrategy } })
    client.on('error', () => {})
    await client.connect()
    return { get: (key) => client.get(key), close: () => client.destroy() }
  }
const ioredis =
  (settings: Pick<RedisOptions, 'maxRetriesPerRequest' | 'enableOfflineQueue' | 'retryStrategy'>): Connect =>
  async (port) => {
    const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, ...settings })
    client.on('error', () => {})
    await once(client, 'ready')
    return { get: (key) => client.get(key), close: () => client.disconnect() }
  }

function newUnit(): RequestUnit {
  const ids = { ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)), traceFlags: 1 }
  return new RequestUnit({ ...ids, method: 'GET', path: '/', startedMillis: performance.now(), isPeerTrusted: true })
}

beforeAll(() => instrumentations.forEach((each) => each.enable()))
afterAll(() => {
  for (const each of instrumentations) each.disable()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  kit.spans.length = 0
  kit.records.length = 0
})

describe.each([
  { name: 'redis, no offline queue', connect: nodeRedis({ disableOfflineQueue: true }) },
  { name: 'redis, no reconnection', connect: nodeRedis({ retries: false }) },
  { name: 'ioredis, given up after a retry', connect: ioredis({ maxRetriesPerRequest: 1 }) },
  { name: 'ioredis, no offline queue', connect: ioredis({ enableOfflineQueue: false }) },
  { name: 'ioredis, no reconnection', connect: ioredis({ retryStrategy: () => null }) },
])('$name', ({ connect }) => {
  testWithRedis('each look-up fails once, for the application and in the records of its request', async () => {
    const server = await startRedis(folder)
    const client = await connect(Number(new URL(server.url).port))
    await server.stop()
    const unit = newUnit()
    const errors = await context.with(withUnit(context.active(), unit), async () => {
      const first = await client.get('user:1').catch((error: unknown) => error)
      return [first, await client.get('user:2').catch((error: unknown) => error)]
    })
    client.close()
    await kit.spansReach(2)
    const failed = errors.map((error) => {
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).stack).not.toMatch(/ioredis-queue|cache-hop/)
      return (error as Error).message
    })
    expect(kit.spans.map(({ name, statusCode, statusMessage }) => [name, statusCode, statusMessage])).toEqual(
      failed.map((message) => ['GET', 2, message]),
    )
    expect(kit.records.map(({ attributes }) => attributes['exception.message'])).toEqual(failed)
    for (const [at, record] of kit.records.entries()) {
      expect(record).toMatchObject({ severityNumber: 17, eventName: 'tracelog.cache.end', body: 'redis get failed' })
      expect(record).toMatchObject({ spanId: kit.spans[at]?.spanId, attributes: { 'tracelog.cache.key': 'user:*' } })
    }
    expect(unit?.rollUp).toMatchObject({ cacheReads: 2, cacheHits: 0, lastHit: undefined })
  })
})

testWithRedis('ioredis: a look-up that waited for its connection belongs to the request that asked', async () => {
  const server = await startRedis(folder)
  const client = new Redis({ host: '127.0.0.1', port: Number(new URL(server.url).port), lazyConnect: true })
  const units = [newUnit(), newUnit()]
  await Promise.all(
    units.map((unit, at) => context.with(withUnit(context.active(), unit), () => client.get(`k:${at}`))),
  )
  client.disconnect()
  await server.stop()
  await kit.spansReach(2)
  expect(units.map(({ rollUp }) => rollUp.cacheReads)).toEqual([1, 1])
  expect(kit.records.map(({ attributes }) => attributes['tracelog.cache.hit'])).toEqual([false, false])
})
