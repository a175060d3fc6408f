/**
 * The clocks of the application's half, as the platform made them.
 *
 * Applications put others in their place: fake timers of tests stand still until told, and our end of the process would wait for them.
 * So nothing else in this half reads a clock of the platform (test/clocks.test.ts; timers are in timers.ts).
 */
import { nanoOfMillis } from '../model/time.ts'

/** Node's own, wherever an application's fake stands. Loaded by the first reading: it costs a process 1.6 ms (Node 24). */
function takeMonotonic(): () => number {
  const { performance: platform } = process.getBuiltinModule('node:perf_hooks')
  const { now } = Object.getPrototypeOf(platform) as { readonly now?: () => number }
  return now === undefined ? () => platform.now() : now.bind(platform)
}

let readMonotonic: (() => number) | undefined

/** Milliseconds with fractions, never goes back; since `originMillis()`. */
export function monotonicMillis(): number {
  readMonotonic ??= takeMonotonic()
  return readMonotonic()
}

/** Milliseconds since the epoch; jumps when the system's time is set. */
export const wallMillis: () => number = Date.now

/** Wall time at which `monotonicMillis` was 0. Milliseconds since the epoch. */
export function originMillis(): number {
  return process.getBuiltinModule('node:perf_hooks').performance.timeOrigin
}

/** Nanoseconds since the epoch, never two clocks in one process. */
export interface Clock {
  nowUnixNano(): bigint
}

/** One that is read once and used as a number. */
export interface AnchoredClock extends Clock {
  /** The monotonic clock, now. Milliseconds. */
  sinceOriginMillis(): number
  /** @param sinceOriginMillis  read just now from the monotonic clock */
  anchorAt(sinceOriginMillis: number): ClockAnchor
}

/** How monotonic readings are wall times, from one comparison of the two clocks until they differ: for who keeps numbers. */
export class ClockAnchor {
  /** Wall time at which the monotonic clock was 0. Milliseconds. */
  readonly millis: number
  readonly #nano: bigint
  readonly #high: number
  readonly #low: number

  constructor(millis: number) {
    this.millis = millis
    this.#nano = nanoOfMillis(millis)
    this.#high = Number(this.#nano >> 32n)
    this.#low = Number(this.#nano & 0xffff_ffffn)
  }

  /** Nanoseconds since the epoch of a monotonic reading. */
  unixNano(sinceOriginMillis: number): bigint {
    return this.#nano + BigInt(Math.floor(sinceOriginMillis * 1e6))
  }

  /** @returns nanoseconds from a wall time to a monotonic reading. @param wall  whole milliseconds since the epoch, near to it */
  nanosSince(wall: number, sinceOriginMillis: number): number {
    const whole = Math.floor(this.millis)
    return (whole - wall) * 1e6 + Math.floor((this.millis - whole) * 1e6) + Math.floor(sinceOriginMillis * 1e6)
  }

  /** The same into 8 bytes, the lowest first, without a bigint: half the cost (Node 24). */
  putUnixNano(view: DataView, at: number, sinceOriginMillis: number): void {
    const nano = Math.floor(sinceOriginMillis * 1e6)
    const high = Math.floor(nano / TWO_32)
    const low = this.#low + (nano - high * TWO_32)
    const carry = low >= TWO_32 ? 1 : 0
    view.setUint32(at, low - carry * TWO_32, true)
    view.setUint32(at + 4, this.#high + high + carry, true)
  }
}

const TWO_32 = 2 ** 32

export interface ClockOptions {
  /** Milliseconds since the epoch, jumps when the system's time is set. Default `Date.now`. */
  readonly wallMillis?: () => number
  /** Milliseconds with fractions, never goes back. Default `performance.now`. */
  readonly monotonicMillis?: () => number
  /** Wall time at which `monotonicMillis` was 0. Milliseconds since the epoch; default `performance.timeOrigin`. */
  readonly originMillis?: number
}

/** Beyond this difference the wall clock is right: a suspended laptop, a corrected clock. Milliseconds. */
const MAX_DRIFT_MILLIS = 5

/** Both clocks are read within this, unless the thread stands still meanwhile. Milliseconds. */
const TIGHT_MILLIS = 0.5
const MAX_READINGS = 8

/**
 * A clock with the resolution of the monotonic time and the truth of the wall time: anchored to it, and anchored again
 * when the two differ by more than 5 ms.
 */
export function createClock(options: ClockOptions = {}): AnchoredClock {
  const { wallMillis: wall = wallMillis, monotonicMillis: monotonic = monotonicMillis, originMillis: origin } = options
  let anchor: ClockAnchor | undefined

  function anchorAt(sinceOrigin: number): ClockAnchor {
    // The platform's own origin has microseconds, Date.now() does not; a stale one is corrected by this very reading.
    anchor ??= new ClockAnchor(origin ?? originMillis())
    if (Math.abs(anchor.millis + sinceOrigin - wall()) > MAX_DRIFT_MILLIS) {
      const read = anchorOf(monotonic, wall)
      if (Math.abs(anchor.millis - read) > MAX_DRIFT_MILLIS) anchor = new ClockAnchor(read)
    }
    return anchor
  }

  return {
    nowUnixNano() {
      const sinceOrigin = monotonic()
      return anchorAt(sinceOrigin).unixNano(sinceOrigin)
    },
    sinceOriginMillis: monotonic,
    anchorAt,
  }
}

/**
 * The wall time at which the monotonic clock was 0. On a busy machine the thread may stand still between the reading of one clock
 * and of the other, and a time read then would be off by as much: the reading that took least counts.
 */
function anchorOf(monotonic: () => number, wall: () => number): number {
  let anchor = 0
  let least = Infinity
  for (let reading = 0; reading < MAX_READINGS && least > TIGHT_MILLIS; reading++) {
    const before = monotonic()
    const now = wall()
    const took = monotonic() - before
    if (took >= least) continue
    least = took
    anchor = now - before
  }
  return anchor
}
