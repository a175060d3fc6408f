import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { rangeBounds } from '../../src/model/number-ranges.ts'

test.each([
  { least: 0, most: 999, bounds: [0, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1_000] },
  { least: 2, most: 3_000, bounds: [1, 10, 100, 1_000, 10_000] },
  { least: 1_000, most: 1_999, bounds: [1_000, 1_200, 1_400, 1_600, 1_800, 2_000] },
  { least: -20, most: 40, bounds: [-20, -10, 0, 10, 20, 30, 40, 50] },
  { least: 0.5, most: 0.9, bounds: [0.5, 0.6, 0.7, 0.8, 0.9, 1] },
])('$least to $most', ({ least, most, bounds }) => {
  expect(rangeBounds(least, most)).toEqual(bounds)
})

test('any numbers are in at most 8 ranges that rise and hold them', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.double({ min: 0, max: 5_000, noNaN: true }),
  )
  fc.assert(
    fc.property(number, number, (one, other) => {
      const [least, most] = [Math.min(one, other), Math.max(one, other)]
      const bounds = rangeBounds(least, most)
      expect(bounds.length).toBeGreaterThan(1)
      expect(bounds.length).toBeLessThanOrEqual(9)
      expect(bounds[0]).toBeLessThanOrEqual(least)
      expect(bounds.at(-1)).toBeGreaterThan(most)
      expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b))
    }),
    { numRuns: 2_000 },
  )
})
