/**
 * What may keeping records cost? At most 5 % of the event loop's time; beyond it only a share of the units is kept.
 *
 * One record in 64 is timed, from the question whether it is held until it lies in its ring; the logger's own format is not counted.
 * The share is 1 of 2, 4, 8 ..., chosen by the trace id, so that all services of a request choose alike.
 */

/** Source of these: spec, recorder, "Budget". */
const MAX_PART = 0.05
export const WINDOW_MILLIS = 10_000
/** Windows in which twice the units would have cost no more than they may, before there are twice as many. */
const QUIET_WINDOWS = 3
const TIMED_ONE_IN = 64
/** A longer reading is a pause of the machine or the collector, which would count 64 times. Milliseconds. */
const MAX_READING_MILLIS = 0.1
/** 1 of 65,536 units: fewer are as good as none. */
const MAX_HALVINGS = 16

export class KeepingBudget {
  readonly #onChange: (share: number) => void
  readonly #now: () => number
  #halvings = 0
  #asked = 0
  #sinceMillis = -1
  #windowMillis = -1
  #costMillis = 0
  #quietWindows = 0

  /** @param onChange  told of each new share, 1 for all units */
  constructor(now: () => number, onChange: (share: number) => void) {
    this.#now = now
    this.#onChange = onChange
  }

  /** Of the units, 0 to 1. */
  get share(): number {
    return 2 ** -this.#halvings
  }

  /** Whether this unit is among those that are kept. */
  keeps(traceId: string): boolean {
    if (this.#halvings === 0) return true
    this.#look(this.#now())
    // 16 bits: the last four digits.
    return (Number.parseInt(traceId.slice(-4), 16) & (2 ** this.#halvings - 1)) === 0
  }

  /** A record is about to be kept. */
  begin(): void {
    if (++this.#asked % TIMED_ONE_IN === 0) this.#sinceMillis = this.#now()
  }

  /** It is. */
  end(): void {
    if (this.#sinceMillis < 0) return
    const now = this.#now()
    this.#costMillis += Math.min(now - this.#sinceMillis, MAX_READING_MILLIS) * TIMED_ONE_IN
    this.#sinceMillis = -1
    this.#look(now)
  }

  #look(nowMillis: number): void {
    if (this.#windowMillis < 0) this.#windowMillis = nowMillis
    // Spent before the window is over: it need not be waited for.
    if (this.#costMillis > WINDOW_MILLIS * MAX_PART) {
      this.#change(this.#halvings + halvingsFor(this.#costMillis, nowMillis - this.#windowMillis))
      this.#restart(nowMillis)
    } else if (nowMillis - this.#windowMillis >= WINDOW_MILLIS) this.#closeWindow(nowMillis)
  }

  #closeWindow(nowMillis: number): void {
    const windows = Math.floor((nowMillis - this.#windowMillis) / WINDOW_MILLIS)
    const isQuiet = this.#costMillis * 2 < WINDOW_MILLIS * MAX_PART
    // Nothing was kept in those after the first, or it had been looked at before.
    this.#quietWindows = isQuiet ? this.#quietWindows + windows : windows - 1
    this.#windowMillis = nowMillis
    this.#costMillis = 0
    if (this.#quietWindows < QUIET_WINDOWS || this.#halvings === 0) return
    const steps = Math.floor(this.#quietWindows / QUIET_WINDOWS)
    this.#quietWindows = 0
    this.#change(this.#halvings - steps)
  }

  #restart(nowMillis: number): void {
    this.#windowMillis = nowMillis
    this.#costMillis = 0
    this.#quietWindows = 0
  }

  #change(halvings: number): void {
    const before = this.#halvings
    this.#halvings = Math.max(0, Math.min(MAX_HALVINGS, halvings))
    if (this.#halvings !== before) this.#onChange(this.share)
  }
}

/** How often the units have to be halved so that what they cost is within what they may. */
function halvingsFor(costMillis: number, tookMillis: number): number {
  const part = costMillis / Math.max(1, Math.min(tookMillis, WINDOW_MILLIS))
  return Math.max(1, Math.ceil(Math.log2(part / MAX_PART)))
}
