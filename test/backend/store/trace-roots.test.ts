/**
 * The index of traces says of each how its request went, as the tree of its rows does, and files without it get it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { sqlText } from '../../../src/backend/query/rows/sql-text.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { SqlValue, Store } from '../../../src/backend/store/store.ts'
import type { RequestRow } from '../../../src/model/api.ts'
import { parseTimestamp } from '../../../src/model/time.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'
import { numbers } from '../support/numbers.ts'

const START = 1_790_000_000_000_000_000n
const MILLI = 1_000_000n
const OUTCOMES = ['ok', 'client_error', 'error', 'aborted']

const root = mkdtempSync(join(tmpdir(), 'tracelog-roots-'))
let store: Store
let query: Query
let sequence = 0

beforeAll(async () => {
  store = createDuckdbStore({ directory: join(root, 'data') })
  await store.start()
  query = createQuery(store)
})
afterAll(async () => {
  await store.stop()
  rmSync(root, { recursive: true, force: true })
})

const draw = numbers(11)
const hex = (digits: number): string => Array.from({ length: digits }, () => draw(16).toString(16)).join('')

/** Two services of which the inner one may end otherwise; told by spans, records or both. */
function appendRequest(index: number): void {
  const [traceId, outer, inner] = [hex(32), `1${hex(15)}`, `2${hex(15)}`]
  const began = START + BigInt(index) * 2_000n * MILLI
  const way = draw(3)
  const records = []
  const spans = []
  for (const [spanId, parentSpanId, from, took] of [
    [outer, '', 0, 500 + draw(400)],
    [inner, outer, 5, 1 + draw(300)],
  ] as const) {
    const status = [200, 404, 500, 503][draw(4)] as number
    const http = { 'http.request.method': 'GET', 'url.path': `/p${draw(9)}`, 'http.response.status_code': status }
    const [startTimeUnixNano, endTimeUnixNano] = [began + BigInt(from) * MILLI, began + BigInt(from + took) * MILLI]
    const times = { startTimeUnixNano, endTimeUnixNano }
    if (way > 0)
      spans.push(span({ traceId, spanId, parentSpanId, ...times, attributes: http, statusCode: status >= 500 ? 2 : 0 }))
    if (way === 1) continue
    const aborted = draw(5) === 0 ? { 'tracelog.aborted': true } : {}
    const attributes = {
      ...http,
      'tracelog.response_time_ms': took,
      'tracelog.parent_span_id': parentSpanId,
      ...aborted,
    }
    records.push(
      log({ traceId, spanId, timeUnixNano: endTimeUnixNano, eventName: 'tracelog.http.server.end', attributes }),
      log({ traceId, spanId, timeUnixNano: startTimeUnixNano + MILLI, severityNumber: 17 }),
    )
  }
  if (records.length > 0) store.append(logsRequest(++sequence, records))
  if (spans.length > 0) store.append(spansRequest(++sequence, spans))
}

/** What the index says of a trace when its rows are put together. */
async function indexed(): Promise<Map<string, readonly SqlValue[]>> {
  const { rows } =
    await store.read(`SELECT replace(i.trace::VARCHAR, '-', ''), min(root_t), max(outcome), sum(logs)::BIGINT,
    sum(spans)::BIGINT, sum(errors)::BIGINT, arg_min(path, root_t) FROM store.trace_index i
    JOIN (SELECT trace, arg_min(root_span, root_t) AS entry FROM store.trace_index GROUP BY trace) e ON e.trace = i.trace
    AND e.entry = i.root_span GROUP BY i.trace`)
  return new Map(rows.map(([trace, ...rest]) => [sqlText(trace), rest]))
}

async function allRequests(): Promise<RequestRow[]> {
  const found: RequestRow[] = []
  for (let cursor: string | undefined; ;) {
    const page = await query.requests({ limit: 100, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.requests)
    if (page.next_cursor === null) return found
    cursor = page.next_cursor
  }
}

test('300 requests: began, ended and were called as their trees say; listed newest first before and after a roll', async () => {
  for (let i = 0; i < 300; i++) appendRequest(i)
  await store.flush()
  const before = await allRequests()
  await store.roll()
  const requests = await allRequests()
  expect(requests).toEqual(before)
  expect(requests).toHaveLength(300)
  expect(requests.map(({ started_at: at }) => at)).toEqual(
    requests
      .map(({ started_at: at }) => at)
      .toSorted()
      .toReversed(),
  )
  const index = await indexed()
  for (const request of requests) {
    const [began, outcome, , , , path] = index.get(request.trace_id) ?? []
    expect({ began, outcome: OUTCOMES[Number(outcome)], path }).toEqual({
      began: parseTimestamp(request.started_at),
      outcome: request.outcome,
      path: request.path,
    })
  }
  const { rows } = await store.read(
    'SELECT sum(logs)::BIGINT, sum(spans)::BIGINT, sum(errors)::BIGINT FROM store.trace_index',
  )
  const counted = await store.read(`SELECT (SELECT count(*) FROM log_rows), (SELECT count(*) FROM span_rows),
    (SELECT count(*) FROM log_rows WHERE sev >= 17) + (SELECT count(*) FROM span_rows WHERE status = 2)`)
  expect(rows).toEqual(counted.rows)
})

test('a task without a request is listed, also long after it ran, and counted as it ended', async () => {
  const at = START - 86_400_000n * MILLI
  const task = { traceId: hex(32), spanId: `3${hex(15)}` }
  const words = { 'tracelog.task.path': '1', 'tracelog.task.goal': 'close the month' }
  const records = [
    log({ ...task, timeUnixNano: at, eventName: 'tracelog.task.start', body: 'close the month', attributes: words }),
    log({
      ...task,
      timeUnixNano: at + 70n * MILLI,
      eventName: 'tracelog.task.end',
      attributes: { ...words, 'tracelog.task.status': 'failed', 'tracelog.elapsed_ms': 70, 'tracelog.task.last': 1 },
    }),
  ]
  store.append(logsRequest(++sequence, records))
  const until = at + 1_000n * MILLI
  const expectListed = async (): Promise<void> => {
    const { requests } = await query.requests({ untilUnixNano: until })
    expect(requests).toMatchObject([
      { trace_id: task.traceId, path: 'close the month', outcome: 'error', duration_ms: 70 },
    ])
    const { series } = await query.histogram({ of: 'requests', untilUnixNano: until })
    expect(Object.keys(series)).toEqual(['error'])
    expect((await query.requests({ q: `trace:${task.traceId}` })).requests).toEqual(requests)
  }
  await expectListed()
  await store.roll()
  await expectListed()
})

test('services have lanes in order of first sight', async () => {
  store.append(logsRequest(++sequence, [log()], { attributes: { 'service.name': 'another' } }))
  expect((await query.services()).map(({ name, lane }) => ({ name, lane }))).toEqual([
    { name: 'another', lane: 1 },
    { name: 'api', lane: 0 },
  ])
})

test('a file of a program that kept times alone is filled at its start', async () => {
  const directory = mkdtempSync(join(root, 'old-'))
  const file = readFileSync(new URL('./fixtures/store-version-1.duckdb.gz', import.meta.url))
  writeFileSync(join(directory, 'store.duckdb'), gunzipSync(file))
  const old = createDuckdbStore({ directory })
  await old.start()
  const { rows } = await old.read(`SELECT count(DISTINCT trace), sum(logs)::BIGINT, sum(spans)::BIGINT, count(root_t),
    count(*) FILTER (outcome = 2) > 0 FROM store.trace_index`)
  expect(rows).toEqual([[10n, 20n, 10n, 20n, true]])
  expect((await createQuery(old).requests({})).requests).toHaveLength(10)
  await old.stop()
})
