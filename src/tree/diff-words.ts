/**
 * What changed of one row, in words: `slower 3.1 x`, `status 200 -> 500`. The same on page, terminal and for agents.
 */
import type { DiffRow, TreeRow } from '../model/api.ts'
import { rowOutcome } from '../model/row-words.ts'

/** From a time that is as good as none there is no ratio. Milliseconds. */
const MIN_BEFORE = 0.05

/** `''`: nothing. */
export function changeWords({ change, a, b }: DiffRow): string {
  if (change === 'added') return '+ added'
  if (change === 'gone') return '- gone'
  if (change === 'slower') return `slower${ratioWords(a, b)}`
  if (change === 'faster') return `faster${ratioWords(b, a)}`
  if (change === 'status') return `status ${statusOf(a)} -> ${statusOf(b)}`
  return change === 'level' ? `level ${a?.level ?? 'INFO'} -> ${b?.level ?? 'INFO'}` : ''
}

/** The status of a row, of a task how it ended. */
export function statusOf(row: TreeRow | undefined): string {
  if (row === undefined) return 'no status'
  return rowOutcome(row) || row.task?.status || 'no status'
}

/** ` 3.1 x`, ` 23 x`. */
function ratioWords(less: TreeRow | undefined, more: TreeRow | undefined): string {
  const [from, to] = [less?.took_ms ?? 0, more?.took_ms ?? 0]
  if (from < MIN_BEFORE) return ''
  const ratio = to / from
  return ` ${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString('en')} x`
}
