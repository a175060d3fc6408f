/**
 * Calls whose record cannot be made yet: winston keeps them for a transport that is busy, or a format is still to come.
 *
 * winston may keep them for ever: a stuck stream, a full disk. So nothing is held longer than a second, nor beyond the end of
 * the process; then the record is made without winston.
 */
import { monotonicMillis } from '../../../diag/clock.ts'
import { startTimer } from '../../../diag/timers.ts'
import { guarded } from '../../../diag/guarded.ts'

/** Milliseconds. */
const MAX_HELD_MILLIS = 1000

export interface HeldCall {
  /** Makes the record from what is known. */
  readonly settle: () => void
}

export class HeldCalls {
  /** In the order of the calls, with the time from which each is held. */
  readonly #held = new Map<HeldCall, number>()
  #isTimed = false

  add(call: HeldCall): void {
    this.#held.set(call, monotonicMillis())
    this.#time()
  }

  remove(call: HeldCall): void {
    this.#held.delete(call)
  }

  /** Makes all records, or those of calls that were held for too long. */
  settle(untilMillis: number = Infinity): void {
    for (const [call, since] of this.#held) {
      if (since > untilMillis) return
      this.#held.delete(call)
      settleOne.call(undefined, call)
    }
  }

  #time(): void {
    if (this.#isTimed) return
    this.#isTimed = true
    const timer = startTimer(() => {
      this.#isTimed = false
      this.settle(monotonicMillis() - MAX_HELD_MILLIS)
      if (this.#held.size > 0) this.#time()
    }, MAX_HELD_MILLIS)
    timer.unref()
  }
}

const settleOne = guarded('winston', (call: HeldCall) => call.settle())
