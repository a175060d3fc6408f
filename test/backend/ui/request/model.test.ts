/** What the grid of one request shows of its rows: folding, times, marks, bars. */
import { describe, expect, test } from 'vitest'

import { atText, type AtOptions, type TimeMode } from '../../../../src/backend/ui/request/at-text.ts'
import { axisMarks, barOf, foldedTicks } from '../../../../src/backend/ui/request/bars.ts'
import { headWords } from '../../../../src/backend/ui/request/head-words.ts'
import { gridLines } from '../../../../src/backend/ui/request/lines.ts'
import { hiddenWords, isFoldable, outlineOf } from '../../../../src/backend/ui/request/outline.ts'
import { rowMarks } from '../../../../src/backend/ui/request/row-marks.ts'
import { sharedFields } from '../../../../src/backend/ui/request/shared-fields.ts'
import { SHOWN_ROWS, startFolded } from '../../../../src/backend/ui/request/start-folded.ts'
import type { TraceTree, TreeRow } from '../../../../src/model/api.ts'
import { criticalPath } from '../../../../src/tree/critical-path.ts'

type Words = Partial<TreeRow>
const span = (depth: number, at: number, took: number | null, more: Words = {}): TreeRow => ({
  kind: 'span',
  depth,
  at_ms: at,
  took_ms: took,
  service: 'web',
  span_id: `s${at}`,
  name: `span at ${at}`,
  ...more,
})
const log = (depth: number, at: number, more: Words = {}): TreeRow => ({
  kind: 'log',
  depth,
  at_ms: at,
  service: 'web',
  span_id: 's0',
  level: 'INFO',
  message: `line at ${at}`,
  ...more,
})
const treeOf = (rows: readonly TreeRow[], more: Partial<TraceTree> = {}): TraceTree => ({
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  sentence: 'GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.',
  started_at: '2026-11-21T14:32:06.981Z',
  duration_ms: 41.2,
  outcome: 'error',
  services: ['lb', 'web'],
  counts: { spans: 2, inferred: 1, logs: 2, errors: 1, recovered: 1 },
  skew: [],
  rows,
  ...more,
})
const ROWS = [
  span(0, 0, 41.2, { service: 'lb' }),
  log(1, 0.3, { service: 'lb' }),
  { kind: 'gap', depth: 1, at_ms: 0.4, took_ms: 3, span_id: 'call', message: '3 ms between' } as const,
  span(1, 3.4, 37),
  log(2, 4, { span_id: 's3.4' }),
  log(2, 12.5, { span_id: 's3.4', level: 'ERROR', error: { type: 'TypeError', message: 'x is undefined' } }),
  log(1, 41, { service: 'lb' }),
]

describe('the outline', () => {
  const outline = outlineOf(ROWS)

  test('each row stands below its span, and a span ends behind what is below it', () => {
    expect(outline.parents).toEqual([-1, 0, 0, 0, 3, 3, 0])
    expect(outline.ends).toEqual([7, 2, 3, 6, 5, 6, 7])
    expect(ROWS.map((_, index) => isFoldable(outline, index))).toEqual([true, false, false, true, false, false, false])
  })

  test('rows have names that stay when the trace grows', () => {
    expect(outline.ids).toEqual(['s0', 'log-s0-1', 'gap-call-1', 's3.4', 'log-s3.4-1', 'log-s3.4-2', 'log-s0-2'])
    const grown = outlineOf([...ROWS.slice(0, 6), span(2, 20, 1), ...ROWS.slice(6)])
    expect(grown.ids.filter((id) => outline.indexOf.has(id))).toEqual(outline.ids)
  })

  test('a folded row says what it hides', () => {
    expect(hiddenWords(outline, 0)).toBe('4 logs, 1 error')
    expect(hiddenWords(outline, 3)).toBe('2 logs, 1 error')
    expect(hiddenWords(outlineOf([span(0, 0, 5), span(1, 1, 2)]), 0)).toBe('1 span')
  })
})

describe('lines', () => {
  const keysOf = (rows: readonly TreeRow[], folded: readonly number[], opened: readonly string[] = []): string[] =>
    gridLines(outlineOf(rows), { isFolded: (index) => folded.includes(index), opened: new Set(opened) }).map(
      ({ key }) => key,
    )

  test('what stands below a folded row is not shown', () => {
    expect(keysOf(ROWS, [])).toHaveLength(7)
    expect(keysOf(ROWS, [3])).toEqual(['s0', 'log-s0-1', 'gap-call-1', 's3.4', 'log-s0-2'])
    expect(keysOf(ROWS, [0, 3])).toEqual(['s0'])
  })

  const stack = [
    'TypeError: x',
    '    at next (/app/node_modules/koa/index.js:1:1)',
    ...Array.from({ length: 10 }, (_, i) => `    at own${i} (/app/src/a.ts:${i}:1)`),
    '    at node:internal/process:1:1',
  ].join('\n')
  const failed = log(0, 1, { span_id: 'e', error: { type: 'TypeError', message: 'x', stack } })

  test('a stack stands below its row: own frames first, the rest folded to a line each', () => {
    const lines = gridLines(outlineOf([failed, log(0, 2, { error: failed.error! })]), {
      isFolded: () => false,
      opened: new Set(['log-e-1#modules']),
    })
    expect(
      lines.map((line) => (line.kind === 'frame' ? line.frame.text : line.kind === 'frames' ? line.text : line.key)),
    ).toEqual([
      'log-e-1',
      ...Array.from({ length: 8 }, (_, i) => `own${i} (src/a.ts:${i}:1)`),
      '2 frames more of this app',
      '1 frame in node_modules',
      'next (node_modules/koa/index.js:1:1)',
      '1 frame in Node',
      'log-s0-1',
    ])
  })

  test('an error from the depths of a package has one frame at least', () => {
    const error = { type: 'E', message: 'x', stack: 'E: x\n    at read (/app/node_modules/a/b.js:1:1)' }
    expect(keysOf([log(0, 1, { span_id: 'e', error })], [])).toEqual(['log-e-1', 'log-e-1#0', 'log-e-1#modules'])
  })
})

describe('times', () => {
  const options = (mode: TimeMode): AtOptions => ({ tree: treeOf(ROWS), mode, clocks: 'adjusted', whole: 41.2 })

  test.each<{ readonly mode: TimeMode; readonly text: string }>([
    { mode: 'rel', text: '12.500' },
    { mode: 'abs', text: '14:32:06.993' },
    { mode: 'delta', text: '+8.500' },
  ])('$mode: $text', ({ mode, text }) => {
    expect(atText(ROWS[5]!, ROWS[4], options(mode))).toEqual({ text, isBig: true })
  })

  test('more than a tenth of the request since the row before stands out', () => {
    expect(atText(ROWS[4]!, ROWS[3], options('rel'))).toEqual({ text: '4.000', isBig: false })
  })

  test('with raw clocks a row stands where its sender said', () => {
    const row = log(0, 10, { ahead_ms: -4 })
    expect(atText(row, undefined, { ...options('rel'), clocks: 'raw' }).text).toBe('6.000')
    expect(atText(row, log(0, 8), { ...options('delta'), clocks: 'raw' }).text).toBe('-2.000')
  })
})

describe('marks', () => {
  test('one row failed, and what it stands below is marked', () => {
    const { failed, aboveFailed } = rowMarks(outlineOf(ROWS), [])
    expect(failed).toBe(5)
    expect([...aboveFailed]).toEqual([3, 0])
  })

  test('without a text it is the first failed line, else the innermost span', () => {
    expect(rowMarks(outlineOf([span(0, 0, 1), log(1, 0, { level: 'FATAL' })]), []).failed).toBe(1)
    expect(rowMarks(outlineOf([span(0, 0, 1, { status: 502 }), span(1, 0, 1, { status: 502 })]), []).failed).toBe(1)
    expect(rowMarks(outlineOf([span(0, 0, 1)]), []).failed).toBe(-1)
  })

  test('tries of one call are numbered', () => {
    const call = (at: number, attempt: number): TreeRow =>
      span(1, at, 1, { component: 'client', fields: { method: 'GET', 'server.address': 'a', path: '/', attempt } })
    expect([...rowMarks(outlineOf([span(0, 0, 9), call(1, 1), call(2, 2)]), []).tries]).toEqual([
      [1, 'try 1 of 2'],
      [2, 'try 2 of 2'],
    ])
  })

  test('the order of rows of two services is uncertain within the bound of their clocks', () => {
    const rows = [span(0, 0, 9, { service: 'lb' }), span(1, 0.1, 3), log(1, 0.2, { service: 'lb' }), log(2, 5)]
    const skew = [{ from: 'lb', to: 'web', ahead_ms: 0, bound_ms: 0.4 }]
    expect([...rowMarks(outlineOf(rows), skew).uncertain]).toEqual([2])
    expect([...rowMarks(outlineOf(rows), []).uncertain]).toEqual([])
  })
})

test('fields that every line has alike are said once', () => {
  const fields = { request_id: 'r1', user: 1 }
  expect([...sharedFields([log(0, 1, { fields }), log(0, 2, { fields: { ...fields, user: 2 } })])]).toEqual([
    ['request_id', 'r1'],
  ])
  expect([...sharedFields([log(0, 1, { fields })])]).toEqual([])
})

describe('bars', () => {
  const window = { from: 0, to: 50 }

  test('a row lies in the column where its time lies in the window', () => {
    expect(barOf(span(0, 10, 15), 'adjusted', window, 50)).toEqual({ at: 0.2, length: 0.3 })
    expect(barOf(span(0, 10, null), 'adjusted', window, 50)).toEqual({ at: 0.2, length: 0.8 })
    expect(barOf(span(0, 10, 20), 'adjusted', { from: 20, to: 40 }, 50)).toEqual({ at: 0, length: 0.5 })
    expect(barOf(span(0, 10, 20), 'adjusted', { from: 31, to: 40 }, 50)).toBeUndefined()
  })

  test('a folded row has a tick per line', () => {
    const ticks = foldedTicks(outlineOf(ROWS), 3, { clocks: 'adjusted', window })
    expect(ticks).toEqual([
      { at: 0.08, isError: false },
      { at: 0.25, isError: true },
    ])
  })

  test.each([
    { from: 0, to: 41.2, marks: [0, 10, 20, 30] },
    { from: 0, to: 0.0041, marks: [0, 0.001, 0.002, 0.003] },
    { from: 12, to: 20, marks: [12, 14, 16, 18] },
    { from: 5, to: 5, marks: [] },
  ])('the axis from $from to $to has round figures', ({ from, to, marks }) => {
    expect(axisMarks({ from, to })).toEqual(marks)
  })
})

test('a large trace starts with all folded that is neither failed nor waited for', () => {
  const quiet = Array.from({ length: SHOWN_ROWS }, (_, i) => [
    span(1, 2 + i / 10, 0.01, { span_id: `q${i}` }),
    log(2, i / 10),
  ])
  const rows = [
    span(0, 0, 20_000),
    span(1, 1, 19_000, { span_id: 'slow' }),
    log(2, 2),
    ...quiet.flat(),
    span(1, 19_500, 1, { span_id: 'bad' }),
    log(2, 19_500, { level: 'ERROR' }),
  ]
  const outline = outlineOf(rows)
  const folded = startFolded(outline, criticalPath(rows))
  const open = ['s0', 'slow', 'bad'].map((id) => outline.indexOf.get(id) as number)
  expect(open.filter((index) => folded.has(index))).toEqual([])
  expect(folded.size).toBe(SHOWN_ROWS)
  expect(startFolded(outlineOf(ROWS), criticalPath(ROWS)).size).toBe(0)
})

test.each([
  {
    sentence: 'GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.',
    words: {
      title: 'GET /api/cart',
      end: '500',
      took: 'in 41.2 ms',
      why: 'TypeError: cart is undefined in web, 12.5 ms into the request.',
    },
  },
  { sentence: 'GET /a → b → 200 in 3.0 ms.', words: { title: 'GET /a → b', end: '200', took: 'in 3.0 ms', why: '' } },
  {
    sentence: 'GET /a → aborted by the client after 3.0 ms.',
    words: { title: 'GET /a', end: 'aborted by the client', took: 'after 3.0 ms', why: '' },
  },
  { sentence: 'GET /a → still running.', words: { title: 'GET /a', end: 'still running', took: '', why: '' } },
  { sentence: '3 lines without a span.', words: { title: '3 lines without a span.', end: '', took: '', why: '' } },
])('the head of "$sentence"', ({ sentence, words }) => {
  const { seen, ...said } = headWords(treeOf(ROWS, { sentence, truncated: 7 }))
  expect(said).toEqual(words)
  expect(seen).toEqual([
    '2 services, 2 spans (1 inferred), 2 log lines, 1 of them recovered from the flight recorder.',
    '7 rows more are stored and not shown here.',
  ])
})
