/**
 * A wait between two tries, which can be cut short, but not below what must lie between them.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { MIN_DELAY_MILLIS } from './retry-policy.ts'

export interface Sleeper {
  readonly awake: Promise<void>
  /** Waits no longer than it must. */
  shorten(): void
  /** Waits no longer at all: nothing will be tried. */
  wake(): void
}

/** Does not keep the process alive. */
export function createSleeper(millis: number): Sleeper {
  const { promise, resolve } = Promise.withResolvers<void>()
  const began = monotonicMillis()
  let until = began + millis
  let timer: NodeJS.Timeout | undefined
  // A timer counts whole milliseconds of another clock: it may be early by one of ours.
  const look = () => {
    const left = until - monotonicMillis()
    if (left <= 0) return resolve()
    timer = startTimer(look, Math.ceil(left))
    timer.unref()
  }
  look()
  return {
    awake: promise,
    shorten: () => {
      stopTimer(timer)
      until = Math.min(until, began + MIN_DELAY_MILLIS)
      look()
    },
    wake: () => {
      stopTimer(timer)
      resolve()
    },
  }
}
