/**
 * BullMQ over a real Redis: a job is handled in the trace of the request that added it.
 *
 *   server GET                      the request
 *     producer send orders          queue.add
 *       consumer process orders     the worker, and what the handler logs
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect } from 'vitest'

import { expectMeasured, HANDLED_MESSAGES, METRICS_ON, SENT_MESSAGES } from '../../support/measured-hops.ts'
import { IN_TASK, startQueueApp, type QueueApp } from '../../support/queue-kit.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { hasProgram, requireProgram } from '../../support/require.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireProgram are tests */
const it = requireProgram('redis-server')
const isThere = hasProgram('redis-server')

const RUNS = [
  { set: 'oldest', program: 'messaging/bullmq.cjs', node: '22.15.0' },
  { set: 'newest', program: 'messaging/bullmq.mjs', node: '24.21.0' },
  { set: 'newest', program: 'messaging/bullmq.cjs', node: '26.10.0' },
  { set: 'oldest', program: 'messaging/bullmq.mjs', node: '26.10.0' },
] as const

let folder: string
let redis: TestRedis
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-bullmq-'))
  if (isThere) redis = await startRedis(folder)
})
afterAll(async () => {
  if (isThere) await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(RUNS)('$program of the $set on Node $node', ({ set, program, node }) => {
  let receiver: Receiver
  let app: QueueApp
  beforeAll(async () => {
    receiver = await startReceiver()
    const env = { REDIS_PORT: new URL(redis.url).port, TRACELOG_LEVEL: 'trace' }
    if (isThere) app = await startQueueApp(receiver, { program, set, node, env })
  })
  afterAll(async () => {
    if (isThere) await app.end()
    await receiver.close()
  })

  it('an added job is a child of the request, its lines and its record are in the trace', async () => {
    const trace = await app.ask('/add?name=pack&n=7')
    await trace.until('the job', () => trace.ends().length === 1 && trace.spans().some(({ kind }) => kind === 5))
    expect(trace.tree()).toEqual(['server GET', '  producer send orders', '    consumer process orders'])
    const consumer = trace.spans().find(({ kind }) => kind === 5)
    expect(trace.ends()[0]).toMatchObject({
      spanId: consumer?.spanId,
      severityNumber: 9,
      body: 'process orders',
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.destination.name': 'orders',
        'messaging.message.id': trace.answer,
        'tracelog.component': 'app',
        'tracelog.response_time_ms': expect.any(Number),
        'tracelog.queued_ms': expect.any(Number),
        'tracelog.attempt': 1,
      },
    })
    expect(linesOf(trace.logs(), consumer?.spanId)).toEqual(['handling pack 7', 'timer of pack 7'])
    expect(consumer?.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(redis.url).port),
    })
  })

  it('called from a task, the request and the job are nodes of its tree', async () => {
    const trace = await app.ask('/add?name=tree&n=1', IN_TASK)
    expect(await trace.pathInTree()).toMatch(/^1\/\d+\/\d+$/)
  })

  it('two requests at once: each job stays in its own trace', async () => {
    const traces = await Promise.all([1, 2].map((n) => app.ask(`/add?name=both&n=${n}`)))
    for (const [index, trace] of traces.entries()) {
      await trace.until('the job', () => trace.ends().length === 1)
      expect(linesOf(trace.logs())).toEqual([`handling both ${index + 1}`, `timer of both ${index + 1}`])
    }
  })

  it('a job that fails is an ERROR with its error, and its next attempt a child of the same send', async () => {
    const trace = await app.ask('/add?name=flaky&n=1&attempts=2')
    await trace.until('both attempts', () => trace.ends().length === 2 && trace.spans().length > 3)
    expect(trace.tree()).toEqual([
      'server GET',
      '  producer send orders',
      '    consumer process orders',
      '    consumer process orders',
    ])
    const [first, second] = trace.ends()
    expect(first).toMatchObject({
      severityNumber: 17,
      body: 'process orders failed',
      attributes: {
        'tracelog.attempt': 1,
        'error.type': 'TypeError',
        'exception.type': 'TypeError',
        'exception.message': 'no stock',
        'exception.stacktrace': expect.stringContaining('bullmq-app.cjs'),
      },
    })
    expect(second).toMatchObject({ severityNumber: 9, attributes: { 'tracelog.attempt': 2 } })
  })

  it('jobs of a bulk, and those of a flow, are children of the one send', async () => {
    const bulk = await app.ask('/bulk')
    await bulk.until('the jobs', () => bulk.ends().length === 3 && bulk.spans().filter(isConsumer).length === 3)
    expect(bulk.tree()).toEqual([
      'server GET',
      '  producer send orders',
      ...Array.from({ length: 3 }, () => '    consumer process orders'),
    ])
    for (const path of ['/flow', '/flow-without-options']) {
      const flow = await app.ask(path)
      await flow.until('the jobs', () => flow.ends().length === 3 && flow.spans().filter(isConsumer).length === 3)
      expect(flow.tree()).toEqual(bulk.tree())
    }
  })

  it('a job of a flow that is to carry nothing carries nothing', async () => {
    const flow = await app.ask('/flow-of-nobody')
    const handled = () => receiver.receivedLogs.find(({ record }) => record.body === 'handling nobody 0')
    await flow.until('the job', () => handled() !== undefined)
    expect(handled()?.record.traceId).not.toBe(flow.traceId)
  })

  it('jobs of a scheduler have no parent', async () => {
    const trace = await app.ask('/schedule')
    const ticks = () =>
      receiver.receivedLogs
        .filter(({ record }) => record.body === 'handling tick 1')
        .map(({ record }) => record.traceId)
    await trace.until('two of them', () => ticks().length === 2)
    await app.ask('/unschedule')
    expect(new Set([...ticks(), trace.traceId]).size).toBe(3)
    expect(ticks().every((id) => id !== '')).toBe(true)
  })

  it('the handler has no frame of ours above it, and nothing of the application looks otherwise', async () => {
    const trace = await app.ask('/add?name=stack&n=1')
    await trace.until('the job', () => trace.ends().length === 1)
    const { answer: stack } = await app.ask('/stacks')
    expect(stack).toContain('bullmq-app.cjs')
    expect(stack).not.toMatch(/engine[\w-]*\.cjs|register\.cjs/)
    const { answer: looks } = await app.ask('/looks')
    expect(looks).not.toContain('telemetry')
  })

  it('a telemetry of the application is left alone', async () => {
    const trace = await app.ask('/own')
    expect(trace.answer).toMatch(/^add theirs\.x.* true$/)
    expect(trace.tree().join()).not.toContain('producer')
  })

  it('waiting for jobs leaves nothing behind', () => {
    const loose = receiver.receivedSpans.filter(({ span }) => span.parentSpanId === '' && span.kind !== 5)
    // What `new Queue` writes.
    expect(new Set(loose.map(({ span }) => span.name))).toEqual(new Set([set === 'oldest' ? 'HMSET' : 'HSET']))
    expect(receiver.receivedLogs.filter(({ record }) => record.eventName === 'tracelog.cache.end')).toEqual([])
  })
})

interface Line {
  readonly body?: unknown
  readonly spanId: string
  readonly eventName: string
}

function linesOf(logs: readonly Line[], spanId?: string): unknown[] {
  return logs
    .filter((log) => log.eventName === '' && (spanId === undefined || log.spanId === spanId))
    .map(({ body }) => body)
}

function isConsumer({ kind }: { readonly kind: number }): boolean {
  return kind === 5
}

it('each message is measured once, sent and handled', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const env = { REDIS_PORT: new URL(redis.url).port, ...METRICS_ON }
  const app = await startQueueApp(receiver, { program: 'messaging/bullmq.cjs', set: 'newest', node: '24.21.0', env })
  const [sent, failing] = [await app.ask('/add?name=pack&n=7'), await app.ask('/add?name=flaky&n=1&attempts=2')]
  await sent.until('both', () => sent.ends().length === 1 && failing.ends().length === 2)
  await app.end()
  await receiver.close()
  expectMeasured(receiver, SENT_MESSAGES, { 'bullmq ': 2 })
  expectMeasured(receiver, HANDLED_MESSAGES, { 'bullmq ': 2, 'bullmq TypeError': 1 })
})
