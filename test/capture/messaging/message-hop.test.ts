import { context, propagation, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import { beforeEach, describe, expect, test } from 'vitest'

import { recordCarrier } from '../../../src/capture/messaging/message-carrier.ts'
import { beginMessage } from '../../../src/capture/messaging/message-hop.ts'
import { beginSend } from '../../../src/capture/messaging/message-send.ts'
import type { Destination, MessagingOptions } from '../../../src/capture/messaging/messaging-options.ts'
import { finishOpenHops } from '../../../src/capture/hop/open-hops.ts'
import { currentRequest, requestFields } from '../../../src/context/current-request.ts'
import { withTaskNode } from '../../../src/context/current-task-node.ts'
import { TaskNode } from '../../../src/context/task-node.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const kit = createHopKit()
const options: MessagingOptions = { ...kit.options, tracer: kit.options.tracerProvider.getTracer('messaging') }
const ORDERS: Destination = { system: 'kafka', name: 'orders', host: '127.0.0.1', port: 9092 }
const STRANGER: Destination = { ...ORDERS, host: 'kafka.example.com' }
const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

beforeEach(() => {
  kit.spans.length = 0
  kit.records.length = 0
})

/** What a message carries that is sent with this baggage. */
function sentTo(destination: Destination, headers: Record<string, string> = {}) {
  const baggage = propagation.createBaggage({ user: { value: '7' } })
  const send = beginSend(options, destination, propagation.setBaggage(ROOT_CONTEXT, baggage))
  send.carry(recordCarrier(headers))
  send.ended()
  return { headers, context: trace.getSpanContext(send.context) }
}

describe('what a message carries', () => {
  test('the trace always, baggage to trusted brokers only', () => {
    const { headers, context: sent } = sentTo(ORDERS)
    expect(headers).toEqual({ traceparent: `00-${sent?.traceId}-${sent?.spanId}-03`, baggage: 'user=7' })
    expect(Object.keys(sentTo(STRANGER).headers)).toEqual(['traceparent'])
    expect(Object.keys(sentTo({ ...ORDERS, host: undefined }).headers)).toEqual(['traceparent'])
  })

  test("the application's own headers: the trace is replaced, its state goes, baggage is merged", () => {
    const own = { traceparent: PARENT, tracestate: 'x=1', baggage: 'tenant=acme', other: 'kept' }
    const { headers, context: sent } = sentTo(ORDERS, own)
    expect(headers).toMatchObject({ traceparent: `00-${sent?.traceId}-${sent?.spanId}-03`, other: 'kept' })
    expect(headers['tracestate']).toBeUndefined()
    expect(headers['baggage']?.split(',').toSorted()).toEqual(['tenant=acme', 'user=7'])
  })

  test('our own member counts from trusted brokers only', () => {
    const carrier = recordCarrier({ traceparent: PARENT, tracestate: `tracelog=p:${'c'.repeat(16)},x=1` })
    const stateOf = (from: Destination) => {
      const hop = beginMessage(options, from, [carrier])
      hop.ended()
      return trace.getSpanContext(hop.context)?.traceState
    }
    expect(stateOf(ORDERS)?.get('tracelog')).toBeDefined()
    expect(stateOf(STRANGER)?.serialize()).toBe('x=1')
  })

  test.each(['', 'no trace', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01,${PARENT}`, 'x'.repeat(20_000)])(
    'a header that is no trace (%#) begins a new one',
    (traceparent) => {
      beginMessage(options, ORDERS, [recordCarrier({ traceparent })]).ended()
      expect(kit.spans[0]).toMatchObject({ parentSpanId: '' })
    },
  )
})

describe('the task that a message is sent in', () => {
  const task = () => {
    const span = kit.options.tracerProvider.getTracer('app').startSpan('pack')
    const node = Object.assign(new TaskNode({ path: '3' }), { span })
    return { node, context: withTaskNode(ROOT_CONTEXT, node) }
  }
  const stateOf = (to: Destination, at: Context) => {
    const headers: Record<string, string> = {}
    const send = beginSend(options, to, at)
    send.carry(recordCarrier(headers))
    send.ended()
    return headers['tracestate']
  }
  const received = (path: string) => recordCarrier({ traceparent: PARENT, tracestate: `tracelog=p:${path}` })

  test('gives each send a number, which trusted brokers get', () => {
    const { node, context: at } = task()
    expect([stateOf(ORDERS, at), stateOf(STRANGER, at), stateOf(ORDERS, at)]).toEqual([
      'tracelog=p:3.1',
      undefined,
      'tracelog=p:3.2',
    ])
    expect(node).toMatchObject({ last: 2, unsent: 2 })
  })

  test('what handles it is the node that the sender has numbered: what it sends is below', () => {
    const hop = beginMessage(options, ORDERS, [received('3.2')])
    expect(hop.taskNode?.path).toBe('3/2')
    expect(stateOf(ORDERS, hop.context)).toBe('tracelog=p:3.2.1')
    hop.ended()
  })

  test('of a stranger it is nothing', () => {
    const hop = beginMessage(options, STRANGER, [received('9')])
    expect(hop.taskNode).toBeUndefined()
    hop.ended()
  })

  test.each([
    ['one trace', [received('3.2'), received('3.2')], '3/2'],
    ['several', [received('3.2'), recordCarrier({ traceparent: PARENT.replaceAll('a', 'c') })], undefined],
  ])('of a batch it is that of its sender: %s', (_, carriers, path) => {
    const hop = beginMessage(options, ORDERS, carriers, true)
    expect(hop.taskNode?.path).toBe(path)
    hop.ended()
  })
})

describe('a message that is handled', () => {
  test('is a CONSUMER span below its sender, a unit, and one record', () => {
    const hop = beginMessage(options, ORDERS, [recordCarrier({ traceparent: PARENT })])
    hop.learn({ messageId: '0:7', group: 'billing', partition: '0', queuedMillis: 12.3456, attempt: 2 })
    context.with(hop.context, () => {
      expect(currentRequest()).toMatchObject({ traceId: 'a'.repeat(32), path: undefined })
      requestFields({ order: 7 })
    })
    hop.ended()
    hop.failed(new Error('too late'))
    expect(kit.spans).toMatchObject([
      {
        name: 'process orders',
        kind: 5,
        traceId: 'a'.repeat(32),
        parentSpanId: 'b'.repeat(16),
        statusCode: 0,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.destination.name': 'orders',
          'messaging.operation.type': 'process',
          'messaging.message.id': '0:7',
          'messaging.consumer.group.name': 'billing',
          'messaging.destination.partition.id': '0',
          'server.address': '127.0.0.1',
          'server.port': 9092,
        },
      },
    ])
    expect(kit.records).toMatchObject([
      {
        eventName: 'tracelog.message.end',
        severityNumber: 9,
        body: 'process orders',
        spanId: kit.spans[0]?.spanId,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.destination.name': 'orders',
          'tracelog.queued_ms': 12.346,
          'tracelog.attempt': 2,
          'tracelog.component': 'app',
          order: 7,
        },
      },
    ])
  })

  test('that fails is an ERROR with its error; a text or nothing may be thrown', () => {
    for (const error of [new RangeError('too many'), 'refused', undefined]) {
      beginMessage(options, ORDERS, [recordCarrier({})]).failed(error)
    }
    expect(kit.records.map(({ severityNumber, attributes }) => [severityNumber, attributes['error.type']])).toEqual([
      [17, 'RangeError'],
      [17, 'Error'],
      [17, 'undefined'],
    ])
    expect(kit.records[0]).toMatchObject({
      body: 'process orders failed',
      attributes: { 'exception.message': 'too many', 'exception.stacktrace': expect.stringContaining('RangeError') },
    })
    expect(kit.spans[0]).toMatchObject({ statusCode: 2, statusMessage: 'too many' })
  })

  test('when the process ends: WARN, aborted; with an uncaught error it is that', () => {
    beginMessage(options, ORDERS, [recordCarrier({})])
    beginMessage(options, ORDERS, [recordCarrier({})]).recordThrown(new TypeError('nobody caught it'))
    finishOpenHops()
    expect(kit.records.map(({ body, severityNumber }) => [body, severityNumber])).toEqual([
      ['process orders aborted', 13],
      ['process orders failed', 17],
    ])
  })

  test.each([
    { access: 'off', count: 0 },
    { access: 'errors', count: 1 },
    { access: 'on', count: 2 },
  ] as const)('TRACELOG_ACCESS=$access leaves $count of two records', ({ access, count }) => {
    beginMessage({ ...options, access }, ORDERS, [recordCarrier({})]).ended()
    beginMessage({ ...options, access }, ORDERS, [recordCarrier({})]).failed(new Error('no'))
    expect([kit.records.length, kit.spans.length]).toEqual([count, 2])
  })
})

describe('a batch', () => {
  const of = (traceId: string, spanId: string) =>
    recordCarrier({ traceparent: `00-${traceId.repeat(32)}-${spanId.repeat(16)}-01` })

  test('of several traces is linked to each sender, and begins a trace of its own', () => {
    beginMessage(options, ORDERS, [of('a', '1'), of('a', '1'), of('c', '2'), recordCarrier({})], true).ended()
    expect(kit.spans[0]).toMatchObject({
      parentSpanId: '',
      links: [
        { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) },
        { traceId: 'c'.repeat(32), spanId: '2'.repeat(16) },
      ],
    })
  })

  test('of one trace is part of it', () => {
    beginMessage(options, ORDERS, [of('a', '1'), of('a', '2')], true).ended()
    expect(kit.spans[0]).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: '1'.repeat(16) })
    expect(kit.spans[0]?.links).toHaveLength(2)
  })
})

test('a send that fails is an ERROR span, and no record', () => {
  const send = beginSend(options, ORDERS)
  send.failed(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
  send.ended()
  expect(kit.spans).toMatchObject([
    { name: 'send orders', kind: 4, statusCode: 2, attributes: { 'error.type': 'ECONNREFUSED' } },
  ])
  expect(kit.records).toEqual([])
})
