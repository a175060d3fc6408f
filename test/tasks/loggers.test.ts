/**
 * Lines of other loggers within a task: numbered, with what is bound to it, also those that only a dump brings.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { libraryProgram, type LibrarySet } from '../support/libraries.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { bySeq, lineOf } from '../support/task-lines.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

test.each<LibrarySet>(['newest', 'oldest'])('pino and bunyan (%s)', async (set) => {
  const { stderr } = await runChild(libraryProgram('loggers/in-a-task.cjs', set), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_BUNYAN_ALL: 'on' },
    flushesAtEnd: true,
  })
  expect(stderr).toBe('')
  const records = bySeq(receiver.receivedLogs)
    .map(({ record }) => record)
    .filter(({ eventName }) => eventName !== 'tracelog.recorder.dump')
  expect(records.map(lineOf)).toEqual([
    '1 start log',
    '3 pino info',
    '2 pino debug',
    '4 pino error',
    // The error has dumped the task: from now on each leaves as it comes.
    '5 pino child debug',
    '6 pino child info',
    '7 pino child error',
    '8 bunyan debug',
    '9 bunyan info',
    '10 bunyan error',
    '11 end succeeded 11-3 log',
  ])
  expect(new Set(records.map(({ attributes }) => attributes['tenant']))).toEqual(new Set(['a']))
})
