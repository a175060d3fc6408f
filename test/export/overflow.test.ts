import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { RecordQueue } from '../../src/export/queue.ts'
import { startReceiver } from '../support/receiver.ts'
import { droppedOf, emit, expectIdentity, pipelineTo, record, SCOPE } from './harness.ts'

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

type Step =
  | { readonly kind: 'add'; readonly severity: number }
  | { readonly kind: 'take' | 'settle' | 'putBack' | 'split' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 24 }).map((severity) => ({ kind: 'add' as const, severity })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>({ kind: 'take' }, { kind: 'settle' }, { kind: 'putBack' }, { kind: 'split' }),
  },
)

test('whatever happens to the queue, every record is in it, settled, or evicted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let evicted = 0
      let settled = 0
      let added = 0
      const queue = new RecordQueue({
        resource: new Uint8Array(),
        delayMillis: 0,
        maxBytes: 8 * 1024,
        maxRecords: 50,
        onEvict: (_signal, removed) => (evicted += removed.count),
        onClose: () => {},
      })
      const travelling: NonNullable<ReturnType<typeof queue.take>>[] = []
      for (const one of steps) {
        if (one.kind === 'add') queue.addLog(record('x'.repeat(100), one.severity), SCOPE, added++)
        else if (one.kind === 'take') {
          const batch = queue.take('logs')
          if (batch !== undefined) travelling.push(batch)
        } else {
          const batch = travelling.pop()
          if (batch === undefined) continue
          if (one.kind === 'putBack') queue.putBack(batch)
          else if (one.kind === 'settle' || !queue.split(batch)) {
            settled += batch.ends.length
            queue.settle(batch)
          }
        }
        expect(queue.count('logs') + settled + evicted).toBe(added)
      }
      let left = 0
      queue.dropAll((_signal, removed) => (left += removed.count))
      expect(left + settled + evicted).toBe(added)
      expect(queue.bytes).toBe(0)
    }),
    { numRuns: 200 },
  )
})
