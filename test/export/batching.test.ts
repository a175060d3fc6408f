/** How many requests records become: an answer that comes early is no reason to send the few that came meanwhile. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { emit, expectIdentity, pipelineTo } from './harness.ts'

const DELAY_MILLIS = 50

let receiver: Receiver
let pipeline: ExportPipeline

beforeEach(async () => {
  receiver = await startReceiver()
  pipeline = pipelineTo(receiver.url, { delayMillis: DELAY_MILLIS })
})
afterEach(async () => {
  await pipeline.shutdown({ timeoutMillis: 1 })
  await receiver.close()
})

test('records that come all the time are sent once per delay', async () => {
  const started = performance.now()
  while (receiver.requests.length < 4) {
    emit(pipeline, 1)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const elapsed = performance.now() - started
  // Each batch waited 49 ms at least since its first record, and begins when the one before was taken.
  expect(receiver.requests.length).toBeLessThanOrEqual(elapsed / (DELAY_MILLIS - 1))
  await pipeline.flush()
  expect(pipeline.stats().logs.delivered).toBe(receiver.receivedLogs.length)
  expectIdentity(pipeline.stats())
})

test('a full batch is sent at once', async () => {
  await pipeline.shutdown({ timeoutMillis: 1 })
  pipeline = pipelineTo(receiver.url, { delayMillis: 60_000, maxBatchRecords: 10 })
  emit(pipeline, 25)
  await expect.poll(() => receiver.receivedLogs.length).toBe(20)
  expect(pipeline.stats().logs.queued).toBe(5)
})

test('what is left alone is sent after the delay', async () => {
  emit(pipeline, 3)
  await expect.poll(() => receiver.receivedLogs.length).toBe(3)
  emit(pipeline, 2)
  await expect.poll(() => receiver.receivedLogs.length).toBe(5)
})
