import { describe, expect, test } from 'vitest'

import { timeOfInput } from '../../src/record/time-input.ts'
import { createTracerProvider } from '../../src/record/tracer-provider.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'

const refuse = (): never => {
  throw new Error('not to be read')
}
const { proxy, revoke } = Proxy.revocable<object>({}, {})
revoke()

/** What is no time, and what OTLP cannot tell. */
const NO_TIMES: readonly (readonly [string, unknown])[] = [
  ['an invalid Date', new Date('x')],
  ['a Date after the year 2554', new Date(8.64e15)],
  ['a Date before 1970', new Date(-1)],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['a negative number', -5],
  ['a large number', Number.MAX_VALUE],
  ['a text', '2024-01-01T00:00:00Z'],
  ['an empty list', []],
  ['a list of texts', ['1', '2']],
  ['a list of NaN', [NaN, NaN]],
  ['a list of three', [1, 2, 3]],
  ['negative seconds', [-1, 0]],
  ['half a second', [1.5, 0]],
  ['seconds beyond 64 bits', [Number.MAX_SAFE_INTEGER, 0]],
  ['a bigint', 5n],
  ['a symbol', Symbol('time')],
  ['a function', () => 1],
  ['null', null],
  ['an object', {}],
  ['a revoked Proxy', proxy],
  ['an object that claims to be a Date', { [Symbol.toStringTag]: 'Date', getTime: refuse }],
  ['a list whose items throw', Object.defineProperty([0, 0], 0, { get: refuse })],
]

test.each(NO_TIMES)('%s is no time', (_name, value) => {
  expect(timeOfInput(value)).toBeUndefined()
})

test.each([
  [[1_700_000_000, 7], 1_700_000_000_000_000_007n],
  [[1_700_000_000, 7.9], 1_700_000_000_000_000_007n],
  [1_700_000_000_123, 1_700_000_000_123_000_000n],
  [new Date(1_700_000_000_123), 1_700_000_000_123_000_000n],
  [Object.assign(new Date(1_700_000_000_123), { getTime: refuse }), 1_700_000_000_123_000_000n],
])('%s is a time', (time, expected) => {
  expect(timeOfInput(time)).toBe(expected)
})

test('a small number is counted from the start of the process, as performance.now() is', () => {
  const nano = timeOfInput(1000) ?? 0n
  expect(Number(nano / 1_000_000n) - (performance.timeOrigin + 1000)).toBeLessThanOrEqual(1)
})

describe('a span that is told no time has the time of the call', () => {
  test.each(NO_TIMES)('%s', (_name, value) => {
    const spans: SpanRecord[] = []
    let now = 1_700_000_000_000_000_000n
    const clock = { nowUnixNano: () => now++ }
    const tracer = createTracerProvider({ sink: { emit: (span) => spans.push(span) }, clock }).getTracer('test')
    const time = value as never
    const span = tracer.startSpan('work', { startTime: time })
    span.addEvent('one', {}, time)
    span.recordException(new Error('x'), time)
    span.end(time)
    expect(spans).toMatchObject([
      {
        startTimeUnixNano: 1_700_000_000_000_000_000n,
        events: [{ timeUnixNano: 1_700_000_000_000_000_001n }, { timeUnixNano: 1_700_000_000_000_000_002n }],
        endTimeUnixNano: 1_700_000_000_000_000_003n,
      },
    ])
  })
})
