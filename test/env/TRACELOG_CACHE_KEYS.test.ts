import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('TRACELOG_CACHE_KEYS allows the pattern of a key', () => {
  expect(configOf({}).hops.cacheKeys).toBe('off')
  expect(configOf({ TRACELOG_CACHE_KEYS: 'pattern' }).hops.cacheKeys).toBe('pattern')
})
