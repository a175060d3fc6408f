import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_CONSOLE switches the capture of console', () => {
  expect(configOf({}).capturesConsole).toBe(true)
  expect(configOf({ TRACELOG_CONSOLE: 'off' }).capturesConsole).toBe(false)
})

test('a wrong TRACELOG_CONSOLE is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_CONSOLE: 'no' }, 'TRACELOG_CONSOLE is "no", but must be one of on, off')
})
