/**
 * The spool as a lane sees it: which of its batches are on their way to the disk, and whether the disk takes more.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { MAX_IN_FLIGHT } from './transports/transport.ts'

/** After a refusal nothing is posted for so long; the disk itself is asked less often (spool/disk-trouble.ts). Milliseconds. */
const PAUSE_MILLIS = 1_000

export class LaneSpool {
  readonly #posted = new Set<number>()
  #notBeforeMillis = 0

  /** Batches on their way. */
  get size(): number {
    return this.#posted.size
  }

  get mayPost(): boolean {
    return this.#posted.size < MAX_IN_FLIGHT && this.pauseMillis() === 0
  }

  /** How long the disk is left alone. Milliseconds; 0: now is fine. */
  pauseMillis(): number {
    return this.#notBeforeMillis === 0 ? 0 : Math.max(0, this.#notBeforeMillis - monotonicMillis())
  }

  posted(id: number): void {
    this.#posted.add(id)
  }

  /** @returns whether the batch was on its way to the disk; false: it was sent */
  settled(id: number, isKept: boolean): boolean {
    const wasPosted = this.#posted.delete(id)
    if (wasPosted) this.#notBeforeMillis = isKept ? 0 : monotonicMillis() + PAUSE_MILLIS
    return wasPosted
  }

  /** Whoever wrote is gone. */
  clear(): void {
    this.#posted.clear()
  }
}
