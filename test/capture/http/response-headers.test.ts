import { expect, test } from 'vitest'

import { cacheStatus, readCacheStatus } from '../../../src/capture/http/response-headers.ts'

test.each([
  ['api; hit', true],
  ['api; fwd=miss; stored', false],
  ['origin; fwd=miss, edge; hit', true],
  ['origin; hit, edge; fwd=uri-miss', false],
  ['"a, b; hit"; fwd=miss', false],
  ['"x\\"; hit"; fwd=stale', false],
  ['api; detail=x', undefined],
  ['api', undefined],
  ['', undefined],
  [undefined, undefined],
])('Cache-Status %s says hit: %s', (header, expected) => {
  expect(readCacheStatus(header)).toBe(expected)
})

test('several headers are one list; the last is nearest to the client', () => {
  expect(readCacheStatus(['origin; hit', 'edge; fwd=miss'])).toBe(false)
})

test.each([
  ['api', true, 'api; hit'],
  ['api server', false, '"api server"; fwd=miss'],
  ['caché "x"', true, String.raw`"cach? \"x\""; hit`],
])('%s writes %s as %s', (name, hit, expected) => {
  expect(cacheStatus(name, hit)).toBe(expected)
  expect(readCacheStatus(expected)).toBe(hit)
})
