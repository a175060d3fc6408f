/**
 * A-16 in a real process: what keeping costs is measured, and a load of lines below the level exceeds what it may.
 *
 * The load is real, and so is its cost; the quiet time after it passes at once (fixtures/recorder/clock.cjs).
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import type { RecorderStats } from '../../src/model/recorder-stats.ts'
import { fixture, runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

async function load() {
  const { code, stdout, stderr } = await runChild('recorder/load.cjs', {
    nodeArgs: ['--require', fixture('recorder/clock.cjs')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_EXPORTER: 'none',
      TRACELOG_ACCESS: 'off',
      TRACELOG_LEVEL: 'info',
      TRACELOG_RECORDER: 'auto',
    },
  })
  expect(code).toBe(0)
  const stats = JSON.parse(stdout) as Readonly<Record<'fallen' | 'risen' | 'last', RecorderStats>>
  const seqOf = ({ attributes }: LogRecord): number => Number(attributes['tracelog.seq'])
  const records = receiver.receivedLogs.map(({ record }) => record).toSorted((a, b) => seqOf(a) - seqOf(b))
  const said = stderr.split('\n').filter((line) => line !== '')
  return { ...stats, records, said }
}

test('the share of requests falls, is said once, and rises again when the load is gone, which is said once too', async () => {
  const { fallen, risen, last, records, said } = await load()
  expect(fallen.share).toBeLessThan(1)
  expect(Number.isInteger(Math.log2(fallen.share))).toBe(true)
  expect(risen.share).toBe(1)
  expect(said).toEqual([
    expect.stringMatching(/^tracelog: the flight recorder keeps the debug lines of fewer requests, now of 1 of \d+: /),
    'tracelog: the flight recorder keeps the debug lines of all requests again',
  ])
  expect(last.passed).toBeGreaterThan(0)
  // Who was passed over has a header alone; who is kept, and everybody when all are, has the lines.
  expect(records.map(({ body }) => body)).toEqual([
    'no record was kept below the level, this request was passed over',
    '1 record kept below the level',
    'line of kept',
    '1 record kept below the level',
    'line of again',
  ])
  expect(records[0]?.attributes).toMatchObject({ 'tracelog.dump.reason': 'status', 'tracelog.dump.kept': false })
})
