/**
 * Which parts of which spans decided how long a request took?
 *
 * Walked backwards from the end of each root: what ended last is what its parent waited for; before that child began, the one that
 * ended last before then; between them the parent itself worked. Pure; O(n log n) in the rows, no recursion.
 */
import type { TreeRow } from '../model/api.ts'

/** A stretch of time in which this row was what the request waited for. Milliseconds since the first happening. */
export interface CriticalPart {
  /** Index of the row. */
  readonly row: number
  readonly from: number
  readonly to: number
}

/** @returns disjoint parts of each root, in order of time */
export function criticalPath(rows: readonly TreeRow[]): CriticalPart[] {
  const { roots, children, last } = spansOf(rows)
  const parts: CriticalPart[] = []
  const windows = roots.map((row): Window => ({ row, ...timesOf(rows, row, last) }))
  for (let window = windows.pop(); window !== undefined; window = windows.pop()) {
    walkBack(window, { rows, below: children[window.row] ?? NONE, last, parts, windows })
  }
  return parts.toSorted((a, b) => a.from - b.from || a.row - b.row)
}

const NONE: readonly number[] = []

/** A row and the part of it that is looked at: what lies outside of its parent's time is nothing that the parent waited for. */
interface Window {
  readonly row: number
  readonly from: number
  readonly to: number
}

interface Walk {
  readonly rows: readonly TreeRow[]
  readonly below: readonly number[]
  readonly last: number
  readonly parts: CriticalPart[]
  readonly windows: Window[]
}

function walkBack({ row, from, to }: Window, { rows, below, last, parts, windows }: Walk): void {
  // Most spans have nothing below them.
  if (below.length === 0) {
    if (from < to) parts.push({ row, from, to })
    return
  }
  let reached = to
  const own = (since: number): void => {
    if (since < reached) parts.push({ row, from: since, to: reached })
  }
  for (const child of within({ row, from, to }, below, { rows, last })) {
    // It ran beside the one that ended later: nobody waited for it.
    if (child.to > reached) continue
    own(child.to)
    windows.push(child)
    reached = child.from
  }
  own(from)
}

/** Children cut to their parent's time, the last end first; of one end the one that began first. */
function within(
  { from, to }: Window,
  below: readonly number[],
  { rows, last }: { rows: readonly TreeRow[]; last: number },
): Window[] {
  return below
    .map((row): Window => {
      const times = timesOf(rows, row, last)
      return { row, from: Math.max(from, times.from), to: Math.min(to, times.to) }
    })
    .filter((child) => child.to > child.from)
    .toSorted((a, b) => b.to - a.to || a.from - b.from)
}

/** One that still runs lasts until the last happening that is known. */
function timesOf(rows: readonly TreeRow[], index: number, last: number): { from: number; to: number } {
  const { at_ms: from, took_ms: took } = rows[index] as TreeRow
  return { from, to: typeof took === 'number' ? from + took : last }
}

interface Spans {
  readonly roots: readonly number[]
  /** Of each row, those that stand directly below it. */
  readonly children: readonly (readonly number[] | undefined)[]
  readonly last: number
}

function spansOf(rows: readonly TreeRow[]): Spans {
  const roots: number[] = []
  const children: (number[] | undefined)[] = []
  const above: number[] = []
  let last = 0
  for (const [index, { kind, depth, at_ms: at, took_ms: took }] of rows.entries()) {
    last = Math.max(last, at + (took ?? 0))
    if (kind !== 'span') continue
    above.length = Math.min(above.length, depth)
    const parent = above.at(-1)
    if (parent === undefined) roots.push(index)
    else (children[parent] ??= []).push(index)
    above.push(index)
  }
  return { roots, children, last }
}
