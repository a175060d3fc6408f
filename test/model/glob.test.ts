import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createGlob, createGlobs } from '../../src/model/glob.ts'

test.each([
  ['/health*', '/health', true],
  ['/health*', '/health/db', true],
  ['/health*', '/v1/health', false],
  ['/metrics', '/metrics2', false],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*b*a', 'aba', true],
  ['ab*ba', 'aba', false],
  ['*aab', 'aaab', true],
  ['*a*b', 'ba', false],
  ['a**b', 'ab', true],
  ['a.c*', 'abc', false],
  ['line*', 'line\none', true],
])('%j matches %j: %s', (glob, text, expected) => {
  expect(createGlob(glob)(text)).toBe(expected)
})

test('says what a regular expression would say', () => {
  const letters = fc.constantFrom('a', 'b', '*', '.')
  const texts = fc.string({ unit: letters, maxLength: 9 })
  fc.assert(
    fc.property(texts, texts, (glob, text) => {
      const parts = glob.split('*').map((part) => part.replaceAll('.', String.raw`\.`))
      expect(createGlob(glob)(text)).toBe(new RegExp(`^${parts.join('.*')}$`, 's').test(text))
    }),
    { numRuns: 2_000 },
  )
})

test('of several, one that matches is enough', () => {
  const matches = createGlobs(['/metrics', '/health*'])
  expect(['/metrics', '/healthz', '/'].map(matches)).toEqual([true, true, false])
})
