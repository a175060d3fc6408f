/**
 * What each way of delivery does, and what all of them count.
 */
import type { DeliveryPart } from '../shape-request.ts'
import type { DeliveryCounts, DeliveryState } from '../worker-protocol.ts'

export interface DeliveryRunner {
  /** Never throws, never waits. */
  take(part: DeliveryPart): void
  counts(): DeliveryCounts
  /** Gives away what waits, for a moment; what is left is lost, and counted. Never rejects. */
  stop(): Promise<void>
}

/** Of what is said while the backend runs: kind of line, text. */
export type Say = (about: string, text: string) => void

/** What is counted of one delivery. An episode of failures is said at its start and at its end. */
export class DeliveryLedger {
  readonly #name: string
  readonly #what: string
  readonly #say: Say
  #delivered = 0
  #lost = 0
  #failed = 0
  #waiting = 0
  #state: DeliveryState = 'ok'
  #lastError: string | undefined

  /** @param name  of the rule. @param what  where it goes to, for messages */
  constructor(name: string, what: string, say: Say) {
    this.#name = name
    this.#what = what
    this.#say = say
  }

  waits(count: number): void {
    this.#waiting += count
  }

  delivered(count: number): void {
    this.#waiting -= count
    this.#delivered += count
    if (count > 0 && this.#state === 'failing') {
      this.#state = 'ok'
      this.#say(`rule ${this.#name}: ok`, `rule "${this.#name}": ${this.#what} works again; ${this.#losses()}`)
    }
  }

  lost(count: number, reason: string): void {
    this.#waiting -= count
    this.#lost += count
    this.fails(reason)
  }

  failed(count: number, reason: string): void {
    this.#waiting -= count
    this.#failed += count
    this.fails(reason)
  }

  /** Nothing is lost yet. */
  fails(reason: string): void {
    this.#lastError = reason
    if (this.#state !== 'ok') return
    this.#state = 'failing'
    this.#say(`rule ${this.#name}`, `rule "${this.#name}": ${this.#what} fails: ${reason}`)
  }

  off(reason: string): void {
    this.#state = 'off'
    this.#lastError = reason
    this.#say(
      `rule ${this.#name}: off`,
      `rule "${this.#name}": ${this.#what} is off until the rules are read again: ${reason}`,
    )
  }

  get waiting(): number {
    return this.#waiting
  }

  counts(): DeliveryCounts {
    return {
      name: this.#name,
      delivered: this.#delivered,
      lost: this.#lost,
      failed: this.#failed,
      waiting: this.#waiting,
      state: this.#state,
      lastError: this.#lastError,
    }
  }

  #losses(): string {
    const lost = this.#lost + this.#failed
    return lost === 0 ? 'nothing was lost' : `${lost} records were not delivered`
  }
}
