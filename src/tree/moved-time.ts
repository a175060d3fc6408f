/**
 * When is a time another one? By more than a fifth and more than a millisecond; less is chance.
 */
const MIN_MILLIS = 1
const MIN_RATIO = 1.2

/** @param bound  how unsure both are. Milliseconds; default 0. @returns undefined: as long */
export function movedBy(before: number, after: number, bound = 0): 'slower' | 'faster' | undefined {
  if (isLonger(before, after, bound)) return 'slower'
  return isLonger(after, before, bound) ? 'faster' : undefined
}

function isLonger(before: number, after: number, bound: number): boolean {
  return after - before > Math.max(MIN_MILLIS, bound) && after > before * MIN_RATIO
}
