/**
 * What differs between two requests? Their rows side by side, aligned along the tree by service, kind and name or pattern.
 *
 * Pure. Only children of rows that are the same are aligned with each other: below a row that is gone everything is gone.
 */
import type { DiffChange, DiffRow, TraceHead, TraceTree, TreeDiff, TreeRow } from '../model/api.ts'
import { patternOfText } from '../model/pattern.ts'
import { messageWithoutStack, rowOutcome } from '../model/row-words.ts'
import { commonOrder } from './common-order.ts'
import { diffSentence } from './diff-sentence.ts'
import { movedBy } from './moved-time.ts'

/** @param a  the request that is compared with: the good one */
export function diffTrees(a: TraceTree, b: TraceTree): TreeDiff {
  const bounds = boundsOf(a, b)
  const rows: DiffRow[] = []
  const stack = alignedChildren(nested(a.rows), nested(b.rows)).toReversed()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { a: left, b: right } = next
    rows.push({
      change: changeOf(left?.row, right?.row, bounds),
      depth: (right ?? left)?.row.depth ?? 0,
      ...(left === undefined ? {} : { a: left.row }),
      ...(right === undefined ? {} : { b: right.row }),
    })
    // One by one: a call takes fewer arguments than a row may have children.
    for (const side of alignedChildren(left?.children ?? [], right?.children ?? []).toReversed()) stack.push(side)
  }
  return { a: headOf(a), b: headOf(b), sentence: diffSentence({ a, b, rows }), rows }
}

function headOf(tree: TraceTree): TraceHead {
  const { rows: _, ...head } = tree
  return head
}

interface Nested {
  readonly row: TreeRow
  readonly children: Nested[]
}
interface Side {
  readonly a?: Nested
  readonly b?: Nested
}

function nested(rows: readonly TreeRow[]): Nested[] {
  const roots: Nested[] = []
  /** Rows that are open at this place, the outermost first. */
  const above: Nested[] = []
  for (const row of rows) {
    while ((above.at(-1)?.row.depth ?? -1) >= row.depth) above.pop()
    const node = { row, children: [] }
    const siblings = above.at(-1)?.children ?? roots
    siblings.push(node)
    above.push(node)
  }
  return roots
}

function alignedChildren(a: readonly Nested[], b: readonly Nested[]): Side[] {
  const sides: Side[] = []
  let [i, j] = [0, 0]
  for (const [nextA, nextB] of [...commonOrder(a.map(keyOf), b.map(keyOf)), [a.length, b.length] as const]) {
    for (; i < nextA; i++) sides.push({ a: a[i] as Nested })
    for (; j < nextB; j++) sides.push({ b: b[j] as Nested })
    if (i < a.length && j < b.length) sides.push({ a: a[i++] as Nested, b: b[j++] as Nested })
  }
  return sides
}

/** Level, status and time are no part of it: they may differ. */
function keyOf({ row }: Nested): string {
  const words = row.kind === 'span' ? (row.task?.goal ?? row.name ?? '') : messageWithoutStack(row)
  return [row.service, row.kind, row.component, patternOfText(words)].join('\n')
}

function changeOf(a: TreeRow | undefined, b: TreeRow | undefined, bounds: ReadonlyMap<string, number>): DiffChange {
  if (a === undefined) return 'added'
  if (b === undefined) return 'gone'
  if (rowOutcome(a) !== rowOutcome(b) || a.task?.status !== b.task?.status) return 'status'
  if (a.level !== b.level) return 'level'
  const bound = bounds.get(b.service ?? '') ?? 0
  const [before, after] = [a.took_ms ?? undefined, b.took_ms ?? undefined]
  if (before === undefined || after === undefined) return 'same'
  return movedBy(before, after, bound) ?? 'same'
}

/** By service: how unsure a time is that two clocks made, one of them its own. */
function boundsOf(...trees: readonly TraceTree[]): Map<string, number> {
  const bounds = new Map<string, number>()
  for (const { to, bound_ms: bound } of trees.flatMap(({ skew }) => skew)) {
    bounds.set(to, Math.max(bounds.get(to) ?? 0, bound))
  }
  return bounds
}
