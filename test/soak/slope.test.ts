/** The straight line of the soak. */
import { expect, test } from 'vitest'

import { settled, slopeOf } from './slope.ts'

const line = (mebibytesOf: (minutes: number) => number, count: number) =>
  Array.from({ length: count }, (_, minutes) => ({ minutes, mebibytes: mebibytesOf(minutes) }))

test.each([
  { name: 'a flat one', samples: line(() => 150, 10), slope: 0 },
  { name: 'one that rises', samples: line((minutes) => 100 + 2 * minutes, 10), slope: 2 },
  { name: 'a saw', samples: line((minutes) => 100 + (minutes % 2), 2), slope: 1 },
  { name: 'one that falls', samples: line((minutes) => 100 - minutes / 2, 5), slope: -0.5 },
])('$name', ({ samples, slope }) => {
  expect(slopeOf(samples)).toBeCloseTo(slope, 6)
})

test('one sample has no slope', () => {
  expect(slopeOf(line(() => 1, 1))).toBeNaN()
})

test.each([
  { minutes: 30, first: 5 },
  { minutes: 6, first: 2 },
])('of $minutes minutes those from the $first. on are settled', ({ minutes, first }) => {
  expect(settled(line(() => 1, minutes + 1))[0]?.minutes).toBe(first)
})
