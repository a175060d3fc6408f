import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('TRACELOG_CACHE_LEVEL is the level of cache look-ups', () => {
  expect(configOf({}).hops.cacheLevel).toBe('info')
  expect(configOf({ TRACELOG_CACHE_LEVEL: 'debug' }).hops.cacheLevel).toBe('debug')
})
