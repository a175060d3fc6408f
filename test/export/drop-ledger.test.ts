import { describe, expect, test, vi } from 'vitest'

import { DropLedger } from '../../src/export/drop-ledger.ts'
import { LaneCounts } from '../../src/export/lane-counts.ts'

const { written } = vi.hoisted(() => ({ written: [] as string[] }))
vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  writeSync: (_: number, line: string) => written.push(line),
}))

function begin() {
  const lane = (signal: 'logs' | 'spans', isPrimary = true) => ({
    signal,
    name: isPrimary ? 'otlp' : 'file',
    isPrimary,
    counts: new LaneCounts(),
  })
  const lanes = { logs: lane('logs'), spans: lane('spans'), file: lane('logs', false) }
  return { lanes, ledger: new DropLedger() }
}

test('each loss is counted once, by signal and reason', () => {
  const { lanes, ledger } = begin()
  ledger.add(lanes.logs, { reason: 'queue_full', removed: { count: 3, firstSeq: 0, lastSeq: 2 } })
  ledger.add(lanes.logs, { reason: 'rejected', removed: { count: 2, firstSeq: 7, lastSeq: 8 } })
  ledger.add(lanes.spans, { reason: 'queue_full', removed: { count: 1, firstSeq: 0, lastSeq: 0 } })
  ledger.add(lanes.spans, { reason: 'expired', removed: { count: 0, firstSeq: 0, lastSeq: 0 } })
  expect(lanes.logs.counts.dropped).toMatchObject({ queue_full: 3, rejected: 2 })
  expect(lanes.spans.counts.dropped).toMatchObject({ queue_full: 1, expired: 0 })
})

test('what is due is one record per signal and reason, over everything since the last', () => {
  const { lanes, ledger } = begin()
  ledger.add(lanes.logs, { reason: 'queue_full', removed: { count: 3, firstSeq: 5, lastSeq: 7 } })
  ledger.add(lanes.logs, { reason: 'queue_full', removed: { count: 2, firstSeq: 1, lastSeq: 2 } })
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
  const { lanes, ledger } = begin()
  const removed = { count: 1, firstSeq: 1, lastSeq: 1 }
  ledger.add(lanes.logs, { reason: 'queue_full', removed })
  expect(ledger.takeDue()).toHaveLength(1)
  ledger.add(lanes.logs, { reason: 'queue_full', removed })
  expect(ledger.takeDue()).toHaveLength(0)
  expect(ledger.takeDue(true)).toHaveLength(1)
})

describe('the lines on stderr', () => {
  function said(run: (begun: ReturnType<typeof begin>) => void): string[] {
    written.length = 0
    run(begin())
    return written.map((line) => line.trimEnd())
  }
  const lose = (count: number) => ({ count, firstSeq: 0, lastSeq: count - 1 })

  test('say what is new, and then how many it is in all', () => {
    expect(
      said(({ ledger, lanes }) => {
        for (const count of [105, 101]) {
          ledger.add(lanes.logs, { reason: 'rejected', removed: lose(count), detail: 'HTTP 400 from a' })
        }
        ledger.sayEnded(true)
        ledger.sayEnded(true)
        ledger.add(lanes.logs, { reason: 'rejected', removed: lose(1), detail: 'HTTP 400 from a' })
        ledger.sayEnded(true)
      }),
    ).toEqual([
      'tracelog: 105 records dropped (rejected: HTTP 400 from a)',
      'tracelog: 101 more records dropped (rejected: HTTP 400 from a), 206 in all',
      'tracelog: 1 more record dropped (rejected: HTTP 400 from a), 207 in all',
    ])
  })

  test.each([
    ['logs', 'tracelog: 1 record dropped (expired: logs)'],
    ['spans', 'tracelog: 1 span dropped (expired: spans)'],
  ] as const)('say one as one of %s', (signal, expected) => {
    expect(
      said(({ ledger, lanes }) => ledger.add(lanes[signal], { reason: 'expired', removed: lose(1), detail: signal })),
    ).toEqual([expected])
  })

  test('say refusals of one kind once, whatever the peer says each time', () => {
    const lines = said(({ ledger, lanes }) => {
      for (let i = 0; i < 1000; i++) {
        ledger.add(lanes.logs, { reason: 'rejected', removed: lose(1), detail: `request ${i} refused`, kind: 'peer' })
      }
      ledger.sayEnded(true)
    })
    expect(lines).toEqual([
      'tracelog: 1 record dropped (rejected: request 0 refused)',
      'tracelog: 999 more records dropped (rejected: request 0 refused), 1000 in all',
    ])
  })

  test('name the lane where others have the records, and make no record of it', () => {
    const lines = said(({ ledger, lanes }) => {
      ledger.add(lanes.file, { reason: 'rejected', removed: lose(50), detail: '/dev/full (ENOSPC)' })
      expect(lanes.file.counts.dropped.rejected).toBe(50)
      expect(lanes.logs.counts.dropped.rejected).toBe(0)
      expect(ledger.takeDue(true)).toEqual([])
    })
    expect(lines).toEqual(['tracelog: 50 records dropped by the lane file (rejected: /dev/full (ENOSPC))'])
  })

  test("show a peer's words cut and escaped", () => {
    const detail = `\u001B[2J\u202Ebad${'x'.repeat(65_536)}`
    const [line = ''] = said(({ ledger, lanes }) =>
      ledger.add(lanes.logs, { reason: 'rejected', removed: lose(1), detail }),
    )
    expect(line).toContain(String.raw`\x1b[2J\u202ebad`)
    expect(line.length).toBeLessThan(300)
  })
})
