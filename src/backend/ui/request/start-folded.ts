/**
 * Which rows of a large trace start folded: whatever is neither on the way of the error nor of the time.
 */
import type { CriticalPart } from '../../../tree/critical-path.ts'
import { isFailedLine, isFoldable, type Outline } from './outline.ts'

/** Up to so many rows are all shown. */
export const SHOWN_ROWS = 5_000

/** Indexes of rows that start folded; none of a trace of usual size. */
export function startFolded(outline: Outline, path: readonly CriticalPart[]): ReadonlySet<number> {
  const { rows, parents } = outline
  const folded = new Set<number>()
  if (rows.length <= SHOWN_ROWS) return folded
  const told = new Set(path.map(({ row }) => row))
  // From the last row up: a row is told when one below it is.
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index]
    if (row === undefined) continue
    if (told.has(index) || isFailedLine(row) || row.error !== undefined) told.add(parents[index] ?? -1)
    // What stands below it has been looked at.
    else if (isFoldable(outline, index)) folded.add(index)
  }
  return folded
}
