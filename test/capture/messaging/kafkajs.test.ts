/**
 * kafkajs over a real Kafka: a message is handled in the trace of the request that sent it, a batch is linked to its senders.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect } from 'vitest'

import { expectMeasured, HANDLED_MESSAGES, METRICS_ON, SENT_MESSAGES } from '../../support/measured-hops.ts'
import { IN_TASK, startQueueApp, type QueueApp } from '../../support/queue-kit.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { startKafka, type Kafka } from '../../support/servers/kafka.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireServers are tests */
const it = requireServers('kafka')
const isThere = findServer('kafka') !== undefined

const RUNS = [
  { set: 'oldest', program: 'messaging/kafkajs.mjs', node: '22.15.0' },
  { set: 'newest', program: 'messaging/kafkajs.cjs', node: '24.21.0' },
  { set: 'newest', program: 'messaging/kafkajs.mjs', node: '26.10.0' },
] as const

let folder: string
let kafka: Kafka
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-kafkajs-'))
  if (isThere) kafka = await startKafka(folder)
}, 90_000)
afterAll(async () => {
  if (isThere) await kafka.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(RUNS)('$program of the $set on Node $node', ({ set, program, node }) => {
  let receiver: Receiver
  let app: QueueApp
  let orders = ''
  let bulk = ''
  beforeAll(async () => {
    receiver = await startReceiver()
    if (!isThere) return
    const env = { KAFKA_BROKER: kafka.broker, KAFKAJS_NO_PARTITIONER_WARNING: '1', TRACELOG_REQUEST_PATH: 'on' }
    app = await startQueueApp(receiver, { program, set, node, env })
    ;[orders = '', bulk = ''] = (await app.ask('/topics')).answer.split(' ')
  }, 60_000)
  afterAll(async () => {
    if (isThere) await app.end()
    await receiver.close()
  })

  it('a message is a child of the request that sent it, its lines and its record are in the trace', async () => {
    const trace = await app.ask('/send?n=7')
    await trace.until('the message', () => trace.ends().length === 1 && trace.spans().some(({ kind }) => kind === 5))
    expect(trace.tree()).toEqual(['server GET', `  producer send ${orders}`, `    consumer process ${orders}`])
    const consumer = trace.spans().find(({ kind }) => kind === 5)
    expect(trace.ends()[0]).toMatchObject({
      spanId: consumer?.spanId,
      severityNumber: 9,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': orders,
        'tracelog.component': 'app',
        'tracelog.queued_ms': expect.any(Number),
        'tracelog.response_time_ms': expect.any(Number),
      },
    })
    expect(consumer?.attributes).toMatchObject({
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': '0',
      'messaging.consumer.group.name': expect.stringContaining('billing-'),
      'server.address': '127.0.0.1',
    })
    const lines = trace.logs().filter(({ spanId, eventName }) => spanId === consumer?.spanId && eventName === '')
    expect(lines.map(({ body }) => body)).toEqual(['handling order 7', 'timer of order 7'])
    const requestPath = trace.ends()[0]?.attributes['tracelog.request.path']
    const request = trace.spans().find(({ kind }) => kind === 2)
    expect(requestPath).toBe(`${request?.spanId}:${consumer?.spanId}`)
  })

  it("the application's headers are kept, and its objects as they were; its partitioner sees none of ours", async () => {
    const trace = await app.ask('/send?n=8')
    expect(trace.answer).toBe('own')
    await trace.until('the message', () => trace.ends().length === 1)
    expect(JSON.parse((await app.ask('/seen')).answer)).toMatchObject({
      headers: ['own', 'traceparent', 'tracestate'],
      own: 'kept',
    })
    const sent = JSON.parse((await app.ask('/sent')).answer) as { keys: string[]; stack: string }
    expect(sent.keys).toEqual(['own'])
    expect(sent.stack).not.toMatch(OURS)
  })

  it('called from a task, the request and the message are nodes of its tree', async () => {
    const trace = await app.ask('/send?n=1', IN_TASK)
    expect(await trace.pathInTree()).toMatch(/^1\/\d+\/\d+$/)
  })

  it('two requests at once: each message stays in its own trace', async () => {
    const traces = await Promise.all([1, 2].map((n) => app.ask(`/bare?n=${n}`)))
    for (const [index, trace] of traces.entries()) {
      await trace.until('the message', () => trace.ends().length === 1)
      const lines = trace.logs().filter(({ eventName }) => eventName === '')
      expect(lines.map(({ body }) => body)).toEqual([`handling order ${index + 1}`, `timer of order ${index + 1}`])
    }
  })

  it('a handler that throws is an ERROR with its error, and the next try is a child of the same send', async () => {
    const trace = await app.ask('/send?n=failing')
    await trace.until('both tries', () => trace.ends().length === 2 && trace.spans().length === 4)
    expect(trace.ends().map(({ severityNumber }) => severityNumber)).toEqual([17, 9])
    // Kafka counts none: it is known of one that failed in this process before.
    expect(trace.ends().map(({ attributes }) => attributes['tracelog.attempt'])).toEqual([undefined, 2])
    expect(trace.ends()[0]?.attributes).toMatchObject({
      'error.type': 'NO_STOCK',
      'exception.message': 'no stock',
      'exception.stacktrace': expect.stringContaining('kafkajs-app.cjs'),
    })
    expect(trace.tree()).toHaveLength(4)
    expect(trace.logs().map(({ body }) => body)).toContain('kafkajs: Error when calling eachMessage')
  })

  it('a batch is one hop, linked to its sender', async () => {
    const trace = await app.ask('/batch')
    await trace.until('the batch', () => trace.ends().length > 0 && trace.spans().some(({ kind }) => kind === 5))
    expect(trace.tree()).toEqual(['server GET', `  producer send ${bulk}`, `    consumer process ${bulk}`])
    const producer = trace.spans().find(({ kind }) => kind === 4)
    const consumer = trace.spans().find(({ kind }) => kind === 5)
    expect(producer?.attributes['messaging.batch.message_count']).toBe(2)
    expect(consumer?.attributes['messaging.batch.message_count']).toBe(2)
    expect(consumer?.links).toMatchObject([{ spanId: producer?.spanId }])
    const seen = JSON.parse((await app.ask('/seen')).answer) as { keys: string; batch: string; stack: string }
    expect(seen.keys).toBe('fetchedOffset,topic,partition,highWatermark,rawMessages,messagesWithinOffset,messages')
    expect(seen.stack).not.toMatch(OURS)
  })

  it('a transaction sends as any other', async () => {
    const trace = await app.ask('/transaction?n=tx')
    await trace.until('the message', () => trace.ends().length === 1 && trace.spans().some(({ kind }) => kind === 5))
    expect(trace.tree()).toEqual(['server GET', `  producer send ${orders}`, `    consumer process ${orders}`])
  })

  it('a send that is refused is an ERROR span, and its error has no frame of ours', async () => {
    const trace = await app.ask('/refused')
    await trace.until('the send', () => trace.spans().some(({ kind }) => kind === 4))
    expect(trace.answer).not.toMatch(OURS)
    expect(trace.spans().find(({ kind }) => kind === 4)).toMatchObject({ statusCode: 2 })
  })

  it('handlers have no frame of ours above them, and what the application holds looks as without us', async () => {
    const trace = await app.ask('/bare?n=last')
    await trace.until('the message', () => trace.ends().length === 1)
    const { stack } = JSON.parse((await app.ask('/seen')).answer) as { stack: string }
    expect(stack).toContain('processEachMessage')
    expect(stack).not.toMatch(OURS)
    expect((await app.ask('/looks')).answer).not.toMatch(/Getter|tracelog/)
  })
})

const OURS = /engine[\w-]*\.cjs|register\.cjs/

it('each message is measured once, sent and handled', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const env = { KAFKA_BROKER: kafka.broker, KAFKAJS_NO_PARTITIONER_WARNING: '1', ...METRICS_ON }
  const app = await startQueueApp(receiver, { program: 'messaging/kafkajs.cjs', set: 'newest', node: '24.21.0', env })
  const [sent, failing] = [await app.ask('/send?n=7'), await app.ask('/send?n=failing')]
  await sent.until('both', () => sent.ends().length === 1 && failing.ends().length === 2)
  await app.end()
  await receiver.close()
  expectMeasured(receiver, SENT_MESSAGES, { 'kafka ': 2 })
  expectMeasured(receiver, HANDLED_MESSAGES, { 'kafka ': 2, 'kafka NO_STOCK': 1 })
})
