import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { STEPS, stepsFor, stepsOf } from '../../src/model/time-step.ts'

const MILLI = 1_000_000n
const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })

test.each([
  { millis: 100, buckets: 120, step: 1 },
  { millis: 1_000, buckets: 120, step: 10 },
  { millis: 60_000, buckets: 120, step: 500 },
  { millis: 900_000, buckets: 120, step: 10_000 },
  { millis: 86_400_000, buckets: 120, step: 900_000 },
  { millis: 40 * 86_400_000, buckets: 40, step: 86_400_000 },
])('$millis ms in at most $buckets steps are steps of $step ms', ({ millis, buckets, step }) => {
  expect(stepsFor({ from: 0n, to: BigInt(millis) * MILLI - 1n }, buckets).stepMillis).toBe(step)
})

test('the steps hold the range, are aligned, are few enough, and no shorter step is', () => {
  fc.assert(
    fc.property(time, time, fc.integer({ min: 1, max: 500 }), (one, other, buckets) => {
      const range = one < other ? { from: one, to: other } : { from: other, to: one }
      const { from, stepMillis, count } = stepsFor(range, buckets)
      const step = BigInt(stepMillis) * MILLI
      expect(from % step).toBe(0n)
      expect(from <= range.from && range.to < from + step * BigInt(count)).toBe(true)
      expect(count).toBeLessThanOrEqual(buckets)
      const shorter = STEPS[STEPS.indexOf(stepMillis) - 1]
      expect(shorter === undefined ? Infinity : stepsOf(range, shorter).count).toBeGreaterThan(buckets)
    }),
  )
})

test('before the epoch steps are aligned too', () => {
  expect(stepsOf({ from: -1n, to: 1n }, 10)).toEqual({ from: -10n * MILLI, stepMillis: 10, count: 2 })
})
