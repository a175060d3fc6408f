import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { emit, expectIdentity, pipelineTo, record, SCOPE, type HarnessOptions } from './harness.ts'

const { written } = vi.hoisted(() => ({ written: [] as string[] }))
vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  writeSync: (_: number, line: string) => written.push(line),
}))

let receiver: Receiver
let pipeline: ExportPipeline

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await pipeline.shutdown({ timeoutMillis: 1 })
  await receiver.close()
})

function begin(options?: HarnessOptions): ExportPipeline {
  pipeline = pipelineTo(receiver.url, options)
  return pipeline
}

describe('an endpoint that answers', () => {
  test.each([false, true])('gets every record once, in order, with its number (worker: %s)', async (usesWorker) => {
    begin({ usesWorker })
    emit(pipeline, 500)
    expectIdentity(pipeline.stats())
    expect(await pipeline.flush()).toEqual({ isComplete: true, queued: 0 })

    expect(receiver.receivedLogs.map((log) => log.record.body)).toEqual(
      Array.from({ length: 500 }, (_, i) => `record ${i}`),
    )
    expect(receiver.receivedLogs.map((log) => log.record.attributes['tracelog.seq'])).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    )
    expect(receiver.receivedLogs[0]?.resource).toEqual({ 'service.name': 'test' })
    expect(pipeline.stats()).toMatchObject({ endpoint: 'up', queueBytes: 0, oldestUnsentMillis: null })
    expect(pipeline.stats().logs).toMatchObject({ emitted: 500, delivered: 500, queued: 0 })
  })

  test('gets records without anyone asking for a flush', async () => {
    begin()
    emit(pipeline, 3)
    expect(await receiver.logs(3)).toHaveLength(3)
  })

  test('gets scopes apart', async () => {
    begin()
    for (const name of ['a', 'b', 'a']) pipeline.emitLog(record(`of ${name}`), { name, version: '' })
    await pipeline.flush()
    expect(
      receiver.receivedLogs.map((log) => `${log.scope.name}: ${JSON.stringify(log.record.body)}`).toSorted(),
    ).toEqual(['a: "of a"', 'a: "of a"', 'b: "of b"'])
  })

  test.each(['http/protobuf', 'http/json'] as const)('is spoken to in %s, compressed if wished', async (protocol) => {
    begin({ endpoint: { protocol, compression: 'gzip', headers: { 'x-key': 'secret' } } })
    pipeline.emitLog({ ...record('hello'), attributes: { n: 1, big: 12345678901234567890n, list: ['a', true] } }, SCOPE)
    await pipeline.flush()
    expect(receiver.receivedLogs[0]?.record).toMatchObject({ body: 'hello', attributes: { n: 1, list: ['a', true] } })
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      'content-encoding': 'gzip',
      'x-key': 'secret',
      'user-agent': 'tracelog/test',
    })
  })
})

describe('a retryable answer loses nothing', () => {
  test.each([429, 502, 503, 504])('HTTP %i: tried again after at least 100 ms', async (status) => {
    begin()
    receiver.failNext({ status })
    emit(pipeline, 10)
    expect(await pipeline.flush()).toMatchObject({ isComplete: true })
    const [first, second] = receiver.requests
    expect(receiver.requests.map((request) => request.status)).toEqual([status, 200])
    expect((second?.atMillis ?? 0) - (first?.atMillis ?? 0)).toBeGreaterThanOrEqual(99)
    expect(pipeline.stats().logs).toMatchObject({ delivered: 10, queued: 0 })
  })

  test('Retry-After is waited for', async () => {
    begin()
    receiver.failNext({ status: 429, retryAfter: '1' })
    emit(pipeline, 1)
    await pipeline.flush()
    const [first, second] = receiver.requests
    const waited = (second?.atMillis ?? 0) - (first?.atMillis ?? 0)
    expect(waited).toBeGreaterThanOrEqual(950)
    expect(waited).toBeLessThan(1000 + slack(500))
  })

  test('a connection that is cut is tried again', async () => {
    begin()
    receiver.failNext({ reset: true })
    emit(pipeline, 10)
    await pipeline.flush()
    expect(pipeline.stats().logs).toMatchObject({ delivered: 10 })
  })

  test('after three tries the records wait, and one of their batches asks again', async () => {
    begin({ maxBatchRecords: 10 })
    receiver.fault = { status: 503 }
    emit(pipeline, 30)
    await receiver.until('three tries of each batch', () => receiver.requests.length >= 9)
    expect(pipeline.stats()).toMatchObject({ logs: { delivered: 0, queued: 30 } })
    receiver.fault = undefined
    expect(await receiver.logs(30)).toHaveLength(30)
  })

  test('an endpoint that comes back after an outage gets everything', async () => {
    begin()
    await receiver.stopListening()
    emit(pipeline, 100)
    expect(await pipeline.flush({ timeoutMillis: 800 })).toEqual({ isComplete: false, queued: 100 })
    await expect.poll(() => pipeline.stats().endpoint).toBe('down')
    expectIdentity(pipeline.stats())
    await receiver.listenAgain()
    expect(await pipeline.flush()).toEqual({ isComplete: true, queued: 0 })
    expect(receiver.receivedLogs).toHaveLength(100)
    expect(pipeline.stats()).toMatchObject({ endpoint: 'up', logs: { delivered: 100 } })
  })
})

describe('an answer for good', () => {
  test.each([400, 401, 403, 404, 302, 500])('HTTP %i is not tried again, and counted', async (status) => {
    begin()
    receiver.failNext({ status })
    emit(pipeline, 10)
    await pipeline.flush()
    expect(receiver.requests.filter((request) => request.status === status)).toHaveLength(1)
    expect(pipeline.stats().logs.dropped.rejected).toBe(10)
    expectIdentity(pipeline.stats())
  })

  test('what was refused is reported with the next success', async () => {
    begin()
    receiver.failNext({ status: 400 })
    emit(pipeline, 10)
    await pipeline.flush()
    emit(pipeline, 1)
    const logs = await receiver.logs(2)
    expect(logs.find((log) => log.record.eventName === 'tracelog.dropped')?.record).toMatchObject({
      severityNumber: 13,
      attributes: {
        'tracelog.dropped.count': 10,
        'tracelog.dropped.reason': 'rejected',
        'tracelog.dropped.signal': 'logs',
        'tracelog.dropped.first_seq': 0,
        'tracelog.dropped.last_seq': 9,
      },
    })
  })

  test('a certificate that cannot be read is told by its name', async () => {
    begin({ endpoint: { certificateFile: '/nowhere/ca.pem' } })
    emit(pipeline, 1)
    await pipeline.flush()
    expect(receiver.requests).toHaveLength(0)
    expect(pipeline.stats().logs.dropped.rejected).toBe(1)
  })

  test('413 splits until it fits', async () => {
    begin()
    receiver.fault = { maxBytes: 4000 }
    emit(pipeline, 500)
    await pipeline.flush()
    expect(new Set(receiver.receivedLogs.map((log) => log.record.body)).size).toBe(500)
    expect(receiver.receivedLogs).toHaveLength(500)
    expect(pipeline.stats().logs).toMatchObject({ delivered: 500 })
  })

  test('413 for a single record gives it up', async () => {
    begin()
    receiver.fault = { maxBytes: 10 }
    emit(pipeline, 2)
    await pipeline.flush()
    expect(pipeline.stats().logs.dropped.too_large).toBe(2)
    expectIdentity(pipeline.stats())
  })

  test.each(['http/protobuf', 'http/json'] as const)(
    'a partial success counts what was refused (%s)',
    async (protocol) => {
      begin({ endpoint: { protocol } })
      receiver.failNext({ partial: { rejected: 3, message: 'too old' } })
      emit(pipeline, 10)
      await pipeline.flush()
      expect(pipeline.stats().logs).toMatchObject({ delivered: 7, dropped: { rejected: 3 } })
      expectIdentity(pipeline.stats())
    },
  )
})

describe('an answer that is not plain', () => {
  test.each(['gzip', 'deflate', 'br', 'zstd'] as const)('is read when it is encoded (%s)', async (encoding) => {
    begin()
    receiver.failNext({ partial: { rejected: 3, message: 'too old' }, encoding })
    emit(pipeline, 10)
    await pipeline.flush()
    expect(pipeline.stats().logs).toMatchObject({ delivered: 7, dropped: { rejected: 3 } })
  })

  test('counts as taken when its status line came, although its body never ends', async () => {
    begin()
    receiver.failNext({ neverEnds: true })
    emit(pipeline, 10)
    expect(await pipeline.flush()).toMatchObject({ isComplete: true })
    expect(receiver.requests).toHaveLength(1)
    expect(pipeline.stats().logs).toMatchObject({ delivered: 10 })
  })

  test('is taken, and said to be strange, when it is no answer of OTLP', async () => {
    written.length = 0
    begin()
    receiver.fault = { page: '<!doctype html><p>Welcome</p>' }
    for (let i = 0; i < 2; i++) {
      emit(pipeline, 10)
      await pipeline.flush()
    }
    expect(pipeline.stats().logs).toMatchObject({ delivered: 20 })
    expect(written.filter((line) => line.includes('answers 200'))).toEqual([
      `tracelog: ${receiver.url} answers 200, but not as an OTLP endpoint does (text/html): records may be lost there\n`,
    ])
  })
})

test('nobody makes us ask again sooner than 100 ms after a refusal', async () => {
  begin()
  receiver.fault = { status: 503 }
  emit(pipeline, 10)
  await receiver.until('three tries', () => receiver.requests.length >= 3)
  await Promise.all([pipeline.flush({ timeoutMillis: 400 }), pipeline.flush({ timeoutMillis: 500 })])
  const times = receiver.requests.map((request) => request.atMillis)
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99)
})

test('the notice of a loss does not count itself', async () => {
  begin()
  receiver.failNext({ status: 400 })
  emit(pipeline, 1)
  await pipeline.flush()
  emit(pipeline, 1)
  await pipeline.flush()
  expect(pipeline.stats().logs).toMatchObject({ emitted: 2, delivered: 1, queued: 0, dropped: { rejected: 1 } })
  await receiver.logs(2)
  expect(pipeline.stats().logs).toMatchObject({ emitted: 2, delivered: 1, queued: 0, dropped: { rejected: 1 } })
})
