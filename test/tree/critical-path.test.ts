/** What a request waited for: the parts are disjoint, cover each root, and are found in time that grows with the rows. */
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import type { TreeRow } from '../../src/model/api.ts'
import { criticalPath } from '../../src/tree/critical-path.ts'

// Processor time is measured: on a machine that is busy that is more by the clock.
vi.setConfig({ testTimeout: 120_000 })

const span = (depth: number, from: number, to: number | null): TreeRow => ({
  kind: 'span',
  depth,
  at_ms: from,
  took_ms: to === null ? null : to - from,
})
const log = (depth: number, at: number): TreeRow => ({ kind: 'log', depth, at_ms: at })

/** `0 0-5`: row 0, from 0 to 5. */
const drawn = (rows: readonly TreeRow[]): string[] =>
  criticalPath(rows).map(({ row, from, to }) => `${row} ${from}-${to}`)

test.each<{ readonly what: string; readonly rows: readonly TreeRow[]; readonly parts: readonly string[] }>([
  { what: 'nothing', rows: [], parts: [] },
  { what: 'lines alone', rows: [log(0, 1), log(0, 2)], parts: [] },
  { what: 'one span', rows: [span(0, 0, 10)], parts: ['0 0-10'] },
  {
    what: 'one after the other: both, and the parent between them',
    rows: [span(0, 0, 10), span(1, 1, 4), span(1, 5, 9)],
    parts: ['0 0-1', '1 1-4', '0 4-5', '2 5-9', '0 9-10'],
  },
  {
    what: 'side by side: the one that ended last',
    rows: [span(0, 0, 10), span(1, 1, 4), span(1, 2, 9)],
    parts: ['0 0-2', '2 2-9', '0 9-10'],
  },
  {
    what: 'nested: the innermost that was waited for',
    rows: [span(0, 0, 10), log(1, 1), span(1, 2, 8), log(2, 3), span(2, 4, 8), log(1, 9)],
    parts: ['0 0-2', '2 2-4', '4 4-8', '0 8-10'],
  },
  {
    what: 'a child that goes on after its parent counts to the end of its parent',
    rows: [span(0, 0, 10), span(1, 6, 30)],
    parts: ['0 0-6', '1 6-10'],
  },
  { what: 'a child that began after its parent had ended', rows: [span(0, 0, 10), span(1, 12, 30)], parts: ['0 0-10'] },
  {
    what: 'a child that began before its parent, by its clock',
    rows: [span(0, 5, 10), span(1, 3, 7)],
    parts: ['1 5-7', '0 7-10'],
  },
  { what: 'one that still runs', rows: [span(0, 0, null), span(1, 2, null), log(2, 8)], parts: ['0 0-2', '1 2-8'] },
  { what: 'two roots: each on its own', rows: [span(0, 0, 4), span(0, 2, 6)], parts: ['0 0-4', '1 2-6'] },
])('$what', ({ rows, parts }) => {
  expect(drawn(rows)).toEqual(parts)
})

test('the parts of one root are disjoint and cover it, whatever its children say', () => {
  const child = fc.record({ depth: fc.nat(5), from: fc.nat(100), took: fc.option(fc.nat(100)) })
  fc.assert(
    fc.property(fc.nat(100), fc.array(child, { maxLength: 40 }), (took, children) => {
      const rows = [
        span(0, 0, took),
        ...children.map((row) => span(row.depth + 1, row.from, row.took === null ? null : row.from + row.took)),
      ]
      let reached = 0
      for (const { from, to } of criticalPath(rows)) {
        expect(from).toBe(reached)
        reached = to
      }
      expect(reached).toBe(took)
    }),
  )
})

test.each<{ readonly of: string; readonly row: (i: number, count: number) => TreeRow }>([
  { of: 'children of one', row: (i, count) => (i === 0 ? span(0, 0, count) : span(1, i, i + 1)) },
  {
    of: 'children that all run side by side',
    row: (i, count) => (i === 0 ? span(0, 0, count) : span(1, i, count - i)),
  },
  { of: 'spans within each other', row: (i, count) => span(i, i, 2 * count - i) },
])('50,000 $of', ({ row }) => {
  const few = rowsOf(5_000, row)
  const many = rowsOf(50_000, row)
  millisOf(few)
  const base = Math.min(...[0, 1, 2].map(() => millisOf(few)))
  // Ten times as many may take three times as long as ten times that; so little time cannot be quadratic.
  expect(millisOf(many)).toBeLessThan(Math.max(300, base * 30))
})

function rowsOf(count: number, row: (i: number, count: number) => TreeRow): TreeRow[] {
  return Array.from({ length: count }, (_, i) => row(i, count))
}

function millisOf(rows: readonly TreeRow[]): number {
  const before = process.threadCpuUsage()
  criticalPath(rows)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
