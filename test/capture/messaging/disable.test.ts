/** Switched off, each library is as it was, or what stands in for its functions does nothing but call them. */
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { beforeEach, describe, expect, test } from 'vitest'

import { createMessagingInstrumentations } from '../../../src/capture/messaging/messaging-libraries.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const NEWEST = join(import.meta.dirname, '../../libraries/newest/node_modules')
const load = createRequire(join(NEWEST, 'app.cjs'))
const file = (path: string): Record<string, never> => load(join(NEWEST, path)) as Record<string, never>

const kit = createHopKit()
const all = createMessagingInstrumentations({
  ...kit.options,
  tracer: kit.options.tracerProvider.getTracer('messaging'),
})
const named = (name: string) => all.find((one) => one.name === name) as (typeof all)[number]

beforeEach(() => void (kit.spans.length = 0))

describe.each([
  { name: 'bullmq', path: 'bullmq/dist/cjs/classes/queue-base.js', className: 'QueueBase', key: 'trace' },
  { name: 'bullmq', path: 'bullmq/dist/cjs/classes/worker.js', className: 'Worker', key: 'mainLoop' },
  { name: 'bullmq', path: 'bullmq/dist/cjs/classes/job.js', className: 'Job', key: 'updateStacktrace' },
  { name: 'bullmq', path: 'bullmq/dist/cjs/classes/flow-producer.js', className: 'FlowProducer', key: 'telemetry' },
  { name: 'nats', path: '@nats-io/nats-core/lib/protocol.js', className: 'ProtocolHandler', key: 'publish' },
  { name: 'nats', path: '@nats-io/nats-core/lib/protocol.js', className: 'ProtocolHandler', key: 'subscribe' },
  { name: 'nats', path: 'nats/lib/nats-base-client/queued_iterator.js', className: 'QueuedIteratorImpl', key: '' },
])('$name: $className.$key', ({ name, path, className, key }) => {
  test('is changed while enabled, and given back', () => {
    const { prototype } = file(path)[className] as unknown as { prototype: object }
    const descriptor = () => Object.getOwnPropertyDescriptor(prototype, key === '' ? Symbol.asyncIterator : key)
    const before = descriptor()
    for (let i = 0; i < 2; i++) {
      named(name).enable()
      expect(named(name).status()).toBe('active')
      expect(descriptor()).not.toEqual(before)
      named(name).disable()
      expect(descriptor()).toEqual(before)
      expect(named(name).status()).toBe('off')
    }
  })
})

test('kafkajs: what was made while enabled sends without a span afterwards, and with one again', async () => {
  named('kafkajs').enable()
  type Factory = (dependencies: object) => (request: object) => Promise<unknown>
  const factory = file('kafkajs/src/producer/sendMessages.js') as unknown as Factory
  const send = factory({ cluster: {}, retrier: () => Promise.reject(new Error('down')) })
  const request = { topicMessages: [{ topic: 'orders', messages: [{ value: 'x' }] }] }
  const counts: number[] = []
  for (const isOn of [true, false, true]) {
    if (isOn) named('kafkajs').enable()
    else named('kafkajs').disable()
    await expect(send(request)).rejects.toThrow('down')
    counts.push(kit.spans.length)
  }
  expect(counts).toEqual([1, 1, 2])
  expect(kit.spans[0]).toMatchObject({ name: 'send orders', statusCode: 2, statusMessage: 'down' })
  named('kafkajs').disable()
})

test('amqplib: the same, and its arguments stay frozen', () => {
  named('amqplib').enable()
  const { Channel } = file('amqplib/lib/channel_model.js') as unknown as { Channel: new (connection: object) => Sender }
  const sent: { readonly headers: object }[] = []
  const connection = { sendMessage: (...args: { readonly headers: object }[]) => sent.push(args[4] as never) > 0 }
  const channel = new Channel(connection)
  for (const isOn of [true, false, true]) {
    if (isOn) named('amqplib').enable()
    else named('amqplib').disable()
    channel.sendToQueue('orders', Buffer.from('x'), { headers: { own: 1 } })
  }
  expect(kit.spans.map(({ name }) => name)).toEqual(['send orders', 'send orders'])
  expect(sent.map(({ headers }) => Object.keys(headers))).toEqual([['traceparent'], [], ['traceparent']])
  expect(Object.isFrozen(file('amqplib/lib/api_args.js'))).toBe(true)
  named('amqplib').disable()
})

interface Sender {
  sendToQueue(queue: string, content: Buffer, options: object): boolean
}
