import { expect, test } from 'vitest'

import { cacheStatus } from '../../../src/capture/http/response-headers.ts'
import { readCacheStatus } from '../../../src/model/cache-status.ts'

test.each([
  ['api', true, 'api; hit'],
  ['api server', false, '"api server"; fwd=miss'],
  ['caché "x"', true, String.raw`"cach? \"x\""; hit`],
])('%s writes %s as %s', (name, hit, expected) => {
  expect(cacheStatus(name, hit)).toBe(expected)
  expect(readCacheStatus(expected)).toBe(hit)
})
