/**
 * Tasks as an application sees them: a child process, and what the endpoint gets of it.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { bySeq, lineOf } from '../support/task-lines.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

async function run(program: string, env: Record<string, string> = {}) {
  const ended = await runChild(`tasks/${program}`, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    flushesAtEnd: true,
  })
  return { ...ended, records: bySeq(receiver.receivedLogs).map(({ record }) => record), spans: receiver.receivedSpans }
}

test('a task and its subtasks are spans and numbered records, with the lines of every logger between', async () => {
  const { stdout, stderr, records, spans } = await run('story.cjs')
  expect(stderr).toBe('')
  expect(records.map(lineOf)).toEqual([
    '1 start import 3 files',
    '2 from console',
    '3 from the API',
    '4/1 start count',
    '4/2 end succeeded 2-0 count',
    '5/1 start read',
    '5/2 reading',
    '5/3 end succeeded 3-0 read',
    '6/1 start write',
    '6/2 end failed 2-0 FAILED write',
    '8 end succeeded 8-1 import 3 files',
    '1 start alone',
    '2 end succeeded 2-0 alone',
  ])
  const [root] = spans.filter(({ span }) => span.name === 'import %d files')
  const said = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>
  expect(said).toEqual({
    count: 3,
    error: 'disk full',
    isCurrent: true,
    isOutside: true,
    token: `00-${root!.span.traceId}-${root!.span.spanId}-03;7`,
  })
  const parents = spans.map(({ span }) => [span.name, span.parentSpanId])
  expect(parents).toEqual([
    ['count', root!.span.spanId],
    ['read', root!.span.spanId],
    ['write', root!.span.spanId],
    ['import %d files', ''],
    ['alone', ''],
  ])
  expect(records.filter(({ traceId }) => traceId === root!.span.traceId)).toHaveLength(11)
})

test('what is bound to a task is on its records and those of its subtasks; the goal is where it begins', async () => {
  const { records } = await run('story.cjs')
  const bound = records.map(({ attributes }) => [attributes['tenant'], attributes['file']])
  expect(bound.slice(0, 8)).toEqual([
    ['a', undefined],
    ['a', undefined],
    ['a', undefined],
    ['a', undefined],
    ['a', undefined],
    ['a', undefined],
    ['a', 'x'],
    ['a', 'x'],
  ])
  expect(records.filter(({ attributes }) => 'tracelog.task.goal' in attributes)).toHaveLength(5)
  expect(records.at(-2)?.attributes).toEqual({
    'tracelog.task.goal': 'alone',
    'tracelog.task.orphan': true,
    'tracelog.task.path': '1',
    'tracelog.seq': expect.any(Number),
  })
})
