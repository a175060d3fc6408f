import { expect, test } from 'vitest'

import { DropLedger } from '../../src/export/drop-ledger.ts'
import { SignalCounts } from '../../src/export/pipeline-stats.ts'

function begin() {
  const counts = { logs: new SignalCounts(), spans: new SignalCounts() }
  return { counts, ledger: new DropLedger(counts) }
}

test('each loss is counted once, by signal and reason', () => {
  const { counts, ledger } = begin()
  ledger.add('logs', { reason: 'queue_full', removed: { count: 3, firstSeq: 0, lastSeq: 2 } })
  ledger.add('logs', { reason: 'rejected', removed: { count: 2, firstSeq: 7, lastSeq: 8 } })
  ledger.add('spans', { reason: 'queue_full', removed: { count: 1, firstSeq: 0, lastSeq: 0 } })
  ledger.add('spans', { reason: 'expired', removed: { count: 0, firstSeq: 0, lastSeq: 0 } })
  expect(counts.logs.dropped).toMatchObject({ queue_full: 3, rejected: 2 })
  expect(counts.spans.dropped).toMatchObject({ queue_full: 1, expired: 0 })
})

test('what is due is one record per signal and reason, over everything since the last', () => {
  const { ledger } = begin()
  ledger.add('logs', { reason: 'queue_full', removed: { count: 3, firstSeq: 5, lastSeq: 7 } })
  ledger.add('logs', { reason: 'queue_full', removed: { count: 2, firstSeq: 1, lastSeq: 2 } })
  expect(ledger.takeDue()).toEqual([
    {
      'tracelog.dropped.count': 5,
      'tracelog.dropped.reason': 'queue_full',
      'tracelog.dropped.signal': 'logs',
      'tracelog.dropped.first_seq': 1,
      'tracelog.dropped.last_seq': 7,
    },
  ])
})

test('of one reason there is at most one record in ten seconds, but the last one always', () => {
  const { ledger } = begin()
  const removed = { count: 1, firstSeq: 1, lastSeq: 1 }
  ledger.add('logs', { reason: 'queue_full', removed })
  expect(ledger.takeDue()).toHaveLength(1)
  ledger.add('logs', { reason: 'queue_full', removed })
  expect(ledger.takeDue()).toHaveLength(0)
  expect(ledger.takeDue(true)).toHaveLength(1)
})
