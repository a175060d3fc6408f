/**
 * Rows that came in above what is seen, until they were seen: told as `6 new above`.
 */
import type { GridLine } from './lines.ts'

export class UnseenRows {
  readonly #keys = new Set<string>()
  readonly #onCount: (count: number) => void

  constructor(onCount: (count: number) => void) {
    this.#onCount = onCount
  }

  /** @param above  lines above the first one that is seen @param known  what was there before */
  add(above: readonly GridLine[], known: ReadonlyMap<string, number>): void {
    for (const { key, kind } of above) if (kind === 'row' && !known.has(key)) this.#keys.add(key)
    this.#onCount(this.#keys.size)
  }

  /** What is seen, or stands below it, is new no longer. */
  see(lines: readonly GridLine[], top: number): void {
    if (this.#keys.size === 0) return
    for (const { key } of lines.slice(Math.max(0, top))) this.#keys.delete(key)
    this.#onCount(this.#keys.size)
  }

  first(lines: readonly GridLine[]): number {
    return Math.max(
      0,
      lines.findIndex(({ key }) => this.#keys.has(key)),
    )
  }
}
