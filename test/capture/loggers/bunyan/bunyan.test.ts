/** bunyan 1.8 and 2 hold what every logger holds, and what their own streams, serializers and levels ask for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  bodies,
  exceptionOf,
  expectTraceIn,
  loggerContract,
  withoutCounting,
} from '../../../contract/logger.contract.ts'
import { REGISTER, runChild } from '../../../support/child.ts'
import { libraryProgram } from '../../../support/libraries.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../../../support/receiver.ts'

loggerContract({
  name: 'bunyan',
  sets: ['oldest', 'between', 'newest'],
  rows: {
    // bunyan itself takes name, message, stack, code and signal of an error that is all it is given.
    'an error alone, with a cause': [
      {
        body: 't',
        severityNumber: 17,
        attributes: {
          'exception.type': 'TypeError',
          'exception.message': 't',
          'exception.stacktrace': expect.stringMatching(/^TypeError: t\n {4}at /) as unknown,
        },
      },
    ],
    'a trace of its own'({ records, lines }) {
      expect(records).toMatchObject([{ body: 'own', attributes: { trace_id: 'mine' } }])
      expect(records[0]?.attributes).not.toHaveProperty('span_id')
      expect(JSON.parse(lines[0]!)).toMatchObject({ trace_id: 'mine' })
    },
    'traces of calls'(result) {
      const ids = ['trace_id', 'span_id', 'trace_flags']
      const [, second, third, ours] = result.lines.map((line) =>
        Object.entries(JSON.parse(line) as Record<string, string>).filter(([key]) => ids.includes(key)),
      )
      expect(second).toEqual([['trace_id', 'mine']])
      expect(Object.fromEntries(third!)).toEqual({ trace_id: 'mine', span_id: 'my span' })
      expect(ours?.map(([key]) => key)).toEqual(ids)
      expect(result.records.map(({ attributes }) => ids.map((key) => attributes[key]))).toEqual([
        ['mine', undefined, undefined],
        ['mine', undefined, undefined],
        ['mine', 'my span', undefined],
        [undefined, undefined, undefined],
      ])
      expect(result.seen).toEqual(['trace_id', 'trace_id', 'trace_id,span_id', ids.join()])
    },
    names({ records }, { version }) {
      expect(
        records.map(({ body, scope, scopeVersion, attributes }) => [
          body,
          scope,
          scopeVersion,
          withoutCounting(attributes),
        ]),
      ).toEqual([
        ['root', 'orders', version, {}],
        ['child', 'orders', version, { a: 1 }],
        ['fields of the caller', 'bunyan', version, { name: 'Bob', pid: 7, hostname: 'other' }],
      ])
    },
    times({ records }) {
      expect(records).toMatchObject([{ timeUnixNano: 1_000_000_000_000_000_000n }, { body: 'no time' }])
      expect(records.map(({ attributes }) => withoutCounting(attributes))).toEqual([{}, { time: 'tomorrow' }])
    },
    'a level of its own': [{ body: 'between', severityNumber: 13, level: '35' }],
    serializers: [
      { body: 'failed', attributes: { ...exceptionOf, 'exception.code': 'E7' } },
      { body: 'user', attributes: { user: 'bob' } },
    ],
    'odd values'({ records, seen }) {
      expect(records.map(({ body, attributes }) => [body, withoutCounting(attributes)])).toEqual([
        ['x', { toJSON: { told: 1 }, lone: '\uFFFD', r: '/x/', f: 1.5 }],
      ])
      expect(seen).toBe(1)
    },
    'the place of the call'({ records }) {
      expect(records).toMatchObject([
        {
          body: 'where',
          attributes: {
            'code.file.path': expect.stringMatching(/bunyan-adapter\.cjs$/) as unknown,
            'code.line.number': expect.any(Number) as unknown,
          },
        },
      ])
    },
    'streams of all kinds': [
      { body: 'twice' },
      { body: 'simple child', attributes: { b: 2 } },
      { body: 'grandchild', attributes: { c: 3, d: 4 } },
    ],
    'a stream that is added': [{ body: 'more', severityNumber: 1 }],
    'records in a ring': [{ body: 'kept', attributes: { a: 1 } }],
    'a stream that logs': [{ body: 'outer' }, { body: 'inner' }, { body: 'child of the write', attributes: { c: 1 } }],
    'a stream that throws': bodies('first', 'second', 'third'),
    'only a text'({ records, seen }) {
      expect([records, seen]).toEqual([[], expect.stringContaining('only a text')])
    },
    'by console.log': bodies('by console'),
    'traces in lines'(result) {
      const [plain, child, bound, ofLogger, later] = result.lines
      for (const line of [plain, child, later]) {
        expectTraceIn(line!, result)
        expect(line).toMatch(/^\{"trace_id":"\w{32}","span_id":"\w{16}","trace_flags":"\w\w","name"/)
      }
      for (const line of [bound, ofLogger]) expect(JSON.parse(line!)).toMatchObject({ trace_id: 'mine' })
      expect(JSON.parse(ofLogger!)).not.toHaveProperty('span_id')
      expect(result.records.map(({ body }) => body)).toEqual(['plain', 'child', 'bound', 'of the logger', 'later'])
    },
  },
  // Its key stands where ours would, first.
  printedOtherwise: ['a trace of its own', 'traces of calls'],
})

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

test.each(['oldest', 'newest'] as const)('loggers of the %s bunyan that were made before us are heard', async (set) => {
  const before = receiver.receivedLogs.length
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  await runChild(libraryProgram('loggers/bunyan-late.cjs', set), { preload: 'none', args: [REGISTER], env })
  expect(receiver.receivedLogs.slice(before).map(({ scope, record }) => [scope.name, record.body])).toEqual([
    ['used', 'after'],
    ['unused', 'child after'],
  ])
})

describe('levels', () => {
  interface Told {
    readonly lines: readonly string[]
    readonly asked: { readonly enabled: readonly boolean[] }
  }

  async function run(
    env: Readonly<Record<string, string>>,
  ): Promise<Told & { readonly of: (name: string) => readonly ReceivedLog['record'][] }> {
    const before = receiver.receivedLogs.length
    const { code, stdout, stderr } = await runChild(libraryProgram('loggers/bunyan-levels.cjs', 'newest'), {
      flushesAtEnd: true,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_ACCESS: 'off', ...env },
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const arrived = receiver.receivedLogs.slice(before)
    const of = (name: string) => arrived.filter(({ scope }) => scope.name === name).map(({ record }) => record)
    return { ...(JSON.parse(stdout) as Told), of }
  }

  const LINES = ['now', 'severe', 'within', 'within', 'after']
  const bodiesOf = (records: readonly ReceivedLog['record'][]) => records.map(({ body }) => body)

  test('a child made in one request logs in the trace of the next, and after it in none', async () => {
    const { of, lines } = await run({})
    const [first, second, after] = of('requests').map(({ traceId }) => traceId)
    expect([first, second, after]).toEqual([expect.stringMatching(/^\w{32}$/), expect.stringMatching(/^\w{32}$/), ''])
    expect(second).not.toBe(first)
    expect(lines).toEqual(LINES)
  })

  test('TRACELOG_LEVEL alone decides of what bunyan writes', async () => {
    const { of, lines } = await run({ TRACELOG_LEVEL: 'error' })
    expect([bodiesOf(of('severe')), of('changed'), of('requests'), lines]).toEqual([['severe'], [], [], LINES])
  })

  test('TRACELOG_BUNYAN_ALL=on: levels that are off arrive where TRACELOG_LEVEL wants them, and are not printed', async () => {
    const { of, lines, asked } = await run({ TRACELOG_BUNYAN_ALL: 'on', TRACELOG_LEVEL: 'debug' })
    expect([bodiesOf(of('off')), bodiesOf(of('changed'))]).toEqual([['not printed'], ['not yet', 'now']])
    expect(lines).toEqual(LINES)
    // What asks whether a level is on hears that somebody wants it; its level is what it was.
    expect(asked).toEqual({ enabled: [true, true], levels: [30, 50, 40], level: 30 })
  })

  test('TRACELOG_BUNYAN_ALL=on alone changes nothing', async () => {
    const { of, asked } = await run({ TRACELOG_BUNYAN_ALL: 'on' })
    expect(of('off')).toEqual([])
    expect(asked.enabled).toEqual([true, false])
  })
})
