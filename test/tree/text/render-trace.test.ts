import { describe, expect, test } from 'vitest'

import { createPaint } from '../../../src/cli/colour.ts'
import type { TreeRow } from '../../../src/model/api.ts'
import { widthOf } from '../../../src/model/text-width.ts'
import { PLAIN_PAINT } from '../../../src/tree/text/paint.ts'
import { renderTrace } from '../../../src/tree/text/render-trace.ts'
import { EXAMPLE } from '../../cli/rows.ts'

process.env['TZ'] = 'UTC'
const NOW = new Date('2026-11-21T18:00:00Z')
const PLAIN = { paint: PLAIN_PAINT, columns: undefined, now: NOW }

/** The drawing of spec/backend. Three differences: the time stands at the right edge, "took ms" above its figures, and lines are those that are shown. */
const DRAWN = `
GET /api/cart → 500 in 41.2 ms                                                      4bf92f35 · 14:32:06.981
TypeError: cart is undefined in web, 12.5 ms into the request. 3 services, 4 spans (1 inferred), 3 lines.

   +ms  service  what happened                                                    took ms
 0.000  lb       ▾ GET /api/cart  500  → web-2 127.0.0.1:3001                        41.2  ▕██████████████▏
 0.311  lb       │ I picked backend  pool=blue upstream=web-2 lb_routing_ms=0.29           ▕·             ▏
                 ┊ 3.1 ms between lb and web (clocks agree within 0.4 ms)
 3.412  web      │ ▾ GET /api/cart  500                                              37.6  ▕ █████████████▏
 3.690  web      │ │ D cart lookup  user=42                            recovered           ▕ ·            ▏
 3.702  cache    │ │ GET cart:*  miss   (seen from web only)                          8.8  ▕ ▒▒▒          ▏
12.530  web      │ │ E TypeError: cart is undefined  user=42                               ▕    ✖         ▏
                 │ │     at getCart (src/cart.ts:31:14)
                 │ │     at handler (src/routes/cart.ts:12:20)   + 4 of this app, 11 in node_modules
`.trim()

/** The example's server hop with this error, and no line that tells it. */
function withError(error: TreeRow['error']): string {
  const hop = { ...EXAMPLE.rows[3], error } as TreeRow
  return renderTrace({ ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, hop] }, PLAIN).join('\n')
}

describe('a request on a terminal', () => {
  test('looks as the specification draws it', () => {
    expect(renderTrace(EXAMPLE, PLAIN).join('\n')).toBe(DRAWN)
  })

  test('tells a stack once that a logger wrote as the message', () => {
    const stack = 'TypeError: no\n    at f (/srv/a.ts:1:1)'
    const line = { ...EXAMPLE.rows[1], message: stack, error: { type: 'TypeError', message: 'no', stack } } as TreeRow
    const text = renderTrace({ ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, line] }, PLAIN).join('\n')
    expect(text).toContain('I TypeError: no')
    expect(text.match(/at f/g)).toHaveLength(1)
  })

  test('has the same text with colours as without', () => {
    const coloured = renderTrace(EXAMPLE, { paint: createPaint(8), columns: 107, now: NOW })
    expect(
      coloured
        .join('\n')
        .replace(/\p{Cc}\[[\d;]*m/gu, '')
        .replace(/ +$/gm, ''),
    ).toBe(DRAWN)
    expect(coloured.join('\n')).toContain('\u001b[31m')
  })

  test.each([50, 60, 80, 100, 107, 200])('never is wider than the %i columns there are', (columns) => {
    const long = { ...EXAMPLE.rows[1], message: 'word '.repeat(60) } as TreeRow
    const tree = { ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, long, ...EXAMPLE.rows.slice(2)] }
    const widths = renderTrace(tree, { ...PLAIN, columns }).map(widthOf)
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
  })

  test('wraps a long message on a terminal, and keeps it whole when piped', () => {
    const message = `begin ${'word '.repeat(40)}end`
    const tree = { ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, { ...EXAMPLE.rows[1], message } as TreeRow] }
    expect(renderTrace(tree, PLAIN).filter((line) => line.includes('word'))).toHaveLength(1)
    const wrapped = renderTrace(tree, { ...PLAIN, columns: 107 }).filter((line) => line.includes('word'))
    expect(wrapped.length).toBeGreaterThan(2)
    expect(wrapped.every((line) => line.includes('│ '))).toBe(true)
  })

  test('shows all frames of the application when asked', () => {
    const text = renderTrace(EXAMPLE, { ...PLAIN, shownFrames: Number.POSITIVE_INFINITY }).join('\n')
    expect(text).toContain('at d (src/d.ts:1:1)   + 11 in node_modules')
  })

  test('tells a stack once, under the line that tells its message, though the span carries it too', () => {
    const error = (EXAMPLE.rows[6] as TreeRow).error
    const rows = EXAMPLE.rows.map((row, i) => (i === 3 && error !== undefined ? { ...row, error } : row))
    expect(renderTrace({ ...EXAMPLE, rows }, PLAIN).join('\n')).toBe(DRAWN)
  })

  test('shows the error of a hop that no line tells, and no status twice', () => {
    expect(withError({ type: 'ECONNRESET', message: 'socket hang up' })).toContain('500  ECONNRESET: socket hang up')
    expect(withError({ type: '500', message: '' })).toMatch(/GET \/api\/cart {2}500 +37\.6/)
  })

  test('marks what has no end, and draws its bar to the right edge', () => {
    const running = { ...EXAMPLE.rows[3], took_ms: null, unfinished: true } as TreeRow
    const text = renderTrace({ ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, running] }, PLAIN).join('\n')
    expect(text).toMatch(/GET \/api\/cart {2}500 .*unfinished +… {2}▕ ░{13}▏/)
  })

  test('says which clocks differ by more than the measurement could err', () => {
    const skew = [{ from: 'lb', to: 'web', ahead_ms: -120.04, bound_ms: 0.4 }]
    expect(renderTrace({ ...EXAMPLE, skew }, PLAIN).at(-1)).toBe(
      'The clock of web is 120.0 ms (± 0.4) behind that of lb; the times above are corrected.',
    )
  })

  test('gives load balancer and server rows their cache result, and cache rows their name', () => {
    const rows = EXAMPLE.rows.map((row) => ({
      ...row,
      fields: { ...row.fields, cache_hit: false, ...(row.component === 'cache' ? { cache_name: 'redis' } : {}) },
    }))
    const text = renderTrace({ ...EXAMPLE, rows }, PLAIN).join('\n')
    expect(text).toContain('GET /api/cart  500  → web-2 127.0.0.1:3001  cache_hit=false')
    expect(text).toContain('GET cart:*  miss  cache_name=redis')
  })

  test('gives a server row the number of its calls to databases', () => {
    const row = EXAMPLE.rows.find(({ component }) => component === 'http_server') as TreeRow
    const asking = { ...row, fields: { ...row.fields, db_calls: 3, db_ms: 7.25 } }
    expect(renderTrace({ ...EXAMPLE, rows: [asking] }, PLAIN).join('\n')).toContain('  db_calls=3 ')
  })

  test('names a call to a database by its operation and table, a failed one with its code and the words of the server', () => {
    const call: TreeRow = {
      kind: 'span',
      depth: 2,
      at_ms: 4,
      service: 'web-2',
      component: 'client',
      name: 'SELECT orders',
      took_ms: 3,
      fields: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM orders' },
    }
    const failed: TreeRow = {
      ...call,
      name: 'SELECT nowhere',
      status: 'error',
      error: { type: '42P01', message: 'relation "nowhere" does not exist' },
    }
    const text = renderTrace({ ...EXAMPLE, rows: [EXAMPLE.rows[0] as TreeRow, call, failed] }, PLAIN).join('\n')
    expect(text).toMatch(/SELECT orders +3\.0/)
    expect(text).toContain('SELECT nowhere  42P01  relation "nowhere" does not exist')
  })

  test('lets no control character of a log through', () => {
    const hostile = '\u001b]0;title\u0007\u202egnp.exe\u009b31m'
    const rows = EXAMPLE.rows.map((row) => ({
      ...row,
      service: hostile,
      name: hostile,
      message: hostile,
      fields: {
        [hostile]: hostile,
        method: hostile,
        path: hostile,
        upstream: hostile,
        cache_op: hostile,
        cache_key: hostile,
      },
      ...(row.error === undefined
        ? {}
        : { error: { type: hostile, message: hostile, stack: `x\n    at ${hostile} (a)` } }),
    }))
    const tree = { ...EXAMPLE, sentence: hostile, trace_id: hostile, started_at: hostile, rows }
    expect(renderTrace(tree, PLAIN).join('')).not.toMatch(/[\p{Cc}\u202e]/u)
  })
})
