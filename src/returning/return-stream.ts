/**
 * The events of one stream: a ring that never holds anybody up. Who reads slowly loses the oldest, and is told how many.
 *
 * Numbers begin with 1 and have no holes; a reader that comes back names the last one that it has. Pure: no clock, no I/O.
 */

import { PagedTexts } from './paged-texts.ts'

export type EventKind = 'log' | 'stdout' | 'stderr' | 'end'

export interface StreamEvent {
  readonly id: number
  readonly kind: EventKind
  /** One line of JSON. */
  readonly data: string
}

/** What all streams of a process may hold together. */
export interface RingBudget {
  readonly maxBytes: number
  bytes: number
}

export interface ReturnStreamOptions {
  readonly budget: RingBudget
  /** Default 1,000. */
  readonly maxEvents?: number
  /** Default 1 MiB. */
  readonly maxBytes?: number
}

export interface Unread {
  /** How many before the first of `events` are gone. */
  readonly dropped: number
  readonly events: readonly StreamEvent[]
}

export const MAX_EVENTS = 1_000
const MAX_BYTES = 1024 * 1024
/** Of an event beside its text, estimated: its place in the ring, and what it is written with. Bytes. */
const OVERHEAD = 100

export class ReturnStream {
  readonly #budget: RingBudget
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #texts = new PagedTexts()
  #kinds: EventKind[] = []
  /** Of their texts, in bytes. */
  #sizes: number[] = []
  /** Of the oldest that is still there; those before it in the arrays are gone. */
  #first = 0
  #last = 0
  #bytes = 0
  #readTo = 0
  #dropped = 0

  constructor({ budget, maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES }: ReturnStreamOptions) {
    this.#budget = budget
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
  }

  /** How many were gone before anybody had read them. */
  get dropped(): number {
    return this.#dropped
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The number of the newest. */
  get last(): number {
    return this.#last
  }

  push(kind: EventKind, data: string): void {
    this.#last++
    const size = this.#texts.push(data)
    this.#kinds.push(kind)
    this.#sizes.push(size)
    this.#count(OVERHEAD + size)
    // The newest is never thrown out where it fits at all: of an end there is but one.
    while (this.#length > 1 && this.#isTooMuch()) this.#dropOldest()
    if (kind !== 'end' && this.#isTooMuch()) this.#dropOldest()
  }

  /** So many that nobody will see, for as many as there is room for follow: those before them are gone as well. */
  skip(count: number): void {
    while (this.#length > 0) this.#dropOldest()
    this.#last += count
    this.#dropped += count
  }

  /** @param after  the number that the reader has; @param maxBytes  about so many of text */
  after(after: number, maxBytes: number): Unread {
    const oldest = this.#last - this.#length + 1
    const from = Math.max(after + 1, oldest)
    const begin = this.#first + from - oldest
    const events: StreamEvent[] = []
    let offset = 0
    for (let at = this.#first; at < begin; at++) offset += this.#sizes[at] ?? 0
    const end = offset + maxBytes
    for (let at = begin; at < this.#sizes.length && offset < end; at++) {
      const size = this.#sizes[at] ?? 0
      const id = from + events.length
      events.push({ id, kind: this.#kinds[at] ?? 'log', data: this.#texts.text(offset, size) })
      offset += size
    }
    return { dropped: Math.max(0, Math.min(oldest - after - 1, this.#last - after)), events }
  }

  /** A reader was sent them up to here. */
  read(id: number): void {
    if (id > this.#readTo) this.#readTo = id
  }

  /** Nobody will read it again. */
  close(): void {
    this.#budget.bytes -= this.#bytes
    this.#bytes = 0
    this.#texts.clear()
    this.#kinds = []
    this.#sizes = []
    this.#first = 0
  }

  get #length(): number {
    return this.#sizes.length - this.#first
  }

  #isTooMuch(): boolean {
    const isOver = this.#bytes > this.#maxBytes || this.#budget.bytes > this.#budget.maxBytes
    return isOver || this.#length > this.#maxEvents
  }

  #dropOldest(): void {
    if (this.#last - this.#length + 1 > this.#readTo) this.#dropped++
    const size = this.#sizes[this.#first++] ?? 0
    this.#texts.drop(size)
    this.#count(-OVERHEAD - size)
    // The places before it are free: what is left of the arrays is moved now and then.
    if (this.#first < this.#maxEvents) return
    this.#kinds = this.#kinds.slice(this.#first)
    this.#sizes = this.#sizes.slice(this.#first)
    this.#first = 0
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#budget.bytes += bytes
  }
}
