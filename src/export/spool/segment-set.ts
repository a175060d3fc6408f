/**
 * The segments that this process has on disk, by age.
 */
import type { Signal } from '../../model/signal.ts'
import { hasUnsent, type SpoolSegment } from './spool-segment.ts'

export class SegmentSet {
  readonly #segments = new Set<SpoolSegment>()

  get bytes(): number {
    let bytes = 0
    for (const segment of this.#segments) bytes += segment.bytes
    return bytes
  }

  add(segment: SpoolSegment): void {
    this.#segments.add(segment)
  }

  delete(segment: SpoolSegment): void {
    this.#segments.delete(segment)
  }

  has(segment: SpoolSegment): boolean {
    return this.#segments.has(segment)
  }

  /** @param number  from the name of a file */
  hasNumber(number: string): boolean {
    for (const segment of this.#segments) if (segment.number === number) return true
    return false
  }

  /** The oldest one that nobody reads. */
  oldest(): SpoolSegment | undefined {
    return this.#byAge().find((segment) => !segment.isBusy)
  }

  /** The oldest one that nobody reads, with something of a signal to send. */
  oldestUnsent(signal: Signal): SpoolSegment | undefined {
    return this.#byAge().find((segment) => !segment.isBusy && signalOf(segment) === signal && hasUnsent(segment))
  }

  newest(): SpoolSegment | undefined {
    return this.#byAge().at(-1)
  }

  #byAge(): SpoolSegment[] {
    return [...this.#segments].toSorted((a, b) => (a.number < b.number ? -1 : 1))
  }
}

/** Logs that were written ahead are logs. */
export function signalOf({ use }: Pick<SpoolSegment, 'use'>): Signal {
  return use === 'spans' ? 'spans' : 'logs'
}
