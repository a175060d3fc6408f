/**
 * The API's ways to state a time (HrTime, Date, milliseconds of either clock) and our nanoseconds since the epoch. Pure.
 */
import type { HrTime, TimeInput } from '@opentelemetry/api'

import { monotonicMillis, originMillis } from '../diag/clock.ts'
import { nanoOfMillis } from '../model/time.ts'

const NANO_PER_SECOND = 1_000_000_000n

/** A number is milliseconds since the epoch, or of `performance.now()` when it is not larger than that clock reads now. */
export function unixNanoOf(time: TimeInput): bigint {
  if (Array.isArray(time)) return BigInt(Math.trunc(time[0])) * NANO_PER_SECOND + BigInt(Math.trunc(time[1]))
  if (time instanceof Date) return nanoOfMillis(time.getTime())
  return nanoOfMillis(time <= monotonicMillis() ? time + originMillis : time)
}

/** Seconds and nanoseconds; `-1n` is the SDK's "not known yet". */
export function hrTimeOf(nano: bigint): HrTime {
  if (nano < 0n) return [-1, 0]
  return [Number(nano / NANO_PER_SECOND), Number(nano % NANO_PER_SECOND)]
}
