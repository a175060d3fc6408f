/**
 * When a row happened, in the three ways that a reader may ask: since the request began, by the clock, since the row before.
 */
import type { TraceTree, TreeRow } from '../../../model/api.ts'

export const TIME_MODES = ['rel', 'abs', 'delta'] as const
export type TimeMode = (typeof TIME_MODES)[number]
/** `raw`: as each sender said; `adjusted`: with the clocks corrected. */
export type ClockMode = 'raw' | 'adjusted'

/** So much of the whole since the row before stands out. */
const BIG_SHARE = 0.1

export interface AtText {
  readonly text: string
  /** The request waited long before this row. */
  readonly isBig: boolean
}

/** Milliseconds since the first happening. */
export function atMillis(row: TreeRow, clocks: ClockMode): number {
  return clocks === 'raw' ? row.at_ms + (row.ahead_ms ?? 0) : row.at_ms
}

export interface AtOptions {
  readonly tree: TraceTree
  readonly mode: TimeMode
  readonly clocks: ClockMode
  /** From the first happening to the last. Milliseconds. */
  readonly whole: number
}

/** @param before  the row that is shown above, gaps left out */
export function atText(row: TreeRow, before: TreeRow | undefined, { tree, mode, clocks, whole }: AtOptions): AtText {
  if (row.kind === 'gap') return { text: '', isBig: false }
  const at = atMillis(row, clocks)
  const since = before === undefined ? at : at - atMillis(before, clocks)
  const isBig = whole > 0 && since > whole * BIG_SHARE
  if (mode === 'delta') return { text: `${since < 0 ? '' : '+'}${since.toFixed(3)}`, isBig }
  if (mode === 'rel') return { text: at.toFixed(3), isBig }
  const time = new Date(Date.parse(tree.started_at) + at)
  return { text: Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(11, 23), isBig }
}
