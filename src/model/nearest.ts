/**
 * Which of the known words did a person mean who wrote another one? For `did you mean` in settings, commands and queries.
 */

/** Longer words are not compared: nobody mistypes them, and the work grows with the product of the lengths. */
const MAX_LENGTH = 64

/**
 * The candidate with the fewest single edits (a letter more, less, other, or two neighbours swapped); case is no edit.
 *
 * @returns `undefined` when none is near: one edit in a word of up to four letters, a third of the letters in longer ones
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  if (wanted === '' || wanted.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue
    const edits = editsBetween(wanted, candidate.toLowerCase())
    if (edits >= fewest) continue
    fewest = edits
    best = candidate
  }
  return best
}

/** Optimal string alignment: Levenshtein's distance, in which two swapped neighbours are one edit. */
export function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + change)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) edits = Math.min(edits, at(beforeLast, column - 2) + 1)
      current.push(edits)
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] as number
}
