/**
 * How a duration is written down: milliseconds with at most three decimals, never below zero.
 */
import { roundedMillis } from '../../model/time.ts'

export function roundMillis(millis: number): number {
  return Math.max(0, roundedMillis(millis))
}
