/**
 * How much does a row of a comparison say? Ranks for fit-rows.ts: what failed or ended otherwise, what is slower, new or gone, the
 * rest of what changed, what it stands in.
 */
import type { DiffRow, TreeDiff } from '../../model/api.ts'
import type { RankedRow } from './fit-rows.ts'
import { diffText, type DiffOptions, sameWords, shownRow } from './render-diff.ts'
import { hasFailed } from './row-rank.ts'

export interface RankedDiff {
  readonly head: readonly string[]
  readonly rows: readonly RankedRow[]
}

export function rankedDiff(diff: TreeDiff, options: DiffOptions): RankedDiff {
  const { head, parts } = diffText(diff, options)
  return {
    head,
    rows: parts.map(({ part, line }) => {
      if (part.kind === 'same') return { rank: 5, text: line, noun: `run of ${sameWords(part)}` }
      const row = diff.rows[part.index] as DiffRow
      return { rank: rankOf(row), text: line, noun: nounOf(row) }
    }),
  }
}

function rankOf(row: DiffRow): number {
  const { change } = row
  if (change === 'same') return row.depth === 0 ? 1 : 4
  if (hasFailed(shownRow(row)) || change === 'status') return 0
  if (change === 'faster' || change === 'level') return 3
  return shownRow(row).kind === 'gap' ? 2 : 1
}

const NOUNS = {
  same: 'row as before',
  added: 'new row',
  gone: 'gone row',
  slower: 'slower row',
  faster: 'faster row',
  status: 'row of another status',
  level: 'row of another level',
} as const

function nounOf(row: DiffRow): string {
  const failed = row.change !== 'same' && hasFailed(shownRow(row)) ? 'failed ' : ''
  return failed + NOUNS[row.change]
}
