/** A job stands below the request that queued it, with its attempt and the time that it lay in the queue. */
import { expect, test } from 'vitest'

import { spanFields } from '../../src/model/row-words.ts'
import { buildRequests, buildTree } from '../../src/tree/build-tree.ts'
import { drawn, log, span, trace, type LogWords } from './trace-builder.ts'

const ORDERS = { 'messaging.system': 'bullmq', 'messaging.destination.name': 'orders' }
const request = span({
  id: 'web',
  service: 'web',
  from: 0,
  to: 20,
  name: 'POST /orders',
  attributes: { 'http.request.method': 'POST', 'url.path': '/orders', 'http.response.status_code': 202 },
})
const send = span({
  id: 'send',
  parent: 'web',
  service: 'web',
  kind: 'producer',
  from: 5,
  to: 7,
  name: 'send orders',
  attributes: ORDERS,
})
const job = (id: string, from: number, to: number) =>
  span({
    id,
    parent: 'send',
    service: 'worker',
    kind: 'consumer',
    from,
    to,
    name: 'process orders',
    attributes: ORDERS,
  })
const end = (id: string, at: number, more: LogWords['attributes'], severity = 9) =>
  log({
    span: id,
    service: 'worker',
    at,
    severity,
    event: 'tracelog.message.end',
    attributes: { ...ORDERS, 'tracelog.component': 'app', ...more },
  })

test('one job: the time in the queue is the gap before it', () => {
  const tree = buildTree(
    trace(
      request,
      send,
      job('job', 105, 130),
      log({ span: 'job', service: 'worker', at: 110, body: 'packing' }),
      end('job', 130, { 'tracelog.response_time_ms': 25, 'tracelog.queued_ms': 99.5, 'tracelog.attempt': 1 }),
    ),
  )
  expect(drawn(tree)).toEqual([
    'web: POST /orders 202',
    '  web: 100.0 ms in orders, from web to worker',
    '  worker: process orders',
    '    worker: I packing',
  ])
  const row = tree?.rows.find(({ name }) => name === 'process orders')
  expect(row).toMatchObject({ took_ms: 25, component: 'app' })
  expect(row && spanFields(row)).toMatchObject({ queued_ms: 99.5, attempt: undefined })
  expect(tree).toMatchObject({ outcome: 'ok', skew: [], services: ['web', 'worker'] })
})

test('attempts stand side by side below the send, a failed one counts as an error', () => {
  const tree = buildTree(
    trace(
      request,
      send,
      job('one', 10, 20),
      end('one', 20, { 'error.type': 'TypeError', 'exception.message': 'no stock', 'tracelog.attempt': 1 }, 17),
      job('two', 50, 60),
      end('two', 60, { 'tracelog.attempt': 2 }),
    ),
  )
  expect(drawn(tree)).toEqual([
    'web: POST /orders 202',
    '  web: send orders',
    '    web: 5.0 ms in orders, from web to worker',
    '    worker: process orders',
    '    web: 45.0 ms in orders, from web to worker',
    '    worker: process orders',
  ])
  const [, second] = tree?.rows.filter(({ name }) => name === 'process orders') ?? []
  expect(second && spanFields(second)).toMatchObject({ attempt: 2 })
  expect(tree?.counts.errors).toBe(1)
})

test('a job that nobody sent is a request of its own, also where only its record is known', () => {
  const alone = trace(end('job', 30, { 'tracelog.response_time_ms': 20 }))
  expect(buildTree(alone)?.sentence).toBe('process orders → ok in 20.0 ms.')
  expect(buildRequests(alone)).toMatchObject([{ path: 'process orders', outcome: 'ok', duration_ms: 20 }])
})
