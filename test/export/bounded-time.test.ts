import { afterEach, beforeEach, expect, test } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { emit, expectIdentity, pipelineTo } from './harness.ts'

let receiver: Receiver
let pipeline: ExportPipeline

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await pipeline.shutdown({ timeoutMillis: 1 })
  await receiver.close()
})

async function took(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await run()
  return performance.now() - started
}

test('flush settles within its time-out and 250 ms when nobody answers, for everyone who asks', async () => {
  pipeline = pipelineTo(receiver.url)
  receiver.fault = { blackhole: true }
  emit(pipeline, 10)
  const millis = await took(async () => {
    const results = await Promise.all(Array.from({ length: 100 }, () => pipeline.flush({ timeoutMillis: 300 })))
    expect(results.every((result) => !result.isComplete && result.queued === 10)).toBe(true)
  })
  expect(millis).toBeGreaterThanOrEqual(299)
  expect(millis).toBeLessThan(300 + slack(250))
})

test('flush never settles before the answer', async () => {
  pipeline = pipelineTo(receiver.url)
  receiver.fault = { delayMillis: 300 }
  emit(pipeline, 10)
  const millis = await took(async () => expect(await pipeline.flush()).toMatchObject({ isComplete: true }))
  expect(millis).toBeGreaterThanOrEqual(295)
  expect(pipeline.stats().logs.delivered).toBe(10)
})

test('flush does not wait for what is logged after the call', async () => {
  pipeline = pipelineTo(receiver.url)
  emit(pipeline, 10)
  const flushed = pipeline.flush()
  const more = setInterval(() => emit(pipeline, 1), 1)
  expect(await flushed).toMatchObject({ isComplete: true })
  clearInterval(more)
})

test('a try is given up after its time-out', async () => {
  pipeline = pipelineTo(receiver.url, { endpoint: { timeoutMillis: 200 } })
  receiver.failNext({ blackhole: true })
  emit(pipeline, 10)
  const millis = await took(() => pipeline.flush())
  expect(receiver.receivedLogs).toHaveLength(10)
  expect(millis).toBeLessThan(200 + slack(250 + 500))
})

test('shutdown settles in time, drops what is left, and accepts nothing more', async () => {
  pipeline = pipelineTo(receiver.url)
  receiver.fault = { blackhole: true }
  emit(pipeline, 10)
  const first = pipeline.shutdown({ timeoutMillis: 200 })
  expect(pipeline.shutdown()).toBe(first)
  expect(await took(() => first)).toBeLessThan(200 + slack(250))
  expect(pipeline.accepts('logs')).toBe(false)
  expect(pipeline.stats().logs).toMatchObject({ queued: 0, dropped: { process_end: 10 } })
  expectIdentity(pipeline.stats())
})
