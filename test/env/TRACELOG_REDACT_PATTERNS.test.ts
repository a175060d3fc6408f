import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_REDACT_PATTERNS adds patterns, one per line', () => {
  const { patterns } = configOf({ TRACELOG_REDACT_PATTERNS: 'a{1,3}\nb+' }).redaction
  expect(patterns.map(String)).toEqual(['/a{1,3}/gu', '/b+/gu'])
})

test('a wrong TRACELOG_REDACT_PATTERNS is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_REDACT_PATTERNS: '(' },
    'TRACELOG_REDACT_PATTERNS is "(", but must be regular expressions, one per line',
  )
})
