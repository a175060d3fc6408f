/**
 * Which items of two lists are the same, in the order of both? The longest common subsequence of their keys.
 *
 * What both begin and end with is taken first. What is left is compared each with each where that is few enough; else only the first
 * with the first of the same key, the second with the second: n log n, a common subsequence still, perhaps not the longest.
 * Swapped lists give the swapped pairs.
 */

/** At most so many comparisons of each with each. */
const MAX_CELLS = 250_000

/** A place in the one list, and its place in the other. */
export type Pair = readonly [number, number]

/** @returns both places grow from pair to pair */
export function commonOrder(a: readonly string[], b: readonly string[]): Pair[] {
  return isAfter(a, b) ? ordered(b, a).map(([i, j]): Pair => [j, i]) : ordered(a, b)
}

/** Which of several longest ones is taken must not depend on which list came first. */
function isAfter(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return a.length > b.length
  const i = a.findIndex((key, at) => key !== b[at])
  return i !== -1 && (a[i] as string) > (b[i] as string)
}

function ordered(a: readonly string[], b: readonly string[]): Pair[] {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const [innerA, innerB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)]
  const inner = innerA.length * innerB.length <= MAX_CELLS ? longestPairs(innerA, innerB) : growingPairs(innerA, innerB)
  return [
    ...Array.from({ length: head }, (_, i): Pair => [i, i]),
    ...inner.map(([i, j]): Pair => [i + head, j + head]),
    ...Array.from({ length: tail }, (_, i): Pair => [a.length - tail + i, b.length - tail + i]),
  ]
}

/** By the table of the longest ones of all ends. */
function longestPairs(a: readonly string[], b: readonly string[]): Pair[] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => longest[i * width + j] as number
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs: Pair[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

/** The longest growing part of the pairs "nth of its key". */
function growingPairs(a: readonly string[], b: readonly string[]): Pair[] {
  const places = new Map(numbered(b).map((key, j) => [key, j]))
  const pairs = numbered(a).flatMap((key, i): Pair[] => {
    const j = places.get(key)
    return j === undefined ? [] : [[i, j]]
  })
  /** By length: the pair with which a growing part of this length ends soonest. */
  const ends: number[] = []
  const before = pairs.map(([, j], at) => {
    const length = firstFrom(ends, (end) => (pairs[end] as Pair)[1] >= j)
    ends[length] = at
    return ends[length - 1]
  })
  const found: Pair[] = []
  for (let at = ends.at(-1); at !== undefined; at = before[at]) found.push(pairs[at] as Pair)
  return found.toReversed()
}

/** `key` becomes `0 key`, the next of the same key `1 key`. */
function numbered(keys: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return keys.map((key) => {
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return `${count} ${key}`
  })
}

function firstFrom(items: readonly number[], isReached: (item: number) => boolean): number {
  let low = 0
  for (let high = items.length; low < high;) {
    const middle = (low + high) >>> 1
    if (isReached(items[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}
