import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_LINE chooses full or minimal lines', () => {
  expect(configOf({ TRACELOG_LINE: 'minimal', TRACELOG_FILE: 'x' }).destinations.file?.line).toBe('minimal')
})

test('a wrong TRACELOG_LINE is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_LINE: 'short' }, 'TRACELOG_LINE is "short", but must be one of full, minimal')
})
