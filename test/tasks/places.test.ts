/**
 * Where a task hangs: below a request, beside it, apart from it; and what its records then carry.
 */
import { beforeAll, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { startReceiver, type ReceivedLog, type ReceivedSpan } from '../support/receiver.ts'
import { bySeq, lineOf } from '../support/task-lines.ts'

let records: readonly ReceivedLog['record'][]
let spans: readonly ReceivedSpan['span'][]

beforeAll(async () => {
  const receiver = await startReceiver()
  const ended = await runChild('tasks/request.cjs', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    flushesAtEnd: true,
  })
  expect(ended.stderr).toBe('')
  records = bySeq(receiver.receivedLogs).map(({ record }) => record)
  spans = receiver.receivedSpans.map(({ span }) => span)
  await receiver.close()
})

const spanOf = (name: string): ReceivedSpan['span'] => spans.find((span) => span.name === name)!
const bodyOf = (body: string): ReceivedLog['record'] => records.find((record) => record.body === body)!

test('subtasks of a request are numbered within it, and its own lines are not', () => {
  expect(records.filter(({ eventName }) => !eventName.startsWith('tracelog.http')).map(lineOf)).toEqual([
    '- before',
    '1/1 start first',
    '1/2 in first',
    '1/3 end succeeded 3-0 first',
    '2/1 start second',
    '2/2 in second',
    '2/3 bound',
    '2/4 end succeeded 4-0 second',
    '1 start own root',
    '2 in own root',
    '3 end succeeded 3-0 own root',
    '1 start message',
    '2 in message',
    '3 end succeeded 3-0 message',
    '3/1 start by hand',
    '3/2 end succeeded 2-0 by hand',
    '- after',
    '2/5 later /orders',
  ])
})

test('a subtask hangs below the request; a root has a trace of its own and a link to it', () => {
  const server = spans.find(({ kind }) => kind === 2)!
  expect([spanOf('first').parentSpanId, spanOf('second').parentSpanId]).toEqual([server.spanId, server.spanId])
  for (const name of ['own root', 'message']) {
    const root = spanOf(name)
    expect(root.parentSpanId).toBe('')
    expect(root.traceId).not.toBe(server.traceId)
    expect(root.links).toMatchObject([{ traceId: server.traceId, spanId: server.spanId }])
  }
  expect(spanOf('message').kind).toBe(5)
})

test('what is stated of the request and bound to a task is on every later line, the nearest over all', () => {
  const fieldsOf = ({ attributes }: ReceivedLog['record']) => [attributes['user'], attributes['step']]
  expect(fieldsOf(bodyOf('before'))).toEqual([undefined, undefined])
  expect(fieldsOf(bodyOf('in first'))).toEqual(['own', undefined])
  expect(fieldsOf(bodyOf('in second'))).toEqual(['u1', undefined])
  expect(fieldsOf(bodyOf('bound'))).toEqual(['bound', 'own'])
  expect(fieldsOf(bodyOf('in own root'))).toEqual(['u1', undefined])
  // A message of its own is no part of the request.
  expect(fieldsOf(bodyOf('in message'))).toEqual([undefined, undefined])
  expect(fieldsOf(bodyOf('after'))).toEqual(['u1', undefined])
})

test('a call that was kept for later runs where it was kept, and says that it is late', () => {
  const late = bodyOf('later /orders')
  expect(late.spanId).toBe(spanOf('second').spanId)
  expect(late.attributes).toMatchObject({ 'tracelog.task.late': true, user: 'bound', step: 2 })
})
