import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_REQUEST_PATH adds the path of server spans', () => {
  expect(configOf({}).hops.keepsRequestPath).toBe(false)
  expect(configOf({ TRACELOG_REQUEST_PATH: 'on' }).hops.keepsRequestPath).toBe(true)
  expectProblem({ TRACELOG_REQUEST_PATH: 'x' }, 'TRACELOG_REQUEST_PATH is "x", but must be one of on, off')
})
