import { context } from '@opentelemetry/api'
import { beforeEach, expect, test } from 'vitest'

import { createCached } from '../../../src/capture/cache/cached.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { currentRequest, requestFields } from '../../../src/context/current-request.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const kit = createHopKit()
const cached = createCached(cacheOptionsOf({ ...kit.options, cacheKeys: 'pattern' }))
const newUnit = () =>
  new RequestUnit({
    ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)),
    traceFlags: 1,
    method: 'GET',
    path: '/x',
    startedMillis: performance.now(),
    isPeerTrusted: true,
  })

beforeEach(() => {
  kit.spans.length = 0
  kit.records.length = 0
})

test('a look-up is one span, one record, and counts into the request', async () => {
  const unit = newUnit()
  await context.with(withUnit(context.active(), unit), async () => {
    expect(await cached('sessions', 'get', () => null, { keyPattern: 'session:*' })).toBeNull()
    expect(await cached('sessions', 'get', async () => 'value')).toBe('value')
    await cached('sessions', 'set', () => 'ok')
  })
  expect(unit.rollUp).toMatchObject({ cacheReads: 2, cacheHits: 1, lastHit: true })
  expect(kit.spans.map(({ name, attributes }) => [name, attributes['tracelog.cache.hit']])).toEqual([
    ['sessions get', false],
    ['sessions get', true],
    ['sessions set', undefined],
  ])
  expect(kit.records.map(({ eventName, attributes }) => [eventName, attributes['tracelog.cache.hit']])).toEqual([
    ['tracelog.cache.end', false],
    ['tracelog.cache.end', true],
  ])
  expect(kit.records[0]?.attributes['tracelog.cache.key']).toBe('session:*')
  expect(JSON.stringify(kit.records.map(({ attributes }) => attributes))).not.toContain('value')
})

test('a cache that fails: the caller gets its error, the record is ERROR', async () => {
  const failure = Object.assign(new Error('down'), { code: 'ECONNREFUSED' })
  await expect(cached('sessions', 'get', () => Promise.reject(failure))).rejects.toBe(failure)
  expect(kit.records[0]).toMatchObject({ severityNumber: 17 })
  expect(kit.records[0]?.attributes).toMatchObject({ 'error.type': 'ECONNREFUSED', 'exception.message': 'down' })
})

test('the application decides what a hit is, and cannot fail its look-up by that', async () => {
  await cached('list', 'get', () => [] as string[], { isHit: (value) => value.length > 0 })
  await cached('list', 'get', () => 1, {
    isHit: () => {
      throw new Error('in the test')
    },
  })
  expect(kit.records.map(({ attributes }) => attributes['tracelog.cache.hit'])).toEqual([false, undefined])
})

test("a request's fields are on every later record of it, and nowhere else", async () => {
  requestFields({ lost: true })
  const unit = newUnit()
  await context.with(withUnit(context.active(), unit), async () => {
    requestFields({ tenant: 'acme' })
    expect(currentRequest()).toMatchObject({ traceId: unit.traceId, path: '/x' })
    await cached('sessions', 'get', () => 1)
  })
  await cached('sessions', 'get', () => 1)
  expect(currentRequest()).toBeUndefined()
  expect(kit.records.map(({ attributes }) => [attributes['tenant'], attributes['lost']])).toEqual([
    ['acme', undefined],
    [undefined, undefined],
  ])
})
