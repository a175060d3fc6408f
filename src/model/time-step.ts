/**
 * How long is one step of a histogram, and where do its steps begin? Steps are aligned to the epoch, so that two answers with one step
 * can be added.
 */

/** Nanoseconds since the epoch; both ends included. */
interface TimeSpan {
  readonly from: bigint
  readonly to: bigint
}

const NANOS_PER_MILLI = 1_000_000n
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Milliseconds, ascending. Beyond a day 2, 5 and 10 of them and so on: clocks that are wrong make long ranges. */
export const STEPS: readonly number[] = [
  ...[1, 10, 100].flatMap((millis) => [millis, 2 * millis, 5 * millis]),
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000].map(
    (days) => days * DAY,
  ),
]

/** Steps of one histogram: so many of `stepMillis` from `from` on. */
export interface Steps {
  /** Nanoseconds since the epoch. */
  readonly from: bigint
  readonly stepMillis: number
  readonly count: number
}

/** The shortest step of which at most `buckets` hold the range. Where its times lie on both sides of the epoch, two are the fewest. */
export function stepsFor(range: TimeSpan, buckets: number): Steps {
  let steps = stepsOf(range, STEPS[0] as number)
  for (const step of STEPS) {
    steps = stepsOf(range, step)
    if (steps.count <= buckets) break
  }
  return steps
}

/** The steps of one length that hold the range. */
export function stepsOf({ from, to }: TimeSpan, stepMillis: number): Steps {
  const step = BigInt(stepMillis) * NANOS_PER_MILLI
  const first = floorTo(from, step)
  return { from: first, stepMillis, count: Number((to - first) / step) + 1 }
}

/** The last multiple of `unit` that is not above the time. */
export function floorTo(time: bigint, unit: bigint): bigint {
  const over = time % unit
  return time - (over < 0n ? over + unit : over)
}
