/**
 * The flight recorder as an application sees it: a child process whose loggers stand at INFO, and what the endpoint gets of its requests.
 *
 * The names of the cases are those of the specification: A-1 and so on.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RecorderStats } from '../../src/model/recorder-stats.ts'
import { fixture, runChild, type ChildEnd, type ChildOptions } from '../support/child.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../support/receiver.ts'

const HEADER = 'tracelog.recorder.dump'

/** Lets time pass at once. */
const WITH_CLOCK: ChildOptions = { nodeArgs: ['--require', fixture('recorder/clock.cjs')] }

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

interface Ran extends ChildEnd {
  readonly logs: readonly ReceivedLog[]
  readonly stats: RecorderStats
}

async function shop(turns: readonly string[], env: Record<string, string> = {}, more: ChildOptions = {}): Promise<Ran> {
  const ended = await runChild('recorder/shop.cjs', {
    ...more,
    args: turns,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_RECORDER: 'on', ...env },
  })
  const lines = ended.stdout.trim().split('\n')
  const last = lines.findLast((line) => line.startsWith('{"units"')) ?? '{}'
  return { ...ended, logs: receiver.receivedLogs, stats: JSON.parse(last) as RecorderStats }
}

/** What was written, in order, without what every request writes; a dump's header as `[reason]`. */
function story(logs: readonly ReceivedLog[], isOf: (log: ReceivedLog) => boolean = () => true): unknown[] {
  return logs
    .filter((log) => log.record.eventName !== 'tracelog.http.server.end' && isOf(log))
    .toSorted((a, b) => Number(a.record.attributes['tracelog.seq']) - Number(b.record.attributes['tracelog.seq']))
    .map(({ record }) =>
      record.eventName === HEADER ? `[${record.attributes['tracelog.dump.reason'] as string}]` : record.body,
    )
}

const headers = (logs: readonly ReceivedLog[]): ReceivedLog[] =>
  logs.filter(({ record }) => record.eventName === HEADER)
const recovered = (logs: readonly ReceivedLog[]): ReceivedLog[] =>
  logs.filter(({ record }) => record.attributes['tracelog.buffered'] === true)

describe('A-1: of 50 requests at once one fails', () => {
  test('exactly its lines are there: header, what was kept, the error, what came after', async () => {
    const paths = Array.from({ length: 50 }, (_, n) => (n === 17 ? '/error/17' : `/good/${n}`)).join('+')
    const { logs, stats } = await shop(['outside', paths])
    const [header] = headers(logs)
    const { traceId } = header!.record
    expect(story(logs, ({ record }) => record.traceId === traceId)).toEqual([
      'info 17',
      '[level]',
      'begin 17',
      'looked up 17',
      'failed 17',
      'after 17',
    ])
    expect(headers(logs)).toHaveLength(1)
    expect(recovered(logs).map(({ record }) => record.traceId)).toEqual([traceId, traceId, traceId])
    expect(new Set(story(logs, ({ record }) => record.traceId !== traceId))).toEqual(
      new Set(Array.from({ length: 50 }, (_, n) => `info ${n}`).filter((body) => body !== 'info 17')),
    )
    expect(stats.dumps).toMatchObject({ level: 1, status: 0 })
    expect(stats.kept).toBe(101)
  })

  test('a recovered record has its own time, span, level and scope, and the header says what follows', async () => {
    const { logs } = await shop(['/error/3'])
    const [header] = headers(logs)
    const [first] = recovered(logs)
    expect(header).toMatchObject({
      scope: { name: 'tracelog.recorder' },
      record: {
        severityNumber: 13,
        body: '2 records kept below the level',
        attributes: {
          'tracelog.dump.reason': 'level',
          'tracelog.dump.buffered': 2,
          'tracelog.dump.evicted_records': 0,
          'tracelog.dump.evicted_bytes': 0,
        },
      },
    })
    expect(first).toMatchObject({
      scope: { name: 'winston' },
      record: { severityNumber: 5, severityText: 'debug', attributes: { n: 3 }, spanId: header!.record.spanId },
    })
    expect(first!.record.timeUnixNano).toBeLessThan(header!.record.timeUnixNano)
    const time = new Date(Number(first!.record.timeUnixNano / 1_000_000n)).toISOString()
    expect(header!.record.attributes['tracelog.dump.first_timestamp']).toBe(time)
  })

  test('winston, console and the Logs API below their levels', async () => {
    const { logs } = await shop(['/all/1'], { TRACELOG_LEVEL: 'info' })
    expect(story(logs)).toEqual(['[status]', 'winston of 1', 'console of 1', 'api of 1'])
    expect(recovered(logs).map(({ scope }) => scope.name)).toEqual(['winston', 'console', 'api'])
  })
})

test('A-3: good requests export nothing below the level, and what they keep takes no more than its limits', async () => {
  const turns = Array.from({ length: 20 }, () => '/many/100*20')
  const { logs, stats } = await shop(turns)
  expect(recovered(logs)).toEqual([])
  expect(stats).toMatchObject({ kept: 40_000, dumped: 0, evicted: 0 })
  expect(stats.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
})

test('A-4: a trace that is not sampled is dumped all the same, with its ids', async () => {
  const { logs } = await shop(['/error/3'], { OTEL_TRACES_SAMPLER: 'always_off' })
  const ids = new Set(logs.map(({ record }) => record.traceId))
  expect(story(logs).slice(0, 5)).toEqual(['info 3', '[level]', 'begin 3', 'looked up 3', 'failed 3'])
  expect([...ids]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
  expect(logs.every(({ record }) => (record.traceFlags & 1) === 0)).toBe(true)
})

test('with TRACELOG_LOGS_FOLLOW_SAMPLING=on the records of such a trace are kept, and a dump brings them', async () => {
  const env = { OTEL_TRACES_SAMPLER: 'always_off', TRACELOG_LOGS_FOLLOW_SAMPLING: 'on' }
  const { logs } = await shop(['/good/1', '/error/3'], env)
  expect(story(logs).slice(0, 5)).toEqual(['[level]', 'begin 3', 'looked up 3', 'info 3', 'failed 3'])
})

test('A-5: of 300 that fail alike a few are dumped; every record of the level arrives', async () => {
  const { logs, stats } = await shop(['/error/#*300'])
  const { dumps, suppressed } = stats
  expect(dumps.level + suppressed).toBe(300)
  expect(dumps.level).toBe(5)
  expect(headers(logs).filter(({ record }) => record.attributes['tracelog.dump.suppressed'] === true)).toHaveLength(295)
  expect(story(logs, ({ record }) => record.severityNumber === 17)).toHaveLength(300)
  // Of a suppressed one nothing is exported, and it stays in memory for who asks for it.
  expect(recovered(logs)).toHaveLength(15)
})

test.each(['always_on', 'always_off'])(
  'A-6: each consumed message is a unit, and its children are of it (%s)',
  async (sampler) => {
    const { logs } = await shop(['consume'], { OTEL_TRACES_SAMPLER: sampler })
    expect(story(logs)).toEqual(['[status]', 'message 2', 'child of 2'])
  },
)

test('A-7: two requests of one trace in one process are kept apart', async () => {
  const { logs } = await shop(['same-trace'])
  expect(recovered(logs).map(({ record }) => record.body)).toEqual(['begin 2', 'looked up 2', 'after 2'])
  expect(new Set(logs.map(({ record }) => record.traceId))).toEqual(new Set(['a'.repeat(32)]))
})

describe('A-8 and A-10: what a dump shows', () => {
  test('is what was logged, without secrets and without what only transports remove', async () => {
    const { logs } = await shop(['/secret'], { TRACELOG_LEVEL: 'info' })
    const shown = recovered(logs).map(({ record: { body, attributes } }) => [body, attributes])
    const seq = { 'tracelog.buffered': true, 'tracelog.seq': expect.any(Number) }
    expect(shown).toEqual([
      ['order', { card: expect.stringContaining('redacted'), password: '[redacted]', id: 7, ...seq }],
      ['order of the other', { id: 8, ...seq }],
      ['nested', { nested: { list: [{ id: 1 }] }, ...seq }],
      ['from the api', { list: [{ id: 'changed' }], ...seq }],
    ])
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|4111|visible/)
  })
})

test('A-9: where there is no room, lines of good requests go before those of a dump', async () => {
  receiver.fault = { status: 503, retryAfter: '1' }
  const running = shop(['/burst/100', '/good/#*1500', 'ready', 'flush'], { TRACELOG_QUEUE_MAX_BYTES: '131072' })
  await receiver.until('some requests', () => receiver.requests.length > 0)
  receiver.fault = undefined
  const { logs } = await running
  expect(recovered(logs)).toHaveLength(100)
})

describe('A-11: the process ends with an error while requests run', () => {
  test.each([
    { how: 'process.exit(1)', last: '/exit', own: 'exit' },
    { how: 'an uncaught exception', last: '/throws', own: 'exception' },
  ])('$how: all of them are dumped and delivered', async ({ last, own }) => {
    const { logs, code } = await shop([`/open/1+/open/2+${last}`])
    expect(code).toBe(1)
    const reasons = headers(logs).map(({ record }) => record.attributes['tracelog.dump.reason'])
    expect(reasons).toHaveLength(3)
    expect(new Set(reasons)).toEqual(new Set(['exit', own]))
    expect(recovered(logs).map(({ record }) => record.body)).toEqual(
      expect.arrayContaining(['open 1', 'open 2', last === '/exit' ? 'exits' : 'throws']),
    )
  })

  test('a natural end dumps nothing', async () => {
    expect(headers((await shop(['/good/1'])).logs)).toEqual([])
  })
})

describe('A-12: flush() settles complete', () => {
  test('during 100 dumps of different failures, and all of them arrive', async () => {
    // No more than 50 at once: then a minute passes.
    const half = (first: number, second: number) => `/kind/${first}#*25+/flush/0+/kind/${second}#*25`
    const { stdout, logs, stats } = await shop([half(1, 2), 'pass60000', half(3, 4), 'flush'], {}, WITH_CLOCK)
    expect(stdout.match(/"isComplete":true/g)).toHaveLength(3)
    expect(stats).toMatchObject({ suppressed: 0, dumped: 100, dumps: { level: 100 } })
    expect(headers(logs)).toHaveLength(100)
    expect(new Set(recovered(logs).map(({ record }) => record.body)).size).toBe(100)
  })

  test('after 50 dumps of the same, of which some are suppressed', async () => {
    const { stdout, logs, stats } = await shop(['/burst/3*50', 'flush'])
    expect(stdout).toContain('"isComplete":true')
    expect(stats.suppressed + stats.dumps.status).toBeGreaterThan(0)
    expect(headers(logs).length).toBe(stats.suppressed + stats.dumps.status)
  })
})

test('A-13: what the application prints is what it prints without us, its stacks too', async () => {
  const args = ['recorder/prints.cjs', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } }] as const
  const bare = await runChild(args[0], { preload: 'none' })
  const ours = await runChild(...args)
  expect({ out: ours.stdout, err: ours.stderr, code: ours.code }).toEqual({
    out: bare.stdout,
    err: bare.stderr,
    code: bare.code,
  })
  expect(recovered(receiver.receivedLogs).map(({ record }) => record.body)).toEqual(['below', 'stack'])
})

describe('a unit', () => {
  test('of its own is dumped by itself, and not the request around it', async () => {
    const { logs } = await shop(['/unit/0', '/unit/1'])
    expect(story(logs)).toEqual(['[exception]', 'of the unit 1'])
    expect(headers(logs)[0]!.record.spanId).not.toBe('')
  })

  test('recorder.dump() hands over what is kept and lets through what comes; recorder.discard() forgets', async () => {
    const { logs } = await shop(['/dump', '/discard'])
    expect(story(logs)).toEqual(['[manual]', 'to dump', 'after the dump', '[status]', 'after the discard'])
    expect(headers(logs)[0]!.record.body).toBe('1 record kept below the level: because')
  })

  test('that has ended is remembered for a while', async () => {
    const { logs } = await shop(['/late', 'late'])
    expect(story(logs)).toEqual(['[level]', 'before', 'late error'])
  })
})

test('TRACELOG_DEBUG=1 says at the end what became of the lines that were kept', async () => {
  const { stderr } = await shop(['/good/1', '/error/2'], { TRACELOG_DEBUG: '1' })
  expect(stderr).toMatch(
    /^tracelog: recorder: 5 kept = 3 dumped \+ \d discarded \+ 0 evicted \+ \d in memory; dumps: 1 level; share all$/m,
  )
})
