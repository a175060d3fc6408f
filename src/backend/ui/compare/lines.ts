/**
 * Which lines the grid of a comparison shows: rows, and one line for each run of rows that are as before, which opens.
 */
import type { DiffRow, TreeDiff, TreeRow } from '../../../model/api.ts'
import { diffParts } from '../../../tree/diff-parts.ts'
import { shownRow } from '../../../tree/text/render-diff.ts'
import { type RowContext, rowContexts } from '../../../tree/text/row-context.ts'

export interface CompareRow {
  readonly kind: 'row'
  readonly row: DiffRow
  readonly context: RowContext
}
/** Stands for rows `from` to before `to`. */
export interface CompareRun {
  readonly kind: 'run'
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly isOpen: boolean
}
export type CompareLine = CompareRow | CompareRun

export interface CompareModel {
  readonly diff: TreeDiff
  readonly contexts: readonly RowContext[]
  /** Milliseconds that the bars are drawn in: the longer one of the two. */
  readonly whole: number
}

export function compareModel(diff: TreeDiff): CompareModel {
  return {
    diff,
    contexts: rowContexts(diff.rows.map(shownRow)),
    whole: diff.rows.reduce(
      (end, { a, b }) => Math.max(end, endOf(a), endOf(b)),
      Math.max(diff.a.duration_ms ?? 0, diff.b.duration_ms ?? 0),
    ),
  }
}

function endOf(row: TreeRow | undefined): number {
  return row === undefined ? 0 : row.at_ms + (row.took_ms ?? 0)
}

/** @param opened  by `from` of a run */
export function compareLines({ diff, contexts }: CompareModel, opened: ReadonlySet<number>): CompareLine[] {
  const rowAt = (index: number): CompareRow => ({
    kind: 'row',
    row: diff.rows[index] as DiffRow,
    context: contexts[index] as RowContext,
  })
  const lines: CompareLine[] = []
  for (const part of diffParts(diff.rows)) {
    if (part.kind === 'row') {
      lines.push(rowAt(part.index))
      continue
    }
    const isOpen = opened.has(part.from)
    lines.push({ ...part, kind: 'run', depth: diff.rows[part.from]?.depth ?? 0, isOpen })
    const inside = isOpen ? diff.rows.slice(part.from, part.to) : []
    // One by one: a call takes fewer arguments than a run may have rows.
    for (const [i] of inside.entries()) lines.push(rowAt(part.from + i))
  }
  return lines
}

export function isDifferent(line: CompareLine): boolean {
  return line.kind === 'row' && line.row.change !== 'same'
}
