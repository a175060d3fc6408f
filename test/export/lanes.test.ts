/** Several destinations of one signal: each with its own position, outcome and numbers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { LaneSpec } from '../../src/export/lane-spec.ts'
import type { ExportPipeline } from '../../src/export/pipeline.ts'
import type { LaneStats } from '../../src/export/pipeline-stats.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { emit, expectIdentity, pipelineTo } from './harness.ts'

let folder: string
let receiver: Receiver
let pipeline: ExportPipeline | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-lanes-'))
  receiver = await startReceiver()
})
afterEach(async () => {
  await pipeline?.shutdown({ timeoutMillis: 1 })
  pipeline = undefined
  await receiver.close()
  rmSync(folder, { recursive: true })
})

function otlp(name: string, url: string, signal: 'logs' | 'spans' = 'logs'): LaneSpec {
  const endpoint = { url, protocol: 'http/protobuf', headers: {}, timeoutMillis: 5000, compression: 'none' } as const
  return { signal, name, label: url, to: { kind: 'otlp', endpoint } }
}

function file(path = join(folder, 'all.jsonl'), signal: 'logs' | 'spans' = 'logs'): LaneSpec {
  const config = { path, format: 'flat', line: 'full', maxBytes: 1_000_000, maxFiles: 2 } as const
  return { signal, name: 'file', label: path, to: { kind: 'file', file: config } }
}

function begin(...lanes: LaneSpec[]): ExportPipeline {
  pipeline = pipelineTo(receiver.url, { lanes })
  return pipeline
}

function lane(name: string): LaneStats | undefined {
  return pipeline?.stats().lanes.find((one) => one.lane === name)
}

const lines = (): number => readFileSync(join(folder, 'all.jsonl'), 'utf8').split('\n').length - 1

test('the file has everything while the endpoint is away, and each lane its own numbers', async () => {
  begin(otlp('otlp', `${receiver.url}/v1/logs`), file())
  await receiver.stopListening()
  emit(pipeline!, 50)
  await expect.poll(() => lane('file')).toMatchObject({ emitted: 50, delivered: 50, queued: 0, endpoint: 'up' })
  expect(lines()).toBe(50)
  expect(lane('otlp')).toMatchObject({ emitted: 50, delivered: 0, queued: 50, isPrimary: true })
  expect(pipeline!.stats().logs).toMatchObject({ delivered: 0, queued: 50 })
  expectIdentity(pipeline!.stats())

  await receiver.listenAgain()
  expect(await pipeline!.flush()).toEqual({ isComplete: true, queued: 0 })
  expect(receiver.receivedLogs).toHaveLength(50)
  expect(lines()).toBe(50)
  expect(pipeline!.stats().queueBytes).toBe(0)
})

test('what a file loses is counted in its lane, and not in the endpoint', async () => {
  begin(otlp('otlp', `${receiver.url}/v1/logs`), file('/dev/full'))
  emit(pipeline!, 30)
  await pipeline!.flush()
  expect(lane('file')).toMatchObject({ emitted: 30, delivered: 0, queued: 0, dropped: { rejected: 30 } })
  expect(pipeline!.stats().logs).toMatchObject({ emitted: 30, delivered: 30, dropped: { rejected: 0 } })
  expectIdentity(pipeline!.stats())
  // A backend that has all records is told of no loss.
  await pipeline!.flush()
  expect(receiver.receivedLogs).toHaveLength(30)
})

test('two endpoints are two lanes: one that refuses does not hold up the other', async () => {
  const other = await startReceiver()
  begin(otlp('first', `${receiver.url}/v1/logs`), otlp('second', `${other.url}/v1/logs`))
  other.fault = { status: 503 }
  emit(pipeline!, 20)
  await receiver.logs(20)
  await expect.poll(() => lane('first')).toMatchObject({ delivered: 20, queued: 0 })
  expect(lane('second')).toMatchObject({ delivered: 0, queued: 20 })
  other.fault = undefined
  await pipeline!.flush()
  expect(other.receivedLogs).toHaveLength(20)
  expect(receiver.receivedLogs).toHaveLength(20)
  expectIdentity(pipeline!.stats())
  await other.close()
})

test('413 halves the batch for the lane that was told so', async () => {
  const other = await startReceiver()
  begin(otlp('first', `${receiver.url}/v1/logs`), otlp('second', `${other.url}/v1/logs`))
  other.fault = { maxBytes: 4000 }
  emit(pipeline!, 300)
  await pipeline!.flush()
  for (const one of [receiver, other]) {
    expect(new Set(one.receivedLogs.map((log) => log.record.body)).size).toBe(300)
    expect(one.receivedLogs).toHaveLength(300)
  }
  expectIdentity(pipeline!.stats())
  await other.close()
})

test('a full queue is a loss of the lanes that still want the records', async () => {
  const path = join(folder, 'all.jsonl')
  pipeline = pipelineTo(receiver.url, {
    lanes: [otlp('otlp', `${receiver.url}/v1/logs`), file(path)],
    queueMaxBytes: 64 * 1024,
    maxBatchRecords: 100,
  })
  await receiver.stopListening()
  for (let i = 0; i < 50; i++) {
    emit(pipeline, 100)
    await expect.poll(() => lane('file')?.queued, { interval: 1 }).toBe(0)
  }
  expect(lane('file')).toMatchObject({ delivered: 5000, dropped: { queue_full: 0 } })
  expect(lane('otlp')?.dropped.queue_full).toBeGreaterThan(0)
  expectIdentity(pipeline.stats())
})

test('standard output beside an endpoint is a lane like any other', async () => {
  begin(otlp('otlp', `${receiver.url}/v1/logs`), {
    signal: 'logs',
    name: 'console',
    label: 'standard output',
    to: { kind: 'stdout' },
  })
  emit(pipeline!, 5)
  await pipeline!.flush()
  expect(lane('console')).toMatchObject({ emitted: 5, delivered: 5, queued: 0, isPrimary: false })
  expect(pipeline!.takesBytes('logs')).toBe(false)
  expectIdentity(pipeline!.stats())
})

describe('a wrong composition is an error at the start:', () => {
  test.each([
    [
      'two lanes of one name',
      [file('/tmp/x'), file('/tmp/x')],
      'two lanes are called logs/file, but each must have a name of its own',
    ],
    ['spans into the file', [file('/tmp/x', 'spans')], 'spans/file goes to a file, which takes logs only'],
    ['a lane without a name', [otlp('', 'http://127.0.0.1:1/v1/logs')], 'a lane of logs has no name'],
    [
      'more lanes than a batch can note',
      Array.from({ length: 32 }, (_, i) => otlp(`n${i}`, 'http://127.0.0.1:1/v1/logs')),
      'there are 32 lanes of logs, but there must be at most 31',
    ],
  ])('%s', (_what, lanes, message) => {
    expect(() => pipelineTo(receiver.url, { lanes })).toThrow(message)
  })
})
