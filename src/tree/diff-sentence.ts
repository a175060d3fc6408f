/**
 * What differs between two requests, in one sentence: by how much the second is slower, where that was, and what is new or gone.
 */
import type { DiffChange, DiffRow, TraceTree, TreeRow } from '../model/api.ts'
import { messageWithoutStack, rowTitle } from '../model/row-words.ts'
import { SEVERITY_WARN, severityOfLevelName } from '../model/severity.ts'
import { statusOf } from './diff-words.ts'

/** Of each kind of difference; the rest is a number. */
const MAX_NAMED = 3
/** So much is no difference of a whole request. Milliseconds. */
const MIN_MILLIS = 0.05

export interface Compared {
  readonly a: TraceTree
  readonly b: TraceTree
  readonly rows: readonly DiffRow[]
}

export function diffSentence({ a, b, rows }: Compared): string {
  const total = totalWords(a, b)
  const times = ['slower', 'faster'].map((change) => {
    const inner = innermost(rows, change as DiffChange).toSorted((one, other) => gainOf(other) - gainOf(one))
    return named('', inner.map(timeWords))
  })
  const isRow = (change: DiffChange): DiffRow[] => rows.filter((row) => row.change === change)
  const statuses = innermost(rows, 'status').map((row) => `${titleOf(row)} ${outcomes(row)}`)
  const levels = isRow('level').map((row) => `${titleOf(row)} ${row.a?.level} -> ${row.b?.level}`)
  const parts = [
    ...times,
    named('', statuses),
    named('', levels),
    named('new: ', outermost(rows, 'added').map(titleOf)),
    named('gone: ', outermost(rows, 'gone').map(titleOf)),
  ].filter((part) => part !== '')
  return parts.length === 0 ? total : `${total}: ${parts.join('; ')}`
}

function totalWords({ duration_ms: before }: TraceTree, { duration_ms: after }: TraceTree): string {
  if (before === null || after === null) return 'one of the two has not ended'
  const more = after - before
  if (Math.abs(more) < MIN_MILLIS) return 'as fast'
  return `${millisText(Math.abs(more))} ms ${more > 0 ? 'slower' : 'faster'}`
}

function named(prefix: string, words: readonly string[]): string {
  if (words.length === 0) return ''
  const more = words.length > MAX_NAMED ? ` and ${words.length - MAX_NAMED} more` : ''
  return `${prefix}${words.slice(0, MAX_NAMED).join(', ')}${more}`
}

/** Rows that changed so with no row inside that did too: those outside changed because of them. */
function innermost(rows: readonly DiffRow[], change: DiffChange): DiffRow[] {
  const explained = new Set<DiffRow>()
  /** Rows that are open at this place, the outermost first. */
  const above: DiffRow[] = []
  for (const row of rows) {
    while ((above.at(-1)?.depth ?? -1) >= row.depth) above.pop()
    if (row.change === change) {
      for (let i = above.length - 1; i >= 0 && !explained.has(above[i] as DiffRow); i--)
        explained.add(above[i] as DiffRow)
    }
    above.push(row)
  }
  return rows.filter((row) => row.change === change && !explained.has(row))
}

/** Rows that changed so below none that did, and warnings wherever they are: those first. */
function outermost(rows: readonly DiffRow[], change: DiffChange): DiffRow[] {
  let inside = Infinity
  const found = rows.filter((row) => {
    if (row.depth <= inside) inside = Infinity
    const isOutermost = row.change === change && inside === Infinity
    if (isOutermost) inside = row.depth
    return row.change === change && (isOutermost || weight(row) > 0)
  })
  return found.toSorted((one, other) => weight(other) - weight(one))
}

/** Severity of a line from WARN on, else 0. */
function weight(row: DiffRow): number {
  const severity = severityOfLevelName(rowOf(row).level ?? '') ?? 0
  return severity >= SEVERITY_WARN ? severity : 0
}

const rowOf = ({ a, b }: DiffRow): TreeRow => (b ?? a) as TreeRow
const gainOf = ({ a, b }: DiffRow): number => Math.abs((b?.took_ms ?? 0) - (a?.took_ms ?? 0))

function timeWords(row: DiffRow): string {
  return `${titleOf(row)} ${millisText(row.a?.took_ms ?? 0)} -> ${millisText(row.b?.took_ms ?? 0)} ms`
}

const outcomes = ({ a, b }: DiffRow): string => `${statusOf(a)} -> ${statusOf(b)}`

function titleOf(diffRow: DiffRow): string {
  const row = rowOf(diffRow)
  if (row.kind === 'span') return rowTitle(row)
  const message = messageWithoutStack(row).split('\n', 1)[0] ?? ''
  return row.level === undefined ? message : `${row.level} ${message}`
}

const millisText = (millis: number): string => millis.toFixed(millis < 0.1 ? 2 : 1)
