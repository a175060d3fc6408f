/**
 * Everybody who waits until what was accepted before is answered for.
 */
import { startTimer, stopTimer } from '../diag/timers.ts'
import type { Intake } from './intake.ts'
import type { LaneView } from './lane-view.ts'
import type { Lane } from './lane.ts'
import { FLUSH_MILLIS, type FlushOptions, type FlushResult } from './pipeline-options.ts'
import type { Stage } from './stage.ts'

export interface FlushesOptions {
  readonly intake: Intake
  readonly stage: Stage
  readonly lanes: readonly Lane[]
  readonly printing: readonly LaneView[]
  /** Somebody waits: what may travel has to go. */
  readonly onBegin: () => void
}

export class Flushes {
  readonly #options: FlushesOptions
  readonly #waiters = new Set<() => void>()

  constructor(options: FlushesOptions) {
    this.#options = options
  }

  get isWaiting(): boolean {
    return this.#waiters.size > 0
  }

  /** Something was answered for. */
  look(): void {
    for (const look of this.#waiters) look()
  }

  /** Resolves when all that was accepted before is answered for, or after the time-out. Never rejects. */
  flush({ timeoutMillis = FLUSH_MILLIS }: FlushOptions = {}): Promise<FlushResult> {
    this.#options.intake.closeAll()
    const upTo = this.#options.stage.arrivals
    const isDone = () => this.#isAnswered(upTo)
    if (isDone()) return Promise.resolve(this.#result(true))
    return new Promise((resolve) => {
      const finish = (isComplete: boolean) => {
        stopTimer(timer)
        this.#waiters.delete(look)
        resolve(this.#result(isComplete))
      }
      const look = () => {
        if (isDone()) finish(true)
      }
      // The one timer that holds the process: whoever awaits wants it to.
      const timer = startTimer(() => finish(isDone()), timeoutMillis)
      this.#waiters.add(look)
      this.#options.onBegin()
    })
  }

  /** @param upTo  arrivals of the stage */
  #isAnswered(upTo: number): boolean {
    const { stage, lanes, printing } = this.#options
    if (lanes.some((lane) => (stage.oldestArrival(lane) ?? Infinity) < upTo)) return false
    // A reader that does not read holds nobody up who has the records elsewhere.
    return printing.every((lane) => !lane.isPrimary || lane.queued() === 0)
  }

  #result(isComplete: boolean): FlushResult {
    const { lanes, printing } = this.#options
    const primary: readonly LaneView[] = [...lanes, ...printing].filter((lane) => lane.isPrimary)
    return { isComplete, queued: primary.reduce((sum, lane) => sum + lane.queued(), 0) }
  }
}
