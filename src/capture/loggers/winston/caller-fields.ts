/**
 * Which fields of an info did the caller give, and which did a format of winston add?
 *
 * A caller's field stays a field. Only what `format.timestamp()` adds is the record's time, and only what `format.label()` adds
 * is told by the scope alone.
 */
import { wallMillis } from '../../../diag/clock.ts'
import { millisOfIso, timeOfValue } from '../../../model/time.ts'
import type { WinstonInfo } from './winston-types.ts'

/** Fields that formats add, as they were before the format. */
export interface CallerFields {
  readonly timestamp: unknown
  readonly label: unknown
}

export const NO_FIELDS: CallerFields = { timestamp: undefined, label: undefined }

/** Asked before the logger's format runs. */
export function callerFieldsOf(info: WinstonInfo): CallerFields {
  if (!('timestamp' in info) && !('label' in info)) return NO_FIELDS
  return { timestamp: info['timestamp'], label: info['label'] }
}

/** A time that a format has added lies this near to now. Milliseconds; formats that cut to the second are that far off. */
const NEAR_MILLIS = 2000
const SECOND = 1_000_000_000n

/** @returns whether `timestamp` is the time that a format has added, and that time where it is finer than a second */
export function formatTime(value: unknown, caller: CallerFields): { isOwn: boolean; timeUnixNano: bigint | undefined } {
  const time = value === undefined || value === caller.timestamp ? undefined : timeOfValue(value)
  if (time === undefined) return NO_TIME
  const isNear = Math.abs(wallMillis() - Number(time / 1_000_000n)) <= NEAR_MILLIS
  if (!isNear) return NO_TIME
  return { isOwn: true, timeUnixNano: time % SECOND === 0n ? undefined : time }
}

/** The same for what `format.timestamp()` writes without options. @returns milliseconds since the epoch; `undefined`: for `formatTime` */
export function formatMillis(value: unknown, caller: CallerFields): number | undefined {
  if (typeof value !== 'string' || value === caller.timestamp) return undefined
  const millis = millisOfIso(value)
  if (millis === undefined || millis % 1000 === 0) return undefined
  return Math.abs(wallMillis() - millis) <= NEAR_MILLIS ? millis : undefined
}

const NO_TIME = { isOwn: false, timeUnixNano: undefined } as const
