/**
 * Trees of tasks from records and spans in any order: spec tasks, T-2.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { TraceTree, TreeRow } from '../../src/model/api.ts'
import { buildTree } from '../../src/tree/build-tree.ts'
import { taskTree } from '../../src/tree/task-tree.ts'
import type { TraceData, TraceLog, TraceSpan } from '../../src/tree/trace-data.ts'
import { anyTask, idOf, run, type Expected, type Sent } from './task-program.ts'
import { TRACE } from './trace-builder.ts'

type Choice = 'all' | 'none' | 'some'

/** Which spans were received. */
function spansOf({ spans }: Sent, choice: Choice, seed: number): readonly TraceSpan[] {
  if (choice === 'all') return spans
  return choice === 'none' ? [] : spans.filter((_, i) => ((seed >>> (i % 31)) & 1) === 1)
}

/** As they came: an id is the place in which a record was stored. */
const arrived = (logs: readonly TraceLog[]): TraceLog[] => logs.map((log, i) => ({ ...log, id: String(i + 1) }))
const dataOf = (logs: readonly TraceLog[], spans: readonly TraceSpan[]): TraceData => ({
  traceId: TRACE,
  logs: arrived(logs),
  spans,
})

/** The same in another order, some of it twice. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = lcg(seed)
  const many = items.flatMap((item) => (random() < 0.3 ? [item, item] : [item]))
  return many
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

function lcg(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

const spanRow = (tree: TraceTree | undefined, { span }: Expected): TreeRow | undefined =>
  tree?.rows.find((row) => row.kind === 'span' && row.span_id === idOf(span))

/** A record's id is its place in the order of arrival. */
const withoutLogIds = (tree: TraceTree | undefined) =>
  tree && { ...tree, rows: tree.rows.map(({ log_id: _id, ...row }) => row) }

const choice = fc.constantFrom<Choice>('all', 'none', 'some')
const seeds = fc.record({ spans: fc.nat(), order: fc.nat() })

describe('a tree of tasks', () => {
  test('is the same whatever came first, and however often', () => {
    fc.assert(
      fc.property(anyTask, choice, seeds, (task, which, { spans: some, order }) => {
        const sent = run(task)
        const spans = spansOf(sent, which, some)
        const tree = buildTree(dataOf(sent.logs, spans))
        const again = buildTree(dataOf(shuffled(sent.logs, order), shuffled(spans, order + 1)))
        expect(withoutLogIds(again)).toEqual(withoutLogIds(tree))
      }),
      { numRuns: 300 },
    )
  })

  test('has each task below the one that began it, with spans or by paths alone', () => {
    fc.assert(
      fc.property(anyTask, choice, fc.nat(), (task, which, seed) => {
        const sent = run(task)
        const tree = buildTree(dataOf(sent.logs, spansOf(sent, which, seed)))
        const known = new Set(sent.tasks.map(({ span }) => idOf(span)))
        // A request stands between them, where it is known.
        const above = sent.spans.map(({ span }) => [span.spanId, span.parentSpanId] as const)
        const parentOf = new Map(above)
        const nearest = (id: string): string => {
          let at = parentOf.get(id) ?? ''
          while (at !== '' && !known.has(at)) at = parentOf.get(at) ?? ''
          return at
        }
        expect(parents(tree as TraceTree, known)).toEqual(new Map([...known].map((id) => [id, nearest(id)])))
      }),
      { numRuns: 300 },
    )
  })

  test('says how many of its numbers are missing: none exactly when the last of them is there', () => {
    fc.assert(
      fc.property(anyTask, choice, seeds, (task, which, { spans: some, order }) => {
        const sent = run(task)
        const random = lcg(order)
        const isHere = sent.logs.map(() => random() < 0.9)
        const logs = sent.logs.filter((_, i) => isHere[i])
        const tree = logs.length === 0 ? undefined : buildTree(dataOf(logs, spansOf(sent, which, some)))
        for (const expected of sent.tasks) {
          if (isHere[expected.end] !== true) continue
          const missing = expected.counted.filter((i) => isHere[i] !== true).length
          const words = spanRow(tree, expected)?.task
          // Without its start it is not complete, even if that was below the level.
          expect(words?.missing ?? 0, expected.span).toBe(missing)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('loses nothing: every record is a row or told by one, every task is a node', () => {
    fc.assert(
      fc.property(anyTask, choice, seeds, (task, which, { spans: some, order }) => {
        const sent = run(task)
        const random = lcg(order)
        const logs = sent.logs.filter(() => random() < 0.7)
        const spans = spansOf(sent, which, some)
        const tree = buildTree(dataOf(logs, spans))
        const isOwn = ({ record }: TraceLog): boolean => /\.(?:start|end)$/.test(record.eventName)
        expect(tree?.rows.filter(({ kind }) => kind === 'log').length ?? 0).toBe(
          logs.filter((log) => !isOwn(log)).length,
        )
        const ids = new Set(tree?.rows.flatMap((row) => row.span_id ?? []))
        for (const { record } of logs) expect(ids).toContain(record.spanId)
        const nodes = tree === undefined ? [] : taskTree(tree).nodes
        const told = new Set(
          logs.filter(({ record }) => record.eventName.startsWith('tracelog.task.')).map(({ record }) => record.spanId),
        )
        for (const id of told) expect(nodes.filter(({ row }) => row.span_id === id)).toHaveLength(1)
        expect(nodes.reduce((sum, { lines }) => sum + lines, 0)).toBe(logs.filter((log) => !isOwn(log)).length)
      }),
      { numRuns: 300 },
    )
  })
})

/** Of each of these spans the one of them above it in the tree; `''`: none. */
function parents(tree: TraceTree, known: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>()
  const above: string[] = []
  for (const { depth, row } of taskTree(tree).nodes) {
    above.length = depth
    const id = row.span_id ?? ''
    if (known.has(id)) found.set(id, above.findLast((one) => known.has(one)) ?? '')
    above[depth] = id
  }
  return found
}
