import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_WINSTON_GATE switches the gate before winston formats', () => {
  expect(configOf({}).gatesWinston).toBe(true)
  expect(configOf({ TRACELOG_WINSTON_GATE: 'off' }).gatesWinston).toBe(false)
  expectProblem({ TRACELOG_WINSTON_GATE: 'no' }, 'TRACELOG_WINSTON_GATE is "no", but must be one of on, off')
})
