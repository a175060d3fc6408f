import { afterEach, beforeEach, expect, test } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { fixture } from '../support/child.ts'
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

test.each([
  ['cannot be found', fixture('workers/is-not-there.cjs')],
  ['throws while it starts', fixture('workers/throws.cjs')],
  ['ends at its first request', fixture('workers/exits-at-first-request.cjs')],
])('when the worker %s, this thread sends, within 2 s, and nothing is lost', async (_what, workerPath) => {
  pipeline = pipelineTo(receiver.url, { usesWorker: true, workerPath })
  const started = performance.now()
  emit(pipeline, 100)
  expect(await pipeline.flush()).toEqual({ isComplete: true, queued: 0 })
  expect(performance.now() - started).toBeLessThan(2000 + slack(500))
  expect(receiver.receivedLogs).toHaveLength(100)
  expectIdentity(pipeline.stats())
})

test('drain blocks until everything is delivered, whoever sent before', async () => {
  pipeline = pipelineTo(receiver.url, { usesWorker: false })
  emit(pipeline, 10)
  await pipeline.flush()
  emit(pipeline, 10)
  // The receiver lives in this thread, which drain blocks: nobody can answer.
  receiver.fault = { blackhole: true }
  const started = performance.now()
  pipeline.drain()
  // It has answered before, and is waited for longer than one that never did.
  expect(performance.now() - started).toBeLessThan(2200 + slack(100))
  expect(pipeline.stats().logs).toMatchObject({ delivered: 10, queued: 0, dropped: { process_end: 10 } })
})

test('drain waits for a worker that is slow to start: that says nothing about the endpoint', () => {
  pipeline = pipelineTo(receiver.url, { usesWorker: true, workerPath: fixture('workers/starts-late.cjs') })
  emit(pipeline, 10)
  pipeline.drain()
  expect(pipeline.stats().logs).toMatchObject({ delivered: 10, queued: 0, dropped: { process_end: 0 } })
})
