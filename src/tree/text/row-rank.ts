/**
 * How much does a row of a tree say of what happened? Ranks for fit-rows.ts: what failed, what it waited for, where nothing was
 * seen, lines, the rest.
 */
import type { TraceTree, TreeRow } from '../../model/api.ts'
import { criticalPath } from '../critical-path.ts'
import { levelLetter } from './fields-text.ts'
import type { RankedRow } from './fit-rows.ts'
import { traceText, type RenderOptions } from './render-trace.ts'

/** Of rows; each of them is shown before those of the next. */
export const RANK = { failed: 0, path: 1, gap: 2, warning: 3, line: 4, rest: 5 } as const

export interface RankedTrace {
  readonly head: readonly string[]
  readonly rows: readonly RankedRow[]
  readonly end: readonly string[]
}

/** The text of a trace, each row with its rank. @param focus  what is to be shown before all else; default nothing */
export function rankedTrace(
  tree: TraceTree,
  options: RenderOptions,
  focus: (row: TreeRow) => boolean = () => false,
): RankedTrace {
  const { head, rows, end } = traceText(tree, options)
  const path = pathOf(tree.rows)
  const near = nearOf(tree.rows, focus)
  const ranked = rows.map(({ row, lines }, index) => ({
    rank: near.has(index) ? -1 : rankOf(row, path.has(index)),
    text: lines.join('\n'),
    noun: nounOf(row),
    tookMillis: row.took_ms ?? undefined,
  }))
  return { head, rows: ranked, end }
}

/** Shown with what is looked for, before and behind it. Rows. */
const NEAR = 3

function nearOf(rows: readonly TreeRow[], focus: (row: TreeRow) => boolean): ReadonlySet<number> {
  const near = new Set<number>()
  rows.forEach((row, index) => {
    if (!focus(row)) return
    for (let at = Math.max(0, index - NEAR); at <= Math.min(rows.length - 1, index + NEAR); at++) near.add(at)
  })
  return near
}

function rankOf(row: TreeRow, isOnPath: boolean): number {
  if (hasFailed(row)) return RANK.failed
  if (isOnPath) return RANK.path
  if (row.kind === 'gap') return RANK.gap
  if (row.kind === 'span') return RANK.rest
  const letter = levelLetter(row.level)
  if (letter === 'W') return RANK.warning
  return letter === 'I' ? RANK.line : RANK.rest
}

/** Whether a row says that something failed. */
export function hasFailed(row: TreeRow): boolean {
  if (row.kind === 'log') return /^[EF]$/.test(levelLetter(row.level)) || row.error !== undefined
  return row.error !== undefined || row.status === 'error' || Number(row.status) >= 500 || row.task?.status === 'failed'
}

/** Of the whole time, from which on a row decided how long the request took. */
const DECIDING_SHARE = 0.05

/** The spans that what failed stands in, and those that the request waited for. */
function pathOf(rows: readonly TreeRow[]): ReadonlySet<number> {
  const parents = parentsOf(rows)
  const path = new Set<number>()
  const addWithParents = (from: number | undefined): void => {
    for (let at = from; at !== undefined && !path.has(at); at = parents[at]) path.add(at)
  }
  rows.forEach((row, index) => {
    if (hasFailed(row)) addWithParents(parents[index])
  })
  const waited = new Map<number, number>()
  let whole = 0
  for (const { row, from, to } of criticalPath(rows)) {
    waited.set(row, (waited.get(row) ?? 0) + to - from)
    whole += to - from
  }
  for (const [row, millis] of waited) if (millis >= whole * DECIDING_SHARE) addWithParents(row)
  return path
}

/** By index: the span that a row stands in. */
function parentsOf(rows: readonly TreeRow[]): readonly (number | undefined)[] {
  const open: number[] = []
  return rows.map(({ depth, kind }, index) => {
    while (open.length > 0 && (rows[open.at(-1) as number] as TreeRow).depth >= depth) open.pop()
    const parent = open.at(-1)
    if (kind === 'span') open.push(index)
    return parent
  })
}

/** What a row is, where it is only counted. */
function nounOf(row: TreeRow): string {
  if (row.kind === 'gap') return 'gap'
  if (row.kind === 'log') return `${(row.level ?? 'INFO').toLowerCase().replace(/[^a-z].*$/s, '')} line`
  if (row.task !== undefined) return hasFailed(row) ? 'failed task' : 'task'
  const hit = row.fields?.['cache_hit']
  if (row.component === 'cache' && typeof hit === 'boolean') return hit ? 'cache hit' : 'cache miss'
  if (hasFailed(row)) return 'failed span'
  return row.component === 'http_server' || row.component === 'load_balancer' ? 'request' : 'span'
}
