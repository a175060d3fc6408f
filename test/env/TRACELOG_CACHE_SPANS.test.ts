import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_CACHE_SPANS chooses the look-ups that get a span', () => {
  expect(configOf({}).hops.cacheSpans).toBe('slow')
  expect(configOf({ TRACELOG_CACHE_SPANS: 'all' }).hops.cacheSpans).toBe('all')
})

test('a wrong TRACELOG_CACHE_SPANS is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_CACHE_SPANS: 'some' }, 'TRACELOG_CACHE_SPANS is "some", but must be one of all, slow, off')
})
