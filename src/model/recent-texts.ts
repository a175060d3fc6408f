/**
 * The last so many of many texts, in constant memory: was this one there before?
 */

export interface RecentTexts {
  has(text: string): boolean
  /** @returns whether it was not there */
  add(text: string): boolean
}

/** @param size  texts remembered at least; twice as many at most */
export function createRecentTexts(size: number): RecentTexts {
  // Two generations, of which the older is forgotten as a whole.
  let young = new Set<string>()
  let old = new Set<string>()
  const has = (text: string): boolean => young.has(text) || old.has(text)
  return {
    has,
    add(text) {
      if (has(text)) return false
      young.add(text)
      if (young.size >= size) {
        old = young
        young = new Set()
      }
      return true
    },
  }
}
