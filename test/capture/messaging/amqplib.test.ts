/**
 * amqplib over a real RabbitMQ: a message is handled in the trace of the request that published it, until it is acknowledged.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect } from 'vitest'

import { expectMeasured, HANDLED_MESSAGES, METRICS_ON, SENT_MESSAGES } from '../../support/measured-hops.ts'
import { IN_TASK, startQueueApp, type AskedTrace, type QueueApp } from '../../support/queue-kit.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { hasRabbitMq, requireRabbitMq, startRabbitMq, type RabbitMq } from '../../support/servers/rabbitmq.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireRabbitMq are tests */
const it = requireRabbitMq
const isThere = hasRabbitMq

const RUNS = [
  { set: 'oldest', program: 'messaging/amqplib.cjs', node: '22.15.0' },
  { set: 'newest', program: 'messaging/amqplib.mjs', node: '24.21.0' },
  { set: 'newest', program: 'messaging/amqplib.cjs', node: '26.10.0' },
] as const

let folder: string
let rabbit: RabbitMq
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-amqplib-'))
  if (isThere) rabbit = await startRabbitMq(folder)
}, 90_000)
afterAll(async () => {
  if (isThere) await rabbit.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(RUNS)('$program of the $set on Node $node', ({ set, program, node }) => {
  let receiver: Receiver
  let app: QueueApp
  let pid = 0
  beforeAll(async () => {
    receiver = await startReceiver()
    if (!isThere) return
    app = await startQueueApp(receiver, { program, set, node, env: { AMQP_URL: rabbit.url } })
    pid = app.child.process.pid ?? 0
  }, 60_000)
  afterAll(async () => {
    if (isThere) await app.end()
    await receiver.close()
  })
  const handled = (trace: AskedTrace, count = 1) =>
    trace.until('the message', () => trace.ends().length === count && trace.spans().filter(isConsumer).length === count)

  it('a message is a child of the request that published it, its lines and its record are in the trace', async () => {
    const trace = await app.ask('/send?n=7')
    await handled(trace)
    expect(trace.tree()).toEqual(['server GET', `  producer send orders-${pid}`, `    consumer process orders-${pid}`])
    const consumer = trace.spans().find(isConsumer)
    expect(trace.ends()[0]).toMatchObject({
      spanId: consumer?.spanId,
      severityNumber: 9,
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': `orders-${pid}`,
        'messaging.message.id': 'm-7',
        'tracelog.component': 'app',
        'tracelog.attempt': 1,
        'tracelog.response_time_ms': expect.any(Number),
      },
    })
    expect(consumer?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': expect.any(Number) })
    expect(linesOf(trace)).toEqual(['handling order 7', 'timer of order 7'])
    expect(trace.answer).toBe('own')
    expect(JSON.parse((await app.ask('/seen')).answer)).toMatchObject({
      headers: ['traceparent', 'own'],
      own: 'kept',
    })
  })

  it('called from a task, the request and the message are nodes of its tree', async () => {
    const trace = await app.ask('/send?n=1', IN_TASK)
    expect(await trace.pathInTree()).toMatch(/^1\/\d+\/\d+$/)
  })

  it('two requests at once: each message stays in its own trace', async () => {
    const traces = await Promise.all([1, 2].map((n) => app.ask(`/bare?n=${n}`)))
    for (const [index, trace] of traces.entries()) {
      await handled(trace)
      expect(linesOf(trace)).toEqual([`handling order ${index + 1}`, `timer of order ${index + 1}`])
    }
  })

  it('a message that is given back is an ERROR, and its next delivery the second attempt', async () => {
    const trace = await app.ask('/send?n=failing')
    await handled(trace, 2)
    expect(trace.ends().map(({ severityNumber }) => severityNumber)).toEqual([17, 9])
    expect(trace.ends()[0]?.attributes).toMatchObject({ 'error.type': 'nack', 'tracelog.attempt': 1 })
    expect(trace.ends()[1]?.attributes).toMatchObject({ 'tracelog.attempt': 2 })
    expect(trace.tree()).toHaveLength(4)
  })

  it.each(['/exchange', '/confirmed'])('%s publishes as any other', async (target) => {
    const trace = await app.ask(`${target}?n=1`)
    await handled(trace)
    const name = target === '/exchange' ? `sales-${pid}` : `orders-${pid}`
    expect(trace.tree()).toEqual(['server GET', `  producer send ${name}`, `    consumer process orders-${pid}`])
  })

  it.each(['quiet', 'called'])('%s: without promises, the context holds in timers', async (queue) => {
    const trace = await app.ask(`/${queue}?n=1`)
    await handled(trace)
    await trace.until('its lines', () => linesOf(trace).length === 2)
    expect(linesOf(trace)).toEqual([`handling ${queue} 1`, `timer of ${queue} 1`])
  })

  it('get() gives what it gave, and is no hop', async () => {
    const trace = await app.ask('/get?n=7')
    expect(trace.answer).toBe('7 kept false')
    await trace.until('the send', () => trace.spans().length === 2)
    expect(trace.tree()).toEqual(['server GET', `  producer send pulled-${pid}`])
  })

  it('one frame of ours stands between amqplib and a consumer, none in the errors of a wrong call', async () => {
    const trace = await app.ask('/bare?n=last')
    await handled(trace)
    const { stack } = JSON.parse((await app.ask('/seen')).answer) as { stack: string }
    expect(stack).toContain('handleDelivery')
    expect(stack.split('\n').filter((line) => OURS.test(line))).toHaveLength(1)
    expect((await app.ask('/wrong')).answer).not.toMatch(OURS)
    expect((await app.ask('/looks')).answer).not.toMatch(/Getter|tracelog/)
  })
})

const OURS = /engine[\w-]*\.cjs|register\.cjs/

function linesOf(trace: AskedTrace): unknown[] {
  return trace.logs().flatMap(({ body, eventName }) => (eventName === '' ? [body] : []))
}

function isConsumer({ kind }: { readonly kind: number }): boolean {
  return kind === 5
}

it('each message is measured once, sent and handled', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const env = { AMQP_URL: rabbit.url, ...METRICS_ON }
  const app = await startQueueApp(receiver, { program: 'messaging/amqplib.cjs', set: 'newest', node: '24.21.0', env })
  const [sent, failing] = [await app.ask('/send?n=7'), await app.ask('/send?n=failing')]
  await sent.until('both', () => sent.ends().length === 1 && failing.ends().length === 2)
  await app.end()
  await receiver.close()
  expectMeasured(receiver, SENT_MESSAGES, { 'rabbitmq ': 2 })
  expectMeasured(receiver, HANDLED_MESSAGES, { 'rabbitmq ': 2, 'rabbitmq nack': 1 })
})
