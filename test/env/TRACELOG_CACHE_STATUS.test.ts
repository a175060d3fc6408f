import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_CACHE_STATUS switches the response header of caches', () => {
  expect(configOf({}).hops.sendsCacheStatus).toBe(true)
  expect(configOf({ TRACELOG_CACHE_STATUS: 'off' }).hops.sendsCacheStatus).toBe(false)
})

test('a wrong TRACELOG_CACHE_STATUS is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_CACHE_STATUS: 'no' }, 'TRACELOG_CACHE_STATUS is "no", but must be one of on, off')
})
