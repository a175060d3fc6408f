/**
 * What stands out in a trace: the row that failed and what is above it, tries of the same call, rows whose order the clocks do not settle.
 */
import type { Skew, TreeRow } from '../../../model/api.ts'
import { rowTitle } from '../../../model/row-words.ts'
import { firstError } from '../../../tree/summary.ts'
import { isFailedLine, type Outline } from './outline.ts'

export interface RowMarks {
  /** The one row that says why it failed; -1: none did. */
  readonly failed: number
  /** The spans that it stands below. */
  readonly aboveFailed: ReadonlySet<number>
  /** `try 2 of 3`, by row. */
  readonly tries: ReadonlyMap<number, string>
  /** Rows that may have happened before the row above them, or after the next. */
  readonly uncertain: ReadonlySet<number>
}

export function rowMarks(outline: Outline, skew: readonly Skew[]): RowMarks {
  const failed = failedRow(outline.rows)
  const aboveFailed = new Set<number>()
  for (let at = outline.parents[failed] ?? -1; at >= 0; at = outline.parents[at] ?? -1) aboveFailed.add(at)
  return { failed, aboveFailed, tries: triesOf(outline), uncertain: uncertainRows(outline.rows, skew) }
}

/** The error that says most; else the first failed line; else the innermost span that failed. */
function failedRow(rows: readonly TreeRow[]): number {
  const told = firstError(rows)
  if (told !== undefined) return rows.indexOf(told)
  const line = rows.findIndex(isFailedLine)
  return line >= 0 ? line : rows.findLastIndex(hasFailed)
}

function hasFailed({ kind, status, error }: TreeRow): boolean {
  return kind === 'span' && (error !== undefined || status === 'error' || Number(status) >= 500)
}

/** Calls of one span with one title, of which one says that it is not the first. */
function triesOf({ rows, parents }: Outline): Map<number, string> {
  const groups = new Map<string, number[]>()
  for (const [index, row] of rows.entries()) {
    if (row.kind !== 'span' || row.fields?.['attempt'] === undefined) continue
    const name = `${parents[index]} ${row.service} ${rowTitle(row)}`
    groups.set(name, [...(groups.get(name) ?? []), index])
  }
  const tries = new Map<number, string>()
  for (const group of groups.values()) {
    const numbers = group.map((index) => Number(rows[index]?.fields?.['attempt']))
    const last = numbers.reduce((most, number) => Math.max(most, number), 0)
    if (last < 2) continue
    for (const [i, index] of group.entries()) tries.set(index, `try ${numbers[i]} of ${last}`)
  }
  return tries
}

/** Neighbours of two services that lie closer to each other than their clocks are known to agree. */
function uncertainRows(rows: readonly TreeRow[], skew: readonly Skew[]): Set<number> {
  const uncertain = new Set<number>()
  if (skew.length === 0) return uncertain
  const bounds = new Map(
    skew.flatMap(({ from, to, bound_ms: by }) => [[`${from} ${to}`, by] as const, [`${to} ${from}`, by] as const]),
  )
  let before = -1
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'gap') continue
    const other = rows[before]
    before = index
    if (other === undefined || other.service === row.service) continue
    const bound = bounds.get(`${other.service} ${row.service}`) ?? 0
    // A caller begins before what it called, whatever the clocks say.
    const isCausal = row.kind === 'span' && other.kind === 'span' && row.depth > other.depth
    if (isCausal || row.at_ms - other.at_ms >= bound) continue
    uncertain.add(index)
  }
  return uncertain
}
