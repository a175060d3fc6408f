/**
 * Which rows of a comparison are worth a line: what changed, what it stands in, and the first row. Rows of which nothing within
 * changed are folded into one part per run.
 */
import type { DiffRow } from '../model/api.ts'

/** One row, or so many rows in a run that are as they were: from `from` to before `to`. */
export type DiffPart =
  | { readonly kind: 'row'; readonly index: number }
  | { readonly kind: 'same'; readonly from: number; readonly to: number }

/** In order; together they are all rows. */
export function diffParts(rows: readonly DiffRow[]): DiffPart[] {
  const shown = shownRows(rows)
  const parts: DiffPart[] = []
  for (let index = 0; index < rows.length;) {
    let to = index
    while (to < rows.length && !shown.has(to)) to++
    // A line that says there is one more is no shorter than that one.
    const isRun = to - index > 1
    parts.push(isRun ? { kind: 'same', from: index, to } : { kind: 'row', index })
    index = isRun ? to : index + 1
  }
  return parts
}

function shownRows(rows: readonly DiffRow[]): ReadonlySet<number> {
  const shown = new Set<number>(rows.length === 0 ? [] : [0])
  /** Rows that are open at this place, the outermost first. */
  const above: number[] = []
  rows.forEach(({ change, depth }, index) => {
    while (above.length > 0 && (rows[above.at(-1) as number] as DiffRow).depth >= depth) above.pop()
    above.push(index)
    if (change === 'same') return
    for (let i = above.length - 1; i >= 0 && !shown.has(above[i] as number); i--) shown.add(above[i] as number)
  })
  return shown
}
