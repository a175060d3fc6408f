import { expect, test } from 'vitest'

import { readCacheStatus } from '../../src/model/cache-status.ts'

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
  ['api; HIT=?1', true],
  ['api;\tfwd=miss ', false],
  ['api; hit=?0', undefined],
  ['edge; hit,', undefined],
  ['api; key="a;hit"', undefined],
  [undefined, undefined],
])('Cache-Status %s says hit: %s', (header, expected) => {
  expect(readCacheStatus(header)).toBe(expected)
})

test('what was read last is not taken for another one', () => {
  const headers = ['api; hit', 'api; hit', '', 'api; fwd=miss', '', 'api; hit']
  expect(headers.map((header) => readCacheStatus(header))).toEqual([true, true, undefined, false, undefined, true])
})

test('several headers are one list; the last is nearest to the client', () => {
  expect(readCacheStatus(['origin; hit', 'edge; fwd=miss'])).toBe(false)
})

test('one that is too long is not read', () => {
  expect(readCacheStatus(`${'a'.repeat(4_096)}; hit`)).toBe(undefined)
})
