/**
 * What has arrived so far: kept for who reads it later, and no more of it than fits.
 */
import type { LogEvent } from './log-event.ts'

/** Of the oldest, what is more than this is forgotten, and told as a gap. */
export const MAX_KEPT_EVENTS = 10_000
/** Likewise, in UTF-16 units as sent. */
export const MAX_KEPT_LENGTH = 8_388_608

export interface KeptEvents {
  /** @param length  of the event as sent */
  add(event: LogEvent, length: number): void
  /** No more will come. */
  end(): void
  readonly all: readonly LogEvent[]
  /** Events that are forgotten. */
  readonly forgotten: number
  /** From the first event, or a gap in its place, to the last one that will come. */
  read(): AsyncGenerator<LogEvent, void, undefined>
}

export function createKeptEvents(): KeptEvents {
  return new Kept()
}

class Kept implements KeptEvents {
  forgotten = 0
  #events: LogEvent[] = []
  #lengths: number[] = []
  #length = 0
  #hasEnded = false
  /** Of readers that have read all there is. */
  #waiting: (() => void)[] = []

  get all(): readonly LogEvent[] {
    return this.#events
  }

  add(event: LogEvent, length: number): void {
    this.#events.push(event)
    this.#lengths.push(length)
    this.#length += length
    if (this.#events.length > MAX_KEPT_EVENTS || this.#length > MAX_KEPT_LENGTH) this.#forget()
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  async *read(): AsyncGenerator<LogEvent, void, undefined> {
    let next = 0
    for (;;) {
      if (next < this.forgotten) {
        yield { type: 'gap', dropped: this.forgotten - next }
        next = this.forgotten
      }
      const event = this.#events[next - this.forgotten]
      if (event !== undefined) {
        next++
        yield event
      } else if (this.#hasEnded) return
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** A tenth more than must be, so that not each event moves all that are kept. */
  #forget(): void {
    let count = 0
    while (
      count < this.#events.length - 1 &&
      (this.#events.length - count > MAX_KEPT_EVENTS * 0.9 || this.#length > MAX_KEPT_LENGTH * 0.9)
    ) {
      this.#length -= this.#lengths[count++] as number
    }
    this.#events.splice(0, count)
    this.#lengths.splice(0, count)
    this.forgotten += count
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
