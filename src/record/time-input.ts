/**
 * The API's ways to state a time (HrTime, Date, milliseconds of either clock) as our nanoseconds since the epoch, for logs and spans.
 */
import { originMillis } from '../diag/clock.ts'
import { NANO_PER_SECOND, nanoOfMillis } from '../model/time.ts'

/** OTLP has 64 bits for a time: the year 2554. Nanoseconds. */
const MAX_NANO = (1n << 64n) - 1n
/**
 * A process of three years; as epoch milliseconds it would be March 1973. (The SDK compares with the start of the process
 * and so moves every record of the past into the future.)
 */
const MAX_PERFORMANCE_NOW = 1e11
/** Taken now: the application may put another Date in its place. */
// oxlint-disable-next-line typescript/unbound-method -- called by Reflect.apply
const { getTime } = Date.prototype

/**
 * Never throws, whatever it is given.
 *
 * @returns nanoseconds since the epoch; `undefined` for what is no time, or none that OTLP can tell: then it is the time of the call
 */
export function timeOfInput(time: unknown): bigint | undefined {
  try {
    const nano = nanoOf(time)
    return nano !== undefined && nano >= 0n && nano <= MAX_NANO ? nano : undefined
  } catch {
    // A revoked Proxy, an object that only claims to be a Date.
    return undefined
  }
}

function nanoOf(time: unknown): bigint | undefined {
  if (typeof time === 'number') {
    if (!Number.isFinite(time) || time < 0) return undefined
    return nanoOfMillis(time < MAX_PERFORMANCE_NOW ? originMillis() + time : time)
  }
  if (typeof time !== 'object' || time === null) return undefined
  if (!Array.isArray(time)) {
    const millis: unknown = Reflect.apply(getTime, time, [])
    return typeof millis === 'number' && !Number.isNaN(millis) ? nanoOfMillis(millis) : undefined
  }
  const [seconds, nanos] = time as unknown[]
  if (time.length !== 2 || !Number.isSafeInteger(seconds) || !Number.isFinite(nanos)) return undefined
  return BigInt(seconds as number) * NANO_PER_SECOND + BigInt(Math.trunc(nanos as number))
}
