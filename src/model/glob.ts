/**
 * Does a text match a glob? `*` stands for any characters, none included; every other character for itself.
 *
 * The one translator: paths that are ignored, values of a query, words of it. Time grows with the text alone, whatever
 * the glob: each fixed part is looked for once, from where the one before it ended. Its leftmost place is always the right
 * one, so nothing is tried again. (A regular expression tries `.*.*.*` in all ways: 16 s for a path of 4.5 KB.)
 */

/** Whether the text is a pattern at all. */
export function hasWildcard(glob: string): boolean {
  return glob.includes('*')
}

/** The glob as a test of whole texts. */
export function createGlob(glob: string): (text: string) => boolean {
  const parts = glob.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  const between = parts.slice(1, -1).filter((part) => part !== '')
  if (parts.length === 1) return (text) => text === first
  if (between.length > 0) return (text) => isInOrder(text, first, between, last)
  if (last === '') return (text) => text.startsWith(first)
  const shortest = first.length + last.length
  return (text) => text.length >= shortest && text.startsWith(first) && text.endsWith(last)
}

function isInOrder(text: string, first: string, between: readonly string[], last: string): boolean {
  const end = text.length - last.length
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of between) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= end
}

/** Whether a text matches one of the globs at least. Asked for each request: no closure is made, one look for all fixed texts. */
export function createGlobs(globs: readonly string[]): (text: string) => boolean {
  const exact = new Set(globs.filter((glob) => !hasWildcard(glob)))
  const patterns = globs.filter(hasWildcard).map(createGlob)
  return (text) => {
    if (exact.has(text)) return true
    for (const matches of patterns) if (matches(text)) return true
    return false
  }
}
