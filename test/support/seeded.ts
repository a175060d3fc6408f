/**
 * Chance that can be repeated: the same seed gives the same numbers.
 */
export interface Seeded {
  /** 0 to 1, exclusive. */
  next(): number
  /** Whole numbers, both included. */
  between(min: number, max: number): number
  pick<T>(list: readonly T[]): T
}

/** @param seed  a whole number. The generator is mulberry32. */
export function seeded(seed: number): Seeded {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return { next, between, pick: (list) => list[between(0, list.length - 1)]! }
}
