import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { delayMillis, isRetryableStatus, parseRetryAfter } from '../../../src/export/transports/retry-policy.ts'

test('only what OTLP calls retryable is retried', () => {
  expect([200, 301, 400, 401, 408, 413, 429, 500, 501, 502, 503, 504].filter(isRetryableStatus)).toEqual([
    429, 502, 503, 504,
  ])
})

test('there are always 100 ms between two tries, and never more than 8 s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const delay = delayMillis(failures, random)
        expect(delay).toBeGreaterThanOrEqual(100)
        expect(delay).toBeLessThanOrEqual(8_000)
      },
    ),
  )
})

test('twenty clients spread over at least a third of the range', () => {
  const delays = Array.from({ length: 20 }, (_, i) => delayMillis(4, i / 20))
  expect((Math.max(...delays) - Math.min(...delays)) / Math.max(...delays)).toBeGreaterThan(0.3)
})

test.each([
  ['2', 2000],
  ['0', 100],
  ['1000000000', 300_000],
  ['Tue, 14 Nov 2023 22:13:30 GMT', 10_000],
  ['Tue, 14 Nov 2023 22:13:00 GMT', 100],
  ['', undefined],
  ['soon', undefined],
  ['-1', undefined],
  ['2.5', undefined],
  [undefined, undefined],
])('Retry-After %s means %s ms', (header, millis) => {
  expect(parseRetryAfter(header, 1_700_000_000_000)).toBe(millis)
})
