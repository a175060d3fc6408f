/**
 * The list of errors over a real store equals that of a brute-force oracle: over random records, queries and ranges, while rolls
 * happen.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import type { ErrorRow, LogRow } from '../../../src/model/api.ts'
import { isErrorType } from '../../../src/model/error-row.ts'
import { rowId } from '../../../src/model/log-row.ts'
import { ownFrame } from '../../../src/model/own-frame.ts'
import { patternOfRow, patternText } from '../../../src/model/pattern.ts'
import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { formatTimestamp, parseTimestamp } from '../../../src/model/time.ts'
import { compileMatcher } from '../../../src/query-text/match.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'
import { numbers } from '../support/numbers.ts'

const START = 1_790_000_000_000_000_000n
const MILLI = 1_000_000n
const SPREAD_MILLIS = 40_000
const SERVICES = ['api', 'web', 'cart']

const draw = numbers(11)
const hex = (digits: number): string => Array.from({ length: digits }, () => draw(16).toString(16)).join('')

let store: Store
let query: Query
let directory: string
let sequence = 0
let rows: readonly LogRow[]

/** What the records of a request that failed, or of none, say of it. */
function failure(): Record<string, string> {
  const kind = draw(4)
  if (kind === 0) return { 'error.type': '500' }
  if (kind === 1)
    return { 'error.type': 'ECONNREFUSED', 'exception.type': 'Error', 'exception.message': `to ${draw(9)}` }
  if (kind === 2) return { 'exception.type': `Kind${draw(2)}` }
  return {
    'exception.type': 'TypeError',
    'exception.message': `m${draw(3)} is undefined`,
    'exception.stacktrace': `TypeError: x\n    at f${draw(3)} (/app/src/a.ts:${1 + draw(90)}:3)\n    at node:internal/x:1:1`,
  }
}

/** @returns the records of one trace, or of none, and of which service they are */
function someRecords() {
  const traceId = draw(4) === 0 ? '' : hex(32)
  const spanId = traceId === '' ? '' : `1${hex(15)}`
  const at = START + BigInt(draw(SPREAD_MILLIS)) * MILLI
  const lines = Array.from({ length: 1 + draw(3) }, (_, i) =>
    log({
      traceId,
      spanId,
      timeUnixNano: at + BigInt(i) * MILLI,
      severityNumber: 17,
      body: `line ${draw(3)}`,
      attributes: draw(3) === 0 ? {} : failure(),
    }),
  )
  const http = { 'http.request.method': 'GET', 'http.route': `/r${draw(3)}` }
  const end = log({
    traceId,
    spanId,
    timeUnixNano: at + 9n * MILLI,
    eventName: 'tracelog.http.server.end',
    attributes: { ...http, 'error.type': '500' },
  })
  return { records: traceId === '' ? lines : [...lines, end], service: SERVICES[draw(3)] as string }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-errors-'))
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
  for (let i = 0; i < 250; i++) {
    const { records, service } = someRecords()
    store.append(logsRequest(++sequence, records, { attributes: { 'service.name': service } }))
    if (i % 100 === 99) await store.roll()
  }
  rows = (await query.logs({ limit: 5_000 })).logs
  expect(rows.length).toBeGreaterThan(500)
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

const timeOf = (row: LogRow): bigint => BigInt(row.time_ns)
const textOf = (row: LogRow, key: string): string => (typeof row[key] === 'string' ? row[key] : '')

/** What does not depend on which of two rows of the same time is the newest. */
function factsOf({ key, type, count, first_at, last_at, services, routes, spark, frame, new: isNew }: ErrorRow) {
  return {
    key,
    type,
    count,
    first_at,
    last_at,
    services: services.toSorted(),
    routes: routes.toSorted(),
    frame,
    isNew,
    all: sum(spark),
  }
}
const sum = (list: readonly number[]): number => list.reduce((so, one) => so + one, 0)

function expected(matching: readonly LogRow[], newSince: bigint | undefined): ReturnType<typeof factsOf>[] {
  const groups = Map.groupBy(
    matching.filter((row) => isErrorType(row['error_type'])),
    (row) => patternText(patternOfRow(row)),
  )
  return [...groups].map(([key, told]) => {
    const times = told.map(timeOf)
    const [first, last] = [times.reduce((a, b) => (a < b ? a : b)), times.reduce((a, b) => (a > b ? a : b))]
    const services = [...new Set(told.map(({ service }) => service))]
    const count = new Set(told.map((row) => row.trace_id ?? rowId(row))).size
    const routes = rows.flatMap((row) => {
      const isServed = row['event'] === 'tracelog.http.server.end' && services.includes(row.service)
      return isServed && told.some(({ trace_id: id }) => id === row.trace_id) ? [`GET ${textOf(row, 'route')}`] : []
    })
    return {
      key,
      type: textOf(told[0] as LogRow, 'error_type'),
      count,
      first_at: formatTimestamp(first),
      last_at: formatTimestamp(last),
      services: services.toSorted(),
      routes: [...new Set(routes)].toSorted(),
      frame: ownFrame(textOf(told[0] as LogRow, 'error_stack')),
      isNew: newSince !== undefined && first >= newSince ? true : undefined,
      all: count,
    }
  })
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1)
const anyTime = fc.bigInt({ min: START - 1_000n * MILLI, max: START + 41_000n * MILLI })

test('errors have the counts, times, services and routes of the records that match, while rolls happen', async () => {
  const ask = fc.record(
    {
      q: fc.constantFrom(
        '',
        'service:api',
        'line',
        '-service:web error_type:TypeError',
        'error_type:500',
        'nothing-such',
      ),
      sinceUnixNano: anyTime,
      untilUnixNano: anyTime,
      newSinceUnixNano: anyTime,
    },
    { requiredKeys: ['q'] },
  )
  await fc.assert(
    fc.asyncProperty(ask, fc.boolean(), async (request, rolls) => {
      const { q, sinceUnixNano: since, untilUnixNano: until, newSinceUnixNano: newSince } = request
      const matches = compileMatcher(q)
      const matching = rows.filter((row) => {
        const time = timeOf(row)
        return matches(row) && (since === undefined || time >= since) && (until === undefined || time < until)
      })
      const [answer] = await Promise.all([
        // So few errors are asked for that all of their traces are looked at for routes.
        query.errors({ ...request, limit: 50, budgetMillis: 10_000 }),
        rolls ? store.roll() : undefined,
      ])
      expect(answer.complete).toBe(true)
      const wanted = expected(matching, newSince)
      const found = answer.errors.map(factsOf)
      // Routes are those of the newest traces of each: no others, and all where there are few.
      for (const one of found) {
        const same = wanted.find(({ key }) => key === one.key)
        expect(same?.routes).toEqual(expect.arrayContaining(one.routes))
        expect(one.routes.length).toBe(one.count > 20 ? one.routes.length : same?.routes.length)
      }
      const withoutRoutes = (facts: ReturnType<typeof factsOf>) => ({ ...facts, routes: [] })
      expect(found.map(withoutRoutes).toSorted(byKey)).toEqual(wanted.map(withoutRoutes).toSorted(byKey))
      const counts = answer.errors.map(({ count }) => count)
      expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    }),
    { numRuns: 40 },
  )
})

test('pattern: with the key of an error finds its records, and its newest trace is the newest that has one', async () => {
  const { errors } = await query.errors({})
  for (const { key, newest_trace: newest, message, spark } of errors) {
    const { logs } = await query.logs({ q: `pattern:${key}`, limit: 5_000 })
    const traces = logs.filter((row) => row.trace_id !== undefined && isErrorType(row['error_type']))
    expect(traces.map((row) => row.trace_id)).toContain(newest)
    expect(logs.map((row) => textOf(row, 'error_message') || row.message)).toContain(message)
    expect(spark.length).toBe(24)
  }
})

test('the first errors are the most frequent, and no more than asked for', async () => {
  const all = (await query.errors({})).errors
  expect(all.length).toBeGreaterThan(3)
  expect((await query.errors({ limit: 2 })).errors.map(({ key }) => key)).toEqual(all.slice(0, 2).map(({ key }) => key))
})

test('without a budget the newest part is counted, and it is said from when on', async () => {
  const answer = await query.errors({ budgetMillis: 0 })
  const from = parseTimestamp(answer.covered_from) as bigint
  const part = expected(
    rows.filter((row) => timeOf(row) >= from),
    undefined,
  )
  expect(answer.errors.map(({ key, count }) => ({ key, count })).toSorted(byKey)).toEqual(
    part.map(({ key, count }) => ({ key, count })).toSorted(byKey),
  )
})

test('routes are known from spans where no record tells them', async () => {
  const ids = { traceId: hex(32), spanId: `1${hex(15)}` }
  const attributes = { 'exception.type': 'OnlySpans' }
  store.append(logsRequest(++sequence, [log({ ...ids, timeUnixNano: START, attributes })]))
  const http = { 'http.request.method': 'PUT', 'url.path': '/only' }
  store.append(spansRequest(++sequence, [span({ ...ids, kind: SPAN_KIND.server, attributes: http })]))
  const { errors } = await query.errors({ q: 'error_type:OnlySpans' })
  expect(errors).toMatchObject([{ type: 'OnlySpans', routes: ['PUT /only'], newest_trace: ids.traceId }])
})
