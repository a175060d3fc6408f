/**
 * The rows of a trace as a tree that can be folded: whose row each is, where what is below it ends, and by which name a link finds it.
 */
import type { TreeRow } from '../../../model/api.ts'

export interface Outline {
  readonly rows: readonly TreeRow[]
  /** Index of the span that each row stands below; -1: none. */
  readonly parents: readonly number[]
  /** Index behind the last row below each row; its own index + 1 where nothing is below it. */
  readonly ends: readonly number[]
  /** Stay the same while the trace grows: the id of the span, or of the record; where there is none, which row of its span it is. */
  readonly ids: readonly string[]
  /** By id. */
  readonly indexOf: ReadonlyMap<string, number>
  /** Lines, and failed ones of them, before each row. One more than there are rows. */
  readonly linesBefore: readonly number[]
  readonly errorsBefore: readonly number[]
}

export function outlineOf(rows: readonly TreeRow[]): Outline {
  const ids = idsOf(rows)
  let indexOf: ReadonlyMap<string, number> | undefined
  return {
    rows,
    ...nesting(rows),
    ids,
    // Made when it is first asked for: a request that is opened without a link to a row needs none.
    get indexOf() {
      return (indexOf ??= new Map(ids.map((id, index) => [id, index])))
    },
    linesBefore: countsBefore(rows, ({ kind }) => kind === 'log'),
    errorsBefore: countsBefore(rows, isFailedLine),
  }
}

export function isFailedLine({ kind, level }: TreeRow): boolean {
  return kind === 'log' && (level === 'ERROR' || level === 'FATAL')
}

/** A span that has something below it. */
export function isFoldable({ ends, rows }: Outline, index: number): boolean {
  return rows[index]?.kind === 'span' && (ends[index] ?? 0) > index + 1
}

/** `12 logs, 1 error`: what a folded row hides. */
export function hiddenWords({ linesBefore, errorsBefore, ends }: Outline, index: number): string {
  const end = ends[index] ?? index + 1
  const lines = (linesBefore[end] ?? 0) - (linesBefore[index + 1] ?? 0)
  const errors = (errorsBefore[end] ?? 0) - (errorsBefore[index + 1] ?? 0)
  const spans = end - index - 1 - lines
  const parts = lines > 0 ? [countOf(lines, 'log')] : [countOf(spans, 'span')]
  return [...parts, ...(errors > 0 ? [countOf(errors, 'error')] : [])].join(', ')
}

export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

function nesting(rows: readonly TreeRow[]): { parents: number[]; ends: number[] } {
  const parents: number[] = []
  const ends: number[] = rows.map((_, index) => index + 1)
  /** Spans that are open at this row. */
  const above: number[] = []
  const close = (end: number): void => {
    ends[above.pop() as number] = end
  }
  for (const [index, { kind, depth }] of rows.entries()) {
    while (above.length > 0 && (rows[above.at(-1) as number] as TreeRow).depth >= depth) close(index)
    parents.push(above.at(-1) ?? -1)
    if (kind === 'span') above.push(index)
  }
  while (above.length > 0) close(rows.length)
  return { parents, ends }
}

function idsOf(rows: readonly TreeRow[]): string[] {
  const used = new Map<string, number>()
  return rows.map(({ kind, span_id: span = '', log_id: record }) => {
    if (record !== undefined) return `log-${record}`
    const name = kind === 'span' ? span : `${kind}-${span}`
    const count = (used.get(name) ?? 0) + 1
    used.set(name, count)
    // A span's id comes twice only from a trace that is broken.
    return kind === 'span' && count === 1 ? span : `${kind}-${span}-${count}`
  })
}

function countsBefore(rows: readonly TreeRow[], counts: (row: TreeRow) => boolean): number[] {
  const before = [0]
  for (const row of rows) before.push((before.at(-1) as number) + (counts(row) ? 1 : 0))
  return before
}
