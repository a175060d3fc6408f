import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_ACCESS chooses the completion records', () => {
  expect(configOf({}).hops.access).toBe('on')
  expect(configOf({ TRACELOG_ACCESS: 'errors' }).hops.access).toBe('errors')
})

test('a wrong TRACELOG_ACCESS is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_ACCESS: 'all' }, 'TRACELOG_ACCESS is "all", but must be one of on, off, errors')
})
