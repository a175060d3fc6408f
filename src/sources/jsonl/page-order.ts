/**
 * In which order are records and traces listed, and where does a page go on? By time, then by their place in the files.
 */
import type { LogsQuery } from '../log-source.ts'
import { usage } from '../../query-text/page-limit.ts'

export interface PageKey {
  /** Nanoseconds. */
  readonly time: bigint
  readonly seq: number
}

/** Negative: `a` is listed before `b`. */
export type KeyOrder = (a: PageKey, b: PageKey) => number

export function orderOf({ order = 'desc' }: Pick<LogsQuery, 'order'>): KeyOrder {
  return order === 'asc' ? compareKeys : (a, b) => compareKeys(b, a)
}

function compareKeys(a: PageKey, b: PageKey): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  return a.seq - b.seq
}

export function cursorOf({ time, seq }: PageKey): string {
  return `${time}-${seq}`
}

/** @throws TRACELOG_USAGE */
export function parseCursor(text: string): PageKey {
  const match = /^(\d{1,20})-(\d{1,15})$/.exec(text)
  if (match === null) throw usage(`cursor is "${text.slice(0, 80)}", but must be the next_cursor of a page`)
  return { time: BigInt(match[1]!), seq: Number(match[2]) }
}

/** The first `size` of all that are added, in constant memory. */
export class FirstOf<T extends PageKey> {
  readonly #size: number
  readonly #order: KeyOrder
  #kept: T[] = []

  constructor(size: number, order: KeyOrder) {
    this.#size = size
    this.#order = order
  }

  add(item: T): void {
    this.#kept.push(item)
    if (this.#kept.length >= this.#size * 2 + 1_000) this.#kept = this.sorted()
  }

  sorted(): T[] {
    return this.#kept.toSorted(this.#order).slice(0, this.#size)
  }
}
