/**
 * Root tasks as rows: whatever the order of their records.
 */
import { assert, property, shuffledSubarray } from 'fast-check'
import { expect, test } from 'vitest'

import type { LogRow } from '../../../src/model/api.ts'
import { RootTasks } from '../../../src/backend/ui/tasks/root-tasks.ts'

const BEGAN = Date.parse('2026-12-01T10:00:00.000Z')

function row(event: string, at: number, more: Readonly<Record<string, unknown>> = {}): LogRow {
  const time = new Date(BEGAN + at).toISOString()
  const nanos = String(BigInt(BEGAN + at) * 1_000_000n)
  const trace = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }
  const said = { level: 'INFO', service: 'job', message: 'Import the users', ...trace, event: `tracelog.task.${event}` }
  return { _id: String(at), time_ns: nanos, observed_ns: nanos, timestamp: time, ...said, ...more }
}

const START = row('start', 0, { task: 'Import the users' })
const FIRST = row('progress', 10, { 'tracelog.task.done': 3, 'tracelog.task.total': 9 })
const SECOND = row('progress', 20, { 'tracelog.task.done': 7, 'tracelog.task.total': 9 })
const END = row('end', 41, { 'tracelog.task.status': 'failed', error_message: 'no such file' })

function rowsOf(...rows: readonly LogRow[]) {
  const tasks = new RootTasks()
  for (const one of rows) tasks.add(one)
  return tasks.rows()
}

test('a task that is done has its goal, how far it was, how it ended and how long it took, in any order of records', () => {
  const expected = {
    goal: 'Import the users',
    service: 'job',
    beganAt: BEGAN,
    status: 'failed',
    tookMillis: 41,
    progress: '7 of 9',
    said: 'no such file',
  }
  assert(
    property(shuffledSubarray([START, FIRST, SECOND, END, SECOND], { minLength: 5 }), (rows) => {
      expect(rowsOf(...rows)).toMatchObject([expected])
    }),
  )
})

test.each([
  {
    name: 'that runs',
    rows: [START, FIRST],
    expected: { status: undefined, tookMillis: undefined, progress: '3 of 9' },
  },
  {
    name: 'without its start',
    rows: [SECOND, END],
    expected: { goal: '<missing>', tookMillis: undefined, status: 'failed' },
  },
  {
    name: 'of unknown size',
    rows: [START, row('progress', 5, { 'tracelog.task.done': 2 })],
    expected: { progress: '2' },
  },
])('a task $name', ({ rows, expected }) => {
  expect(rowsOf(...rows)).toMatchObject([expected])
})

test('the newest comes first, and other records are none', () => {
  const later = { ...row('start', 99, { task: 'Later' }), span_id: 'c'.repeat(16) }
  expect(rowsOf(START, later, { ...START, event: 'tracelog.dropped' }).map(({ goal }) => goal)).toEqual([
    'Later',
    'Import the users',
  ])
})
