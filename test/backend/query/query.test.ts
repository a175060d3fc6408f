/**
 * The query core over a real store: what is written is found, as rows, as OTLP, as a tree.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import type { LogRow, RequestRow } from '../../../src/model/api.ts'
import { rowId } from '../../../src/model/log-row.ts'
import { log, logsRequest, span, spansRequest, TRACE } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const WEB = { attributes: { 'service.name': 'web', 'service.version': '2' } }
const OTHER = 'aaaabbbbccccdddd0000111122223333'

let store: Store
let query: Query
let directory: string

/**
 * GET /api/cart (api, server span 00f067aa0ba902b7)          500
 * ├─ "hello"
 * ├─ error TypeError
 * └─ client span b1
 *    └─ web hop a2: known from its completion record alone   200
 */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-query-'))
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
  store.append(
    logsRequest(1, [
      log({ attributes: { 'user.id': 'u1', count: 3, ratio: 2.5 } }),
      log({
        timeUnixNano: START + 3_000_000n,
        severityNumber: 17,
        severityText: 'error',
        body: 'cart failed: upstream timeout',
        attributes: {
          'exception.type': 'TypeError',
          'exception.message': 'cart is undefined',
          'exception.stacktrace': 'TypeError\n    at x',
        },
      }),
      log({
        timeUnixNano: START + 5_000_000n,
        eventName: 'tracelog.http.server.end',
        severityNumber: 17,
        body: 'GET /api/cart 500',
        attributes: {
          'tracelog.component': 'http_server',
          'http.request.method': 'GET',
          'url.path': '/api/cart',
          'http.route': '/api/cart',
          'http.response.status_code': 500,
          'tracelog.response_time_ms': 5,
        },
      }),
      log({ timeUnixNano: START + 9_000_000n, traceId: OTHER, spanId: '', body: { nested: [1, 2.5, true] } }),
    ]),
  )
  store.append(
    logsRequest(
      2,
      [
        log({
          timeUnixNano: START + 4_000_000n,
          spanId: 'a200000000000000',
          eventName: 'tracelog.http.server.end',
          body: 'GET /stock 200',
          attributes: {
            'http.request.method': 'GET',
            'url.path': '/stock',
            'http.response.status_code': 200,
            'tracelog.response_time_ms': 1,
            'tracelog.parent_span_id': 'b100000000000000',
          },
        }),
      ],
      WEB,
    ),
  )
  store.append(
    spansRequest(3, [
      span({ statusCode: 2 }),
      span({
        spanId: 'b100000000000000',
        parentSpanId: '00f067aa0ba902b7',
        kind: 3,
        name: 'GET',
        startTimeUnixNano: START + 2_000_000n,
        endTimeUnixNano: START + 4_500_000n,
      }),
    ]),
  )
  await store.flush()
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

const messages = async (q: string): Promise<string[]> =>
  (await query.logs({ q, order: 'asc' })).logs.map((row) => row.message)

describe('the logs page', () => {
  test('gives flat rows, newest first, with id and times', async () => {
    const { logs, next_cursor: next } = await query.logs({})
    expect(logs).toHaveLength(5)
    expect(next).toBeNull()
    expect(logs.at(-1)).toMatchObject({
      message: 'hello',
      level: 'INFO',
      service: 'api',
      trace_id: TRACE,
      'user.id': 'u1',
      count: 3,
      _id: '0',
      time_ns: String(START),
    })
    expect(logs[0]?.message).toBe('{"nested":[1,2.5,true]}')
  })

  test('goes on where the page before ended, in both orders', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await query.logs({ order, limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.logs.map(rowId))
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined)
      expect(seen).toHaveLength(5)
      expect(new Set(seen).size).toBe(5)
    }
  })

  test.each([
    ['level>=error', ['cart failed: upstream timeout', 'GET /api/cart 500']],
    ['service:web', ['GET /stock 200']],
    ['-service:api', ['GET /stock 200']],
    ['status>=500', ['GET /api/cart 500']],
    ['path:/api/*', ['GET /api/cart 500']],
    ['"upstream timeout"', ['cart failed: upstream timeout']],
    ['HELLO', ['hello']],
    ['user.id:u1 count:3', ['hello']],
    ['ratio>2 ratio<=2.5', ['hello']],
    ['took>2ms', ['GET /api/cart 500']],
    ['error_type:TypeError', ['cart failed: upstream timeout']],
    ['event:tracelog.* service:web OR hello', ['hello', 'GET /stock 200']],
    [`trace:${OTHER.slice(0, 6)}`, ['{"nested":[1,2.5,true]}']],
    ['service.version:2', ['GET /stock 200']],
    ['(hello OR stock) -status:200', ['hello']],
    [`until:${START + 1n}`, ['hello']],
    [String.raw`user.id:"u1' OR 1=1 --"`, []],
  ])('finds by %s', async (q, expected) => {
    expect(await messages(q)).toEqual(expected)
  })

  test.each([
    ['level:nope', 6],
    ['(hello', 6],
    ['status>=abc', 8],
    ['"open', 5],
    ['a OR', 4],
    ['trace:xyz', 6],
    ['path:', 5],
  ])('says where %s is wrong', async (q, at) => {
    await expect(query.logs({ q })).rejects.toMatchObject({ code: 'TRACELOG_QUERY_SYNTAX', at })
  })

  test('keeps the types of OTLP', async () => {
    const { resourceLogs } = await query.logsOtlp({ q: 'hello' })
    const text = JSON.stringify(resourceLogs)
    expect(text).toContain('{"key":"count","value":{"intValue":"3"}}')
    expect(text).toContain('{"key":"ratio","value":{"doubleValue":2.5}}')
  })
})

describe('one trace', () => {
  test('is a tree of spans and records together', async () => {
    const tree = await query.trace(TRACE.slice(0, 8))
    expect(tree?.sentence).toBe(
      'GET /api/cart → 500 in 5.0 ms: TypeError: cart is undefined in api, 3.0 ms into the request.',
    )
    expect(tree?.outcome).toBe('error')
    expect(tree?.counts).toMatchObject({ spans: 3, inferred: 1, logs: 2, errors: 1 })
    expect(tree?.rows.map(({ kind, depth, name, message }) => `${depth} ${kind} ${name ?? message}`)).toEqual([
      '0 span GET /cart',
      '1 log hello',
      '1 log cart failed: upstream timeout',
      '1 gap GET',
      '1 span GET /stock',
    ])
  })

  test('that nobody knows is undefined; a short or wrong id is refused', async () => {
    expect(await query.trace('ffffffffffffffffffffffffffffffff')).toBeUndefined()
    await expect(query.trace('4bf9')).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
    await expect(query.trace("4bf92f35'--")).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
  })
})

test('requests are one row per root request', async () => {
  const { requests } = await query.requests({ q: 'level>=error' })
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({
    method: 'GET',
    path: '/api/cart',
    status: 500,
    outcome: 'error',
    duration_ms: 5,
    services: ['api', 'web'],
    error_type: 'TypeError',
  })
})

test('services are counted', async () => {
  expect(await query.services()).toMatchObject([
    { name: 'api', instances: 1, logs: 4, spans: 2, errors: 3 },
    { name: 'web', logs: 1, spans: 0 },
  ])
})

test('SQL reads the views and nothing else', async () => {
  const answer = await query.sql('SELECT service, count(*) AS n FROM logs GROUP BY service ORDER BY service')
  expect(answer).toMatchObject({
    rows: [
      ['api', 4],
      ['web', 1],
    ],
    truncated: false,
  })
  for (const text of [
    'DROP TABLE store.log_cold',
    'SELECT 1; SELECT 2',
    'INSERT INTO store.scope VALUES (9)',
    'select nope',
    "SELECT * FROM read_csv('/etc/passwd')",
  ]) {
    await expect(query.sql(text)).rejects.toMatchObject({ code: 'TRACELOG_QUERY_SYNTAX' })
  }
})

test('a tail hears what matches, and the request it belongs to', async () => {
  const logs: LogRow[] = []
  const seen = Promise.withResolvers<RequestRow>()
  const stop = query.tail(
    { q: 'level>=warn' },
    { open: () => undefined, log: (row) => logs.push(row), request: (row) => seen.resolve(row), gap: () => undefined },
  )
  const completion = {
    eventName: 'tracelog.http.server.end',
    attributes: { 'http.request.method': 'GET', 'tracelog.response_time_ms': 2 },
  }
  store.append(
    logsRequest(10, [
      log({ traceId: 'beef'.repeat(8), severityNumber: 13, body: 'tail me' }),
      log({ traceId: 'beef'.repeat(8), body: 'quiet', ...completion }),
    ]),
  )
  expect(await seen.promise).toMatchObject({ trace_id: 'beef'.repeat(8), duration_ms: 2 })
  stop()
  expect(logs.map(({ message }) => message)).toEqual(['tail me'])
})

test('a large trace takes no rows of the others on its page, and says what is left out', async () => {
  const ids = ['1'.repeat(32), '2'.repeat(32)]
  const end = (traceId: string, millis: bigint): ReturnType<typeof log> =>
    log({
      traceId,
      timeUnixNano: START + millis * 1_000_000n,
      eventName: 'tracelog.http.server.end',
      attributes: { 'http.request.method': 'GET', 'tracelog.response_time_ms': 1 },
    })
  // The large one comes first in time, so that one limit over all would leave nothing for the other.
  const lines = Array.from({ length: 51_000 }, (_, i) =>
    log({ traceId: ids[0]!, spanId: '', timeUnixNano: START + BigInt(i), body: 'line' }),
  )
  for (let i = 0; i < lines.length; i += 3_000) store.append(logsRequest(100 + i, lines.slice(i, i + 3_000)))
  store.append(logsRequest(60_000, [end(ids[0]!, 900n), end(ids[1]!, 900n)]))
  await store.flush()

  const { requests } = await query.requests({ q: 'trace:1111 OR trace:2222' })
  const rows = new Map(requests.map(({ trace_id: id, outcome, truncated }) => [id, [outcome, truncated]]))
  expect(rows).toEqual(
    new Map([
      [ids[0], ['ok', 1_001]],
      [ids[1], ['ok', undefined]],
    ]),
  )
  // Not the rows: a difference in one of them would be told with all.
  const { truncated, outcome, sentence } = (await query.trace(ids[0]!))!
  expect([truncated, outcome]).toEqual([1_001, 'ok'])
  expect(sentence).toContain('The trace has 1001 more rows than are shown.')
  expect(Object.keys((await query.trace(ids[1]!))!)).not.toContain('truncated')
})

test('a level that is only text counts like any other: found, counted, shown', async () => {
  const traceId = '3'.repeat(32)
  store.append(
    logsRequest(
      70_000,
      ['ERROR', 'Critical', 'warning', 'odd', ''].map((severityText) =>
        log({ traceId, severityNumber: 0, severityText, body: `level ${severityText}` }),
      ),
      { attributes: { 'service.name': 'texts' } },
    ),
  )
  await store.flush()
  const levels = async (q: string): Promise<string[]> =>
    (await query.logs({ q: `service:texts ${q}`, order: 'asc' })).logs.map(({ level }) => level)
  expect(await levels('')).toEqual(['ERROR', 'FATAL', 'WARN', 'INFO', 'INFO'])
  expect(await levels('level>=error')).toEqual(['ERROR', 'FATAL'])
  expect(await levels('level:info')).toEqual(['INFO', 'INFO'])
  expect((await query.services()).find(({ name }) => name === 'texts')).toMatchObject({ errors: 2 })
  const { rows } = await query.sql("SELECT severity_number FROM logs WHERE service = 'texts' ORDER BY 1")
  expect(rows.flat()).toEqual([0, 0, 13, 17, 21])
})
