/**
 * Two requests side by side: spec backend-next 9.
 */
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import type { DiffRow, TraceTree, TreeRow } from '../../src/model/api.ts'
import { diffTrees } from '../../src/tree/diff.ts'
import { TRACE } from './trace-builder.ts'

// Processor time is measured: on a machine that is busy that is more by the clock.
vi.setConfig({ testTimeout: 120_000 })

const treeOf = (rows: readonly TreeRow[], more: Partial<TraceTree> = {}): TraceTree => ({
  trace_id: TRACE,
  sentence: '',
  started_at: '2026-11-30T12:00:00.000Z',
  duration_ms: rows[0]?.took_ms ?? 0,
  outcome: 'ok',
  services: ['web'],
  counts: { spans: 0, inferred: 0, logs: 0, errors: 0, recovered: 0 },
  skew: [],
  rows,
  ...more,
})
const span = (depth: number, name: string, took: number, more: Partial<TreeRow> = {}): TreeRow => ({
  kind: 'span',
  depth,
  at_ms: 0,
  service: 'web',
  name,
  took_ms: took,
  ...more,
})
const line = (depth: number, message: string, level = 'INFO'): TreeRow => ({
  kind: 'log',
  depth,
  at_ms: 0,
  service: 'web',
  level,
  message,
})
const changes = (rows: readonly DiffRow[]): string[] =>
  rows.map(({ change, a, b }) => `${change} ${(b ?? a)?.name ?? (b ?? a)?.message}`)

const good = [span(0, 'GET /cart', 10), span(1, 'cache lookup', 0.4), line(1, 'cart 17 read'), span(1, 'render', 3)]

describe('what changed', () => {
  test('a slow part, and a line that is new, with the sentence first', () => {
    const bad = [
      span(0, 'GET /cart', 22.1),
      span(1, 'cache lookup', 9.2),
      line(2, 'evicted under memory pressure', 'WARN'),
      line(1, 'cart 18 read'),
      span(1, 'render', 3.1),
    ]
    const { sentence, rows } = diffTrees(treeOf(good), treeOf(bad))
    expect(sentence).toBe('12.1 ms slower: cache lookup 0.4 -> 9.2 ms; new: WARN evicted under memory pressure')
    expect(changes(rows)).toEqual([
      'slower GET /cart',
      'slower cache lookup',
      'added evicted under memory pressure',
      'same cart 18 read',
      'same render',
    ])
  })

  test('another status, another level, and what is gone with all below it', () => {
    const a = [span(0, 'GET /', 5, { status: 200 }), line(1, 'paid'), span(1, 'call', 1), span(2, 'inner', 1)]
    const b = [span(0, 'GET /', 5, { status: 500 }), line(1, 'paid', 'ERROR')]
    const { sentence, rows } = diffTrees(treeOf(a), treeOf(b))
    expect(changes(rows)).toEqual(['status GET /', 'level paid', 'gone call', 'gone inner'])
    expect(sentence).toBe('as fast: GET / 200 -> 500; ERROR paid INFO -> ERROR; gone: call')
  })

  test('a request that has not ended is not called slower', () => {
    const { sentence } = diffTrees(treeOf(good), treeOf(good, { duration_ms: null }))
    expect(sentence).toBe('one of the two has not ended')
  })

  test.each([
    { before: 10, after: 12, bound: 0, change: 'same', why: 'exactly 20 % more' },
    { before: 10, after: 12.1, bound: 0, change: 'slower', why: 'more than 20 % and 1 ms' },
    { before: 12.1, after: 10, bound: 0, change: 'faster', why: 'the same the other way round' },
    { before: 0.1, after: 1.1, bound: 0, change: 'same', why: 'eleven times as long, by 1 ms only' },
    { before: 10, after: 14, bound: 5, change: 'same', why: 'less than the clocks are unsure' },
    { before: 10, after: 16, bound: 5, change: 'slower', why: 'more than the clocks are unsure' },
  ])('$before ms and $after ms: $change, $why', ({ before, after, bound, change }) => {
    const skew = [{ from: 'lb', to: 'web', ahead_ms: 0, bound_ms: bound }]
    const { rows } = diffTrees(treeOf([span(0, 'x', before)]), treeOf([span(0, 'x', after)], { skew }))
    expect(rows.map((row) => row.change)).toEqual([change])
  })
})

const anyRow: fc.Arbitrary<TreeRow> = fc
  .record({ depth: fc.nat(4), name: fc.constantFrom('a', 'b', 'c'), took: fc.nat(30), isLog: fc.boolean() })
  .map(({ depth, name, took, isLog }) => (isLog ? line(depth, name) : span(depth, name, took)))
const anyTree = fc.array(anyRow, { maxLength: 40 }).map((rows) => treeOf(rows))
const SWAPPED: Readonly<Record<string, string>> = { added: 'gone', gone: 'added', slower: 'faster', faster: 'slower' }

describe('whatever the trees', () => {
  test('a tree is the same as itself', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const { sentence, rows } = diffTrees(tree, tree)
        expect(rows.map(({ change, b }) => [change, b])).toEqual(tree.rows.map((row) => ['same', row]))
        expect(sentence).toBe('as fast')
      }),
    )
  })

  test('swapped, what was added is gone and what was slower is faster', () => {
    const told = (rows: readonly DiffRow[], swap: boolean): string[] =>
      rows
        .map(({ change, a, b }) => JSON.stringify(swap ? [SWAPPED[change] ?? change, b, a] : [change, a, b]))
        .toSorted()
    fc.assert(
      fc.property(anyTree, anyTree, (a, b) => {
        expect(told(diffTrees(b, a).rows, true)).toEqual(told(diffTrees(a, b).rows, false))
      }),
    )
  })

  test('each row of both is there once, in its order', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (a, b) => {
        const { rows } = diffTrees(a, b)
        expect(rows.flatMap((row) => row.a ?? [])).toEqual(a.rows)
        expect(rows.flatMap((row) => row.b ?? [])).toEqual(b.rows)
      }),
    )
  })
})

/** Sixteen times as many may take three times as long as sixteen times that; below the floor it cannot be quadratic. Milliseconds. */
const [FEW, MANY, MAX_RATIO, FLOOR_MILLIS] = [1_000, 16_000, 48, 300]

const letters = (i: number): string => i.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')
test.each<{
  readonly of: string
  readonly name: (i: number, count: number) => string
  readonly depth: (i: number) => number
}>([
  { of: 'rows that are the same', name: letters, depth: (i) => Math.min(i, 1) },
  { of: 'rows in the other order', name: (i, count) => letters(count - i), depth: (i) => Math.min(i, 1) },
  { of: 'rows of which each is another', name: (i) => `${letters(i)}c`, depth: (i) => Math.min(i, 1) },
  { of: 'rows one inside the other', name: letters, depth: (i) => i },
])('many $of take time in proportion', ({ name, depth }) => {
  const millisOf = (count: number): number => {
    const rowsOf = (nameOf: (i: number, count: number) => string, took: number): TreeRow[] =>
      Array.from({ length: count }, (_, i) => span(depth(i), i === 0 ? 'root' : nameOf(i, count), took))
    const [a, b] = [treeOf(rowsOf(letters, 1)), treeOf(rowsOf(name, 9))]
    const before = process.threadCpuUsage()
    diffTrees(a, b)
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1_000
  }
  millisOf(FEW)
  const few = Math.min(...[0, 1, 2].map(() => millisOf(FEW)))
  expect(millisOf(MANY)).toBeLessThan(Math.max(FLOOR_MILLIS, few * MAX_RATIO))
})
