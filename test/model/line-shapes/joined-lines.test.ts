/** Text in pieces -> lines, and the lines of a stack as one. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { JoinedLines, type JoinedLine, MAX_LINE } from '../../../src/model/line-shapes/joined-lines.ts'

function linesOf(pieces: readonly string[]): JoinedLine[] {
  const lines: JoinedLine[] = []
  const joined = new JoinedLines<number>(({ text, isStack, isCut }) => lines.push({ text, isStack, isCut }))
  pieces.forEach((piece, index) => joined.push(piece, index))
  joined.end()
  return lines
}

const JS = 'TypeError: boom\n    at f (/a.js:1:2)\n    at g (/a.js:3:4) {\n  code: 1\n}'
const CAUSED =
  'java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: y\n\t... 3 more'
const PYTHON = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nValueError: bad'

test.each([
  ['lines', ['a\nb\r\n', 'c'], ['a', 'b', 'c']],
  ['a line in pieces', ['on', 'e li', 'ne\n'], ['one line']],
  ['blank lines are none', ['\n \na\n\n'], ['a']],
  ['a stack of JavaScript', [`before\n${JS}\nafter\n`], ['before', JS, 'after']],
  ['a stack of Java, with its cause', [`${CAUSED}\nafter\n`], [CAUSED, 'after']],
  ['a stack of Python, up to its exception', [`${PYTHON}\nafter\n`], [PYTHON, 'after']],
  ['two stacks', [`${JS}\n${JS}\n`], [JS, JS]],
  ['an error without a stack', ['Error: x\nafter\n'], ['Error: x', 'after']],
  ['indented text that follows no error', ['a\n    at home\n'], ['a', '    at home']],
])('%s', (_, pieces, expected) => {
  expect(linesOf(pieces).map(({ text }) => text)).toEqual(expected)
})

test.each([JS, CAUSED, PYTHON])('is known as a stack: %s', (stack) => {
  expect(linesOf([`${stack}\n`])).toEqual([{ text: stack, isStack: true, isCut: false }])
})

test('a line that is too long is cut, and the next one is whole', () => {
  const [long, next] = linesOf(['x'.repeat(MAX_LINE), 'more', ' and more\nnext\n'])
  expect(long).toEqual({ text: 'x'.repeat(MAX_LINE), isStack: false, isCut: true })
  expect(next?.text).toBe('next')
})

test('a stack that is too long is cut', () => {
  const [stack] = linesOf([`Error: x\n${'    at f (/a.js:1:2)\n'.repeat(10_000)}`])
  expect(stack).toMatchObject({ isStack: true, isCut: true })
  expect(stack?.text.length).toBeLessThanOrEqual(MAX_LINE)
})

test('what a line belongs to is what its first piece belongs to', () => {
  const origins: unknown[] = []
  const joined = new JoinedLines<string>(({ text }, origin) => origins.push([text, origin]))
  joined.push('a', 'first')
  joined.push('b\nc\n', 'second')
  expect(origins).toEqual([
    ['ab', 'first'],
    ['c', 'second'],
  ])
})

test('however the text is cut into pieces, the lines are the same', () => {
  const word = fc.constantFrom('a', 'Error: x', '    at f (/a.js:1:2)', ' ', PYTHON, JS, 'Caused by: y', '\r')
  fc.assert(
    fc.property(fc.array(word), fc.array(fc.nat(20)), (words, cuts) => {
      const text = words.join('\n')
      const pieces: string[] = []
      let from = 0
      for (const size of cuts) pieces.push(text.slice(from, (from += size)))
      expect(linesOf([...pieces, text.slice(from)])).toEqual(linesOf([text]))
    }),
  )
})
