/** What answers look like, to the letter. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { TraceTree, TreeRow } from '../../src/model/api.ts'
import { tokensOf } from '../../src/mcp/budget.ts'
import { EXAMPLE, logRow } from '../cli/rows.ts'
import { askingOf, holding, requestRow } from './kit.ts'

process.env['TZ'] = 'UTC'
const MINUTES = { since: '2026-11-21T14:25:00Z', until: '2026-11-21T14:40:00Z' }

const LOGS = [
  logRow({
    _id: '3',
    timestamp: '2026-11-21T14:32:06.993Z',
    level: 'ERROR',
    message: 'cart is undefined',
    user: 42,
    pool: 'blue',
    trace_id: EXAMPLE.trace_id,
  }),
  logRow({
    _id: '2',
    timestamp: '2026-11-21T14:32:06.985Z',
    level: 'DEBUG',
    message: 'cart lookup',
    user: 42,
    pool: 'blue',
    trace_id: EXAMPLE.trace_id,
  }),
]

describe('the answer of', () => {
  const { text } = askingOf(holding({ logs: LOGS, requests: [requestRow()], trees: [EXAMPLE] }))

  test('overview', async () => {
    expect(await text('overview', MINUTES)).toBe(`14:25:00 to 14:40:00: 1,203 requests, 1,203 failed
<<<records
failed: 4bf92f35  14:32:06.981  GET /api/cart → 500  41.2 ms  lb > web > cache  TypeError: cart is undefined
slow: lb GET /api/cart  1 requests  p50 41.2 ms  p95 41.2 ms
services since 2026-11-21T14:00:00Z: web (1 errors)
records>>>
next: requests(sort:"failed"), describe_request(id), logs(q:"level>=warn")
page: http://127.0.0.1:4330/?since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
  })

  test('requests', async () => {
    expect(await text('requests', { ...MINUTES, q: 'status:500' }))
      .toBe(`14:25:00 to 14:40:00: 1,203 requests, 1,203 failed; 1 here, newest first
<<<records
4bf92f35  14:32:06.981  GET /api/cart → 500  41.2 ms  lb > web > cache  TypeError: cart is undefined
records>>>
shown 1; that is all; one of them: describe_request(id)
page: http://127.0.0.1:4330/?q=status%3A500&since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
  })

  test('describe_request', async () => {
    expect(await text('describe_request', { id: '4bf92f35' })).toBe(`request 4bf92f35: error, 7 rows
<<<records
GET /api/cart → 500 in 41.2 ms  4bf92f35 · 14:32:06.981
TypeError: cart is undefined in web, 12.5 ms into the request. 3 services, 4 spans (1 inferred), 3 lines.
+ms  service  what happened  took
0.000  lb  ▾ GET /api/cart  500  → web-2 127.0.0.1:3001  41.2 ms
0.311  lb  │ I picked backend  pool=blue upstream=web-2 lb_routing_ms=0.29
┊ 3.1 ms between lb and web (clocks agree within 0.4 ms)
3.412  web  │ ▾ GET /api/cart  500  37.6 ms
3.690  web  │ │ D cart lookup  user=42  recovered
3.702  cache  │ │ GET cart:*  miss   (seen from web only)  8.8 ms
12.530  web  │ │ E TypeError: cart is undefined  user=42
    │ │     at getCart (src/cart.ts:31:14)
    │ │     at handler (src/routes/cart.ts:12:20)   + 4 of this app, 11 in node_modules
records>>>
all 7 rows shown
page: http://127.0.0.1:4330/traces/4bf92f3577b34da6a3ce929d0e0e4736`)
  })

  test('patterns, the new ones first', async () => {
    expect(await text('patterns', { ...MINUTES, new_since: '2026-11-21T14:00:00Z' }))
      .toBe(`14:25:00 to 14:40:00: 2 kinds of messages, 1 of them new
<<<records
new  11  1a2b3c41  web D cart lookup  (14:30:00 to 14:32:06)
12  1a2b3c40  web E cart is undefined  (14:30:00 to 14:32:06)
records>>>
shown 2 of 2; records of one: logs(q:"pattern:…"); more with limit or budget
page: http://127.0.0.1:4330/logs?since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
  })

  test('compare', async () => {
    const good: TraceTree = {
      ...EXAMPLE,
      trace_id: 'c'.repeat(32),
      sentence: 'GET /api/cart → 200 in 29.1 ms.',
      duration_ms: 29.1,
      outcome: 'ok',
      rows: EXAMPLE.rows
        .slice(0, 6)
        .map((row) => (row.kind === 'span' ? { ...row, took_ms: (row.took_ms ?? 0) / 4 } : row)),
    }
    const { text: ask } = askingOf(holding({ trees: [EXAMPLE, good] }))
    expect(await ask('compare', { a: 'cccccccc', b: '4bf92f35' })).toMatchInlineSnapshot(`
      "request 4bf92f35 compared with cccccccc: 4 of 7 rows differ
      <<<records
      12.1 ms slower: GET cart:* 2.2 -> 8.8 ms; new: ERROR cart is undefined
      before  cccccccc · 14:32:06.981  GET /api/cart → 200 in 29.1 ms.
      after   4bf92f35 · 14:32:06.981  GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.
      change  before -> after  service  what happened
      slower 4.0 x  10.3 -> 41.2 ms  lb  GET /api/cart  500  → web-2 127.0.0.1:3001
      │ … 2 rows as before
      slower 4.0 x  9.4 -> 37.6 ms  web  │ GET /api/cart  500
      web  │ │ D cart lookup  user=42
      slower 4.0 x  2.2 -> 8.8 ms  cache  │ │ GET cart:*  miss   (seen from web only)
      + added  web  │ │ E TypeError: cart is undefined  user=42
      records>>>
      all that differs is shown
      page: http://127.0.0.1:4330/diff?a=cccccccccccccccccccccccccccccccc&b=4bf92f3577b34da6a3ce929d0e0e4736"
    `)
  })

  test('count, by a key and over time', async () => {
    expect(await text('count', { ...MINUTES, by: 'level', q: 'cart' })).toBe(`14:25:00 to 14:40:00: 6 logs, by one key
<<<records
by level:
3  "ERROR"
3  "DEBUG"
records>>>
shown 2 values; 0 with others, 0 without the key
page: http://127.0.0.1:4330/logs?q=cart&since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
    expect(await text('count', MINUTES)).toBe(`14:25:00 to 14:40:00: 3 logs, in steps of 1 min
<<<records
14:30:00  web 1
14:31:00  web 2
records>>>
shown 2 of 2 steps
page: http://127.0.0.1:4330/logs?since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
  })

  test('fields', async () => {
    expect(await text('fields', { prefix: 'us' })).toContain(`keys of the newest records with that prefix
<<<records
`)
    expect(await text('fields')).toContain('user  string  2 records  "42"\n')
  })

  test('logs', async () => {
    expect(await text('logs', MINUTES)).toBe(`14:25:00 to 14:40:00: 2 records, the newest ones
<<<records
all of them: trace=4bf92f35 user=42 pool=blue
14:32:06.985 web D cart lookup
14:32:06.993 web E cart is undefined
records>>>
shown 2; that is all
page: http://127.0.0.1:4330/logs?since=2026-11-21T14%3A25%3A00Z&until=2026-11-21T14%3A40%3A00Z`)
  })
})

const SPAN = EXAMPLE.rows[3] as TreeRow
/** So many rows below one request, of all kinds. */
function largeTree(count: number, errors: ReadonlySet<number>): TraceTree {
  const rows = Array.from({ length: count }, (_, i): TreeRow => {
    const at = { depth: 2, at_ms: 4 + i / 100, service: 'web' }
    if (errors.has(i)) return { ...at, kind: 'log', level: 'ERROR', message: `order ${i} failed` }
    if (i % 3 === 0)
      return {
        ...at,
        kind: 'span',
        component: 'cache',
        name: 'GET',
        took_ms: 0.2 + (i % 10) / 10,
        fields: { cache_op: 'get', cache_key: `user:${i}`, cache_hit: true },
      }
    return {
      ...at,
      kind: 'log',
      level: i % 3 === 1 ? 'DEBUG' : 'INFO',
      message: `step ${i} of the cart, with some words of text`,
      fields: { user: i },
    }
  })
  return { ...EXAMPLE, rows: [{ ...(EXAMPLE.rows[0] as TreeRow) }, SPAN, ...rows] }
}

test('a request of 5,000 rows is described in 1,050 tokens, with each error shown or counted', async () => {
  const tree = largeTree(5_000, new Set([1_700, 3_200]))
  const answer = await askingOf(holding({ trees: [tree] })).text('describe_request', { id: '4bf92f35' })
  expect(tokensOf(answer)).toBeLessThanOrEqual(1_050)
  expect(answer).toContain('order 1700 failed')
  expect(answer).toContain('order 3200 failed')
  expect(answer).toMatch(/… [\d,]+ rows: .*cache hits \(0\.20 to 1\.1 ms\)/)
  expect(answer).toMatch(/shown \d+ of 5002 rows/)
})

test('rows in focus are shown before all others', async () => {
  const { text } = askingOf(holding({ trees: [largeTree(2_000, new Set())] }))
  const answer = await text('describe_request', { id: '4bf92f35', focus: 'user:999' })
  expect(answer).toContain('GET user:999')
  expect(answer).toContain('step 1001 ')
})

test('no answer is longer than its budget and a twentieth, whatever the tree; errors are shown or counted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(400),
      fc.uniqueArray(fc.nat(399), { maxLength: 60 }),
      fc.integer({ min: 200, max: 3_000 }),
      async (count, errors, budget) => {
        const tree = largeTree(count, new Set(errors.filter((at) => at < count)))
        const answer = await askingOf(holding({ trees: [tree] })).text('describe_request', { id: '4bf92f35', budget })
        expect(tokensOf(answer)).toBeLessThanOrEqual(Math.ceil(budget * 1.05))
        const shown = answer.match(/order \d+ failed/g)?.length ?? 0
        const counted = [...answer.matchAll(/([\d,]+) error lines?/g)].reduce(
          (sum, [, number]) => sum + Number(number?.replace(',', '')),
          0,
        )
        expect(shown + counted).toBe(tree.rows.filter(({ level }) => level === 'ERROR').length)
      },
    ),
    { numRuns: 60 },
  )
})
