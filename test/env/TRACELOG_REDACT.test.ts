import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_REDACT switches redaction', () => {
  expect(configOf({}).redaction.isOn).toBe(true)
  expect(configOf({ TRACELOG_REDACT: 'off' }).redaction.isOn).toBe(false)
})

test('a wrong TRACELOG_REDACT is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_REDACT: 'no' }, 'TRACELOG_REDACT is "no", but must be one of on, off')
})
