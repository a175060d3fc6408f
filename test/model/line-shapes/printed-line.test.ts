/** A printed line -> what its record says. */
import { expect, test } from 'vitest'

import { readPrintedLine } from '../../../src/model/line-shapes/printed-line.ts'

const read = (text: string, stream: 'stdout' | 'stderr' = 'stdout', isStack = false) =>
  readPrintedLine({ text, isStack, isCut: false }, stream)

test.each([
  ['text', 'hello', { severityNumber: 9, body: 'hello', logger: undefined, timeUnixNano: undefined }],
  ['colours', '\u001B[1;31mred\u001B[0m', { body: 'red' }],
  ['a link', '\u001B]8;;http://a/\u0007text\u001B]8;;\u0007', { body: 'text' }],
  [
    "pino's JSON",
    '{"level":50,"time":1700000000000,"pid":1,"hostname":"h","name":"api","msg":"m","a":1}',
    {
      severityNumber: 17,
      body: 'm',
      logger: 'api',
      attributes: { 'log.iostream': 'stdout', a: 1 },
      timeUnixNano: 1_700_000_000_000_000_000n,
    },
  ],
  [
    "winston's JSON",
    '{"level":"warn","message":"\\u001b[33mm\\u001b[39m","n":{"b":1}}',
    {
      severityNumber: 13,
      body: 'm',
      attributes: { 'log.iostream': 'stdout', n: { b: 1 } },
    },
  ],
  ['JSON that is none', '{"a":', { severityNumber: 9, body: '{"a":' }],
  ['a level in the text', '2024-09-12T14:35:22Z ERROR it broke', { severityNumber: 17, body: 'it broke' }],
  [
    "Nest's Logger",
    '[Nest] 12  - 11/30/2026, 4:00:00 PM    WARN [Router] careful',
    {
      severityNumber: 13,
      body: 'careful',
      logger: 'Router',
    },
  ],
  [
    "Nest's usual line",
    '[Nest] 12  - 30.11.2026, 16:00:00     LOG [Router] Mapped +1ms',
    {
      severityNumber: 9,
      severityText: 'INFO',
      body: 'Mapped +1ms',
    },
  ],
])('%s', (_, text, expected) => {
  expect(read(text)).toMatchObject(expected)
})

const STACK = 'TypeError: boom\n    at f (/a.js:1:2)'
const EXCEPTION = { 'exception.type': 'TypeError', 'exception.message': 'boom', 'exception.stacktrace': STACK }

test('a stack is an error on stderr only; its exception is told in both', () => {
  expect(read(STACK, 'stderr', true)).toMatchObject({
    severityNumber: 17,
    body: 'TypeError: boom',
    attributes: EXCEPTION,
  })
  expect(read(STACK, 'stdout', true)).toMatchObject({ severityNumber: 9, attributes: EXCEPTION })
  expect(read('not an error', 'stderr')).toMatchObject({ severityNumber: 9 })
})

test('the exception of Python is its last line', () => {
  const text = 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: bad'
  expect(read(text, 'stderr', true)).toMatchObject({
    body: 'ValueError: bad',
    attributes: { 'exception.type': 'ValueError', 'exception.message': 'bad' },
  })
})

test('what was cut says so', () => {
  expect(readPrintedLine({ text: 'x', isStack: false, isCut: true }, 'stdout').attributes).toMatchObject({
    'tracelog.truncated': true,
  })
})
