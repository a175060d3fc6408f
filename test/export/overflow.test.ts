import { expect, test } from 'vitest'

import { startReceiver } from '../support/receiver.ts'
import { droppedOf, emit, expectIdentity, pipelineTo } from './harness.ts'

const MAX_BYTES = 64 * 1024

test('when the queue is full the lowest severities go first, counted exactly', async () => {
  const receiver = await startReceiver()
  await receiver.stopListening()
  const pipeline = pipelineTo(receiver.url, { queueMaxBytes: MAX_BYTES })
  emit(pipeline, 100, 17)
  emit(pipeline, 5000, 5)
  emit(pipeline, 100, 13)
  const { logs, queueBytes } = pipeline.stats()
  expect(queueBytes).toBeLessThanOrEqual(MAX_BYTES)
  expect(logs.dropped.queue_full).toBe(droppedOf(logs))
  expect(logs.dropped.queue_full).toBeGreaterThan(0)
  expectIdentity(pipeline.stats())

  await receiver.listenAgain()
  await pipeline.flush()
  const severities = receiver.receivedLogs.map((log) => log.record.severityNumber)
  expect(severities.filter((severity) => severity === 17)).toHaveLength(100)
  expect(severities.filter((severity) => severity === 13).length).toBeGreaterThanOrEqual(100)
  // Of one severity the newest are kept.
  const debug = receiver.receivedLogs.filter((log) => log.record.severityNumber === 5).map((log) => log.record.body)
  expect(debug.at(-1)).toBe('record 4999')
  expect(debug).toHaveLength(5000 - logs.dropped.queue_full)
  await pipeline.shutdown({ timeoutMillis: 500 })
  await receiver.close()
})

test('a gap shows in the numbers of the records, and a record says how large it is', async () => {
  const receiver = await startReceiver()
  await receiver.stopListening()
  const pipeline = pipelineTo(receiver.url, { queueMaxBytes: MAX_BYTES })
  emit(pipeline, 5000)
  const lost = pipeline.stats().logs.dropped.queue_full
  await receiver.listenAgain()
  await pipeline.flush()
  const dropped = await receiver
    .until('the report', () => receiver.receivedLogs.some((log) => log.record.eventName === 'tracelog.dropped'))
    .then(() => receiver.receivedLogs.find((log) => log.record.eventName === 'tracelog.dropped'))
  expect(dropped?.record.attributes).toMatchObject({
    'tracelog.dropped.count': lost,
    'tracelog.dropped.reason': 'queue_full',
    'tracelog.dropped.first_seq': 0,
    'tracelog.dropped.last_seq': lost - 1,
  })
  await pipeline.shutdown({ timeoutMillis: 500 })
  await receiver.close()
})
