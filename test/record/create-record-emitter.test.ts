import { expect, test } from 'vitest'

import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { levelsWithoutRules } from '../support/log-sink.ts'

const MILLI = 1_000_000n
const NOW = 1_790_000_000_123_456_789n
const CUT = (NOW / MILLI) * MILLI

function timeWritten(input: { timeUnixNano?: bigint; isTimeCut?: boolean }): bigint {
  const records: LogRecord[] = []
  const sink = { emit: (record: LogRecord) => void records.push(record) }
  createRecordEmitter({ levels: levelsWithoutRules(), sink, clock: { nowUnixNano: () => NOW } }).emit(
    { severityNumber: 9, ...input },
    { name: 'x', version: '' },
    'export',
  )
  return records[0]!.timeUnixNano
}

test.each([
  { what: 'no time: now', input: {}, expected: NOW },
  { what: 'a time as it is', input: { timeUnixNano: CUT }, expected: CUT },
  {
    what: 'a cut time of just now: its own millisecond, with the part that was cut',
    input: { timeUnixNano: CUT, isTimeCut: true },
    expected: NOW,
  },
  {
    what: 'a cut time of the millisecond before: the end of that one',
    input: { timeUnixNano: CUT - MILLI, isTimeCut: true },
    expected: CUT - 1n,
  },
  {
    what: 'a cut time of yesterday as it is',
    input: { timeUnixNano: CUT - 86_400_000n * MILLI, isTimeCut: true },
    expected: CUT - 86_400_000n * MILLI,
  },
  { what: 'a time that was not cut as it is', input: { timeUnixNano: NOW - 1n, isTimeCut: true }, expected: NOW - 1n },
])('takes $what', ({ input, expected }) => {
  expect(timeWritten(input)).toBe(expected)
})
