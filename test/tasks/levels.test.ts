/**
 * T-3: a task's numbers, and whether all of it has arrived, with lines below the level, kept or not, dumped or not.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { drawnTasks } from '../support/drawn-tasks.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { bySeq, isComplete, lineOf } from '../support/task-lines.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

async function run(how: string, env: Record<string, string>) {
  const ended = await runChild('tasks/levels.cjs', {
    args: [how],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_LEVEL: 'info', ...env },
    flushesAtEnd: true,
  })
  expect(ended.stderr).toBe('')
  return bySeq(receiver.receivedLogs).map(({ record }) => record)
}

describe.each([
  { recorder: 'on', how: 'succeeds' },
  { recorder: 'on', how: 'fails' },
  { recorder: 'off', how: 'succeeds' },
  { recorder: 'off', how: 'fails' },
])('recorder $recorder, the task $how', ({ recorder, how }) => {
  test('it is complete, and without any one of its records it is not', async () => {
    const records = await run(how, { TRACELOG_RECORDER: recorder })
    const own = records.filter((one) => one.attributes['tracelog.task.path'] !== undefined)
    // A line that is not even kept takes no number.
    expect([isComplete(own, ''), isComplete(own, recorder === 'on' ? '6' : '5')]).toEqual([true, true])
    const sent = own.filter((one) => one.attributes['tracelog.buffered'] !== true)
    for (const gone of sent.filter((one) => /^\d+$/.test(one.attributes['tracelog.task.path'] as string))) {
      expect(
        isComplete(
          own.filter((one) => one !== gone),
          '',
        ),
        lineOf(gone),
      ).toBe(false)
    }
    // And so says the tree, from records alone or with spans.
    const { receivedLogs, receivedSpans } = receiver
    const incomplete = (gone: unknown, from: 'records' | 'both'): string[] => {
      const left = receivedLogs.filter(({ record }) => record !== gone)
      return drawnTasks({ receivedLogs: left, receivedSpans }, from).filter((line) => line.includes('incomplete'))
    }
    // Of a task whose end is below the level nobody can tell.
    const taskOf = ({ attributes }: (typeof own)[number]): string =>
      (attributes['tracelog.task.path'] as string).replace(/\/?\d+$/, '')
    const ended = new Set(own.filter(({ eventName }) => eventName === 'tracelog.task.end').map(taskOf))
    const hasEnd = (one: (typeof own)[number]): boolean => ended.has(taskOf(one))
    for (const from of ['records', 'both'] as const) {
      expect(incomplete(undefined, from)).toEqual([])
      for (const gone of sent.filter((one) => hasEnd(one) && one.eventName !== 'tracelog.task.end'))
        expect(incomplete(gone, from), lineOf(gone)).not.toEqual([])
    }
    const kept = own.filter((one) => one.attributes['tracelog.buffered'] === true).map(lineOf)
    expect(kept).toEqual(
      recorder === 'on' && how === 'fails'
        ? ['3 details', '4/1 start prepare', '4/2 hidden', '4/4 end succeeded 4-3 prepare', '6/2 copying']
        : [],
    )
  })
})

test('a failed task dumps what is kept, before the record that tells of it', async () => {
  const records = await run('fails', { TRACELOG_RECORDER: 'on' })
  const events = records.map((one) => one.attributes['tracelog.dump.reason'] ?? lineOf(one))
  expect(events).toEqual([
    '1 start import',
    '2 begin',
    '4/3 seen',
    '6/1 start copy',
    '6/3 copied',
    '6/4 end succeeded 4-1 copy',
    'status',
    '3 details',
    '4/1 start prepare',
    '4/2 hidden',
    '4/4 end succeeded 4-3 prepare',
    '6/2 copying',
    '7 end failed 7-3 FAILED import',
  ])
})

test('with a level that nothing of it reaches, a failed task is its end alone', async () => {
  const records = await run('fails', { TRACELOG_RECORDER: 'off', TRACELOG_LEVEL: 'error' })
  expect(records.map(lineOf)).toEqual(['4 end failed 4-3 FAILED import'])
})
