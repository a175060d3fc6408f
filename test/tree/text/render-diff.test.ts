import { stripVTControlCharacters } from 'node:util'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createPaint } from '../../../src/cli/colour.ts'
import type { DiffChange, DiffRow, TraceTree, TreeRow } from '../../../src/model/api.ts'
import { widthOf } from '../../../src/model/text-width.ts'
import { diffParts } from '../../../src/tree/diff-parts.ts'
import { changeWords } from '../../../src/tree/diff-words.ts'
import { diffTrees } from '../../../src/tree/diff.ts'
import { PLAIN_PAINT } from '../../../src/tree/text/paint.ts'
import { renderDiff } from '../../../src/tree/text/render-diff.ts'
import { EXAMPLE } from '../../cli/rows.ts'

process.env['TZ'] = 'UTC'
const NOW = new Date('2026-11-21T18:00:00Z')
const PLAIN = { paint: PLAIN_PAINT, columns: undefined, now: NOW }

const [lb, picked, gap, web, lookup, cache] = EXAMPLE.rows as [TreeRow, TreeRow, TreeRow, TreeRow, TreeRow, TreeRow]
/** The request of EXAMPLE when all was well. */
const GOOD: TraceTree = {
  ...EXAMPLE,
  trace_id: '7c1e0a2b77b34da6a3ce929d0e0e4736',
  sentence: 'GET /api/cart → 200 in 29.1 ms.',
  duration_ms: 29.1,
  outcome: 'ok',
  rows: [
    { ...lb, status: 200, took_ms: 29.1 },
    picked,
    gap,
    { ...web, status: 200, took_ms: 25.4 },
    lookup,
    { ...cache, took_ms: 0.4 },
    { ...lookup, message: 'cart found', level: 'INFO' },
  ],
}

describe('two requests as text', () => {
  test('are a sentence, which two they are, and the rows that changed', () => {
    expect(renderDiff(diffTrees(GOOD, EXAMPLE), PLAIN).join('\n')).toMatchInlineSnapshot(`
      "12.1 ms slower: GET cart:* 0.4 -> 8.8 ms; GET /api/cart 200 -> 500; new: ERROR cart is undefined; gone: INFO cart found
      before  7c1e0a2b · 14:32:06.981  GET /api/cart → 200 in 29.1 ms.
      after   4bf92f35 · 14:32:06.981  GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.

      before ms   after ms  change             service  what happened
           29.1       41.2  status 200 -> 500  lb       GET /api/cart  500  → web-2 127.0.0.1:3001
                                                        │ … 2 rows as before
           25.4       37.6  status 200 -> 500  web      │ GET /api/cart  500
                                               web      │ │ D cart lookup  user=42
           0.40        8.8  slower 22 x        cache    │ │ GET cart:*  miss   (seen from web only)
                            - gone             web      │ │ I cart found  user=42
                            + added            web      │ │ E TypeError: cart is undefined  user=42"
    `)
  })

  test('fit the terminal, and keep their colours', () => {
    const lines = renderDiff(diffTrees(GOOD, EXAMPLE), { paint: createPaint(8), columns: 72, now: NOW })
    for (const line of lines) expect(widthOf(stripVTControlCharacters(line))).toBeLessThanOrEqual(72)
    expect(lines.join('')).toContain(createPaint(8).tone('amber', 'slower 22 x      '))
  })

  test('that are the same are one row and how many more there are', () => {
    expect(
      renderDiff(diffTrees(EXAMPLE, EXAMPLE), PLAIN)
        .slice(-2)
        .map((line) => line.trim()),
    ).toEqual(['41.2       41.2          lb       GET /api/cart  500  → web-2 127.0.0.1:3001', '│ … 6 rows as before'])
  })

  test('show what a record says, never obey it', () => {
    const evil = {
      ...EXAMPLE,
      rows: EXAMPLE.rows.map((row) => ({ ...row, message: '\u001B[2J\nx', service: '\u202Ea' })),
    }
    const text = renderDiff(diffTrees(GOOD, evil), PLAIN).join('\n')
    for (const hidden of ['\u001B', '\u202E']) expect(text).not.toContain(hidden)
  })
})

const span = (took: number | null, more: Partial<TreeRow> = {}): TreeRow => ({
  kind: 'span',
  depth: 0,
  at_ms: 0,
  took_ms: took,
  ...more,
})

test.each<{ row: Omit<DiffRow, 'depth'>; words: string }>([
  { row: { change: 'same', a: span(1), b: span(1) }, words: '' },
  { row: { change: 'added', b: span(1) }, words: '+ added' },
  { row: { change: 'gone', a: span(1) }, words: '- gone' },
  { row: { change: 'slower', a: span(4), b: span(12.4) }, words: 'slower 3.1 x' },
  { row: { change: 'slower', a: span(0.4), b: span(9.2) }, words: 'slower 23 x' },
  { row: { change: 'slower', a: span(0), b: span(9.2) }, words: 'slower' },
  { row: { change: 'faster', a: span(12), b: span(4) }, words: 'faster 3.0 x' },
  { row: { change: 'status', a: span(1, { status: 200 }), b: span(1, { status: 500 }) }, words: 'status 200 -> 500' },
  { row: { change: 'status', a: span(1), b: span(1, { status: 500 }) }, words: 'status no status -> 500' },
  {
    row: { change: 'level', a: span(1, { level: 'INFO' }), b: span(1, { level: 'WARN' }) },
    words: 'level INFO -> WARN',
  },
])('what changed is said: $words', ({ row, words }) => {
  expect(changeWords({ depth: 0, ...row })).toBe(words)
})

const CHANGES: readonly DiffChange[] = ['same', 'same', 'same', 'same', 'added', 'gone', 'slower', 'status']
const anyRow = fc.record({ change: fc.constantFrom(...CHANGES), depth: fc.nat(4) })

test('parts are all rows once, in order; what is folded changed nowhere', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
      const parts = diffParts(rows)
      const covered = parts.flatMap((part) =>
        part.kind === 'row' ? [part.index] : Array.from({ length: part.to - part.from }, (_, i) => part.from + i),
      )
      expect(covered).toEqual(rows.map((_, index) => index))
      for (const part of parts) {
        if (part.kind === 'row') continue
        expect(part.to - part.from).toBeGreaterThan(1)
        const last = part.to
        // Nor did anything below the last of them.
        const isBelow = last < rows.length && (rows[last]?.depth ?? 0) > (rows[last - 1]?.depth ?? 0)
        expect(isBelow && rows[last]?.change !== 'same').toBe(false)
        expect(rows.slice(part.from, part.to).every(({ change }) => change === 'same')).toBe(true)
      }
    }),
  )
})
