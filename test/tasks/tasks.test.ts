/**
 * Tasks as an application sees them: a child process, and what the endpoint gets of it.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { bySeq, lineOf } from '../support/task-lines.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

async function run(program: string, env: Record<string, string> = {}, node?: string) {
  const ended = await runChild(`tasks/${program}`, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    flushesAtEnd: true,
    ...(node !== undefined && { node }),
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

describe('whatever a function returns or throws', () => {
  let ran: Awaited<ReturnType<typeof run>>

  beforeEach(async () => {
    ran ??= await run('kinds.cjs')
  })

  test('the application has the same', () => {
    const said = JSON.parse(ran.stdout) as Record<string, string>
    expect(Object.entries(said).filter(([, what]) => what !== 'as before')).toEqual([])
    expect(ran.stderr).not.toContain('fault')
  })

  test.each<[string, readonly string[]]>([
    ['value', ['1 start value', '2 end succeeded 2-0 value']],
    [
      'thrown',
      ['1 start thrown', '2/1 start inner', '2/2 end failed 2-0 FAILED inner', '3 end failed 3-0 FAILED thrown'],
    ],
    ['promise', ['1 start promise', '2 later', '3 end succeeded 3-0 promise']],
    ['rejection', ['1 start rejection', '2 end failed 2-0 FAILED rejection']],
    ['promise that can do more', ['1 start promise that can do more', '2 end succeeded 2-0 promise that can do more']],
    [
      'promise with a then of its own',
      ['1 start promise with a then of its own', '2 end succeeded 2-0 promise with a then of its own'],
    ],
    [
      'promise of which only another method is used',
      [
        '1 start promise of which only another method is used',
        '2 end succeeded 2-0 promise of which only another method is used',
      ],
    ],
    [
      'promise with an error of its own',
      ['1 start promise with an error of its own', '2 end failed 2-0 FAILED promise with an error of its own'],
    ],
    [
      'promise of a class that makes no other',
      ['1 start promise of a class that makes no other', '2 end succeeded 2-0 promise of a class that makes no other'],
    ],
    ['thenable', ['1 start thenable', '2 end succeeded 2-0 thenable']],
    ['generator', ['1 start generator', '2 first', '3 second', '4 end succeeded 4-0 generator']],
    ['generator that is left', ['1 start generator that is left', '2 end succeeded 2-0 generator that is left']],
    ['async generator', ['1 start async generator', '2 within', '3 end succeeded 3-0 async generator']],
    ['ended twice', ['1 start ended twice', '2 end succeeded 2-0 done']],
    ['late', ['1 start late', '2 end succeeded 2-0 late', '3 too late']],
    [
      'a child that nobody waits for',
      [
        '1 start a child that nobody waits for',
        '2/1 start child',
        '3 end succeeded 3-0 a child that nobody waits for',
        '2/2 alone',
        '2/3 end succeeded 3-0 child',
      ],
    ],
    [
      'race',
      [
        '1 start race',
        '2/1 start fast',
        '3/1 start slow',
        '2/2 end succeeded 2-0 fast',
        '4 end succeeded 4-0 race',
        '3/2 end succeeded 2-0 slow',
      ],
    ],
    ['cancelled', ['1 start cancelled', '2 end cancelled 2-0 cancelled']],
    ['failed without a reason', ['1 start failed without a reason', '2 end failed 2-0 FAILED failed without a reason']],
    ['a text is thrown', ['1 start a text is thrown', '2 end failed 2-0 FAILED a text is thrown']],
    ['what cannot be read', ['1 start what cannot be read', '2 end failed 2-0 FAILED what cannot be read']],
    [
      'by hand',
      ['1 start by hand', '2 within', '3/1 start below', '3/2 end succeeded 2-0 below', '4 end succeeded 4-0 by hand'],
    ],
    ['quiet', ['1 start quiet', '2/1 start also']],
    [
      'decorated',
      [
        '1 start decorated',
        '2/1 start open the shop',
        '2/2 end succeeded 2-0 open the shop',
        '3 end succeeded 3-0 decorated',
      ],
    ],
  ])('%s: its records', (name, expected) => {
    expect(ofRoot(ran, name).map(lineOf)).toEqual(expected)
  })

  test('one error has one stack, in the innermost task; the others say where it is', () => {
    const failed = ofRoot(ran, 'nested').filter(({ severityNumber }) => severityNumber === 17)
    expect(failed).toHaveLength(41)
    const [innermost, ...around] = failed
    expect(innermost?.body).toBe('FAILED depth 0')
    expect(innermost?.attributes['exception.stacktrace']).toMatch(/^Error: deep\n/)
    for (const { attributes } of around) {
      expect(attributes).toMatchObject({
        'exception.type': 'Error',
        'exception.message': 'deep',
        'tracelog.error.ref': innermost?.spanId,
      })
      expect(attributes['exception.stacktrace']).toBeUndefined()
    }
    const ids = new Set(failed.map(({ spanId }) => spanId))
    const events = ran.spans.filter(({ span }) => ids.has(span.spanId)).map(({ span }) => span.events)
    expect(events.every((one) => one.length === 1 && one[0]?.name === 'exception')).toBe(true)
    expect(events.flat().filter(({ attributes }) => 'exception.stacktrace' in attributes)).toHaveLength(1)
  })

  test('an error that is kept and thrown again has its stack in each trace', () => {
    const told = ran.records.filter(({ body }) => body === 'FAILED again')
    expect(told.map(({ attributes }) => typeof attributes['exception.stacktrace'])).toEqual(['string', 'string'])
  })

  test('what comes after the end says so, and a cancellation is no failure', () => {
    expect(ofRoot(ran, 'late').map(({ attributes }) => attributes['tracelog.task.late'])).toEqual([
      undefined,
      undefined,
      true,
    ])
    const [start, end] = ofRoot(ran, 'cancelled')
    expect(end?.severityNumber).toBe(9)
    const span = ran.spans.find(({ span: { spanId } }) => spanId === start?.spanId)?.span
    expect(span).toMatchObject({ statusCode: 0, events: [] })
  })
})

/** The records of the trace that a root of this goal begins. */
function ofRoot({ records }: Awaited<ReturnType<typeof run>>, goal: string) {
  const root = records.find(({ attributes }) => attributes['tracelog.task.goal'] === goal)
  return records.filter(({ traceId }) => traceId === root?.traceId)
}

test('progress: the first and the last value are told, of those between a few', async () => {
  const { records, stdout } = await run('progress.cjs')
  expect(stdout).toBe('ended\n')
  const told = records.filter(({ eventName }) => eventName === 'tracelog.task.progress')
  const values = told.map(({ attributes, body }) => [
    attributes['tracelog.task.done'],
    attributes['tracelog.task.total'],
    body,
  ])
  expect(values[0]).toEqual([1, 1000, 'copy: 1 of 1000'])
  expect(values).toContainEqual([1000, 1000, 'copy: 1000 of 1000'])
  expect(values.at(-1)).toEqual([1002, 1002, 'all there'])
  expect(values.length).toBeLessThan(10)
  const numbers = records.filter(({ eventName }) => eventName !== '').map(lineOf)
  expect(numbers.at(-1)).toBe(`${told.length + 2} end succeeded ${told.length + 2}-0 copy`)
  expect(told[0]?.severityNumber).toBe(9)
})

test.each(NODE_VERSIONS)('an error that nobody waits for ends the process as without tasks (%s)', async (version) => {
  const node = nodeBinary(version)
  const bare = await runChild('tasks/unhandled.cjs', { preload: 'none', node })
  const { code, stderr, records } = await run('unhandled.cjs', {}, node)
  expect([code, stderr.split('\n')[4]]).toEqual([bare.code, bare.stderr.split('\n')[4]])
  expect(bare.code).toBe(1)
  expect(records.map(lineOf)).toContain('2 end failed 2-0 FAILED alone')
})

test('a process that ends with a task open tells how far it was', async () => {
  const { records } = await run('stalled.cjs')
  expect(records.map(lineOf)).toEqual(['1 start copy', '2 progress copy: 1 of 3', '3 progress copy: 2 of 3'])
})

test.each([
  { program: 'for-ever.cjs', what: 'from a timer' },
  { program: 'open-chain.cjs', what: 'and never ends itself' },
])('a task that begins the next one, for ever, $what keeps nothing of those long before', async ({ program }) => {
  const { stdout } = await runChild(`tasks/${program}`, {
    env: { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' },
    nodeArgs: ['--expose-gc'],
  })
  expect(Number(stdout)).toBeLessThan(200)
})
