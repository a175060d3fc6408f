/**
 * Counts over a real store equal those of a brute-force oracle: over random records, queries, ranges and steps, while rolls happen.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import type { Facets, Histogram, LogRow, RequestRow } from '../../../src/model/api.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { parseTimestamp } from '../../../src/model/time.ts'
import { compileMatcher } from '../../../src/query-text/match.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'
import { numbers } from '../support/numbers.ts'

const START = 1_790_000_000_000_000_000n
const MILLI = 1_000_000n
const SERVICES = ['api', 'web', 'cart']
const WORDS = ['timeout', 'hello', 'stock']
const SPREAD_MILLIS = 40_000

let store: Store
let query: Query
let directory: string
let sequence = 0
let rows: readonly LogRow[]
let requests: readonly RequestRow[]

const draw = numbers(7)

function someRecord(): Partial<LogRecord> {
  return {
    timeUnixNano: START + BigInt(draw(SPREAD_MILLIS)) * MILLI + BigInt(draw(1_000_000)),
    severityNumber: [0, 5, 9, 13, 17, 21, 24][draw(7)] as number,
    body: `${WORDS[draw(3)]} ${draw(4)}`,
    traceId: '',
    spanId: '',
    attributes: {
      ...(draw(3) === 0 ? {} : { 'http.response.status_code': [200, 404, 500][draw(3)] }),
      ...(draw(2) === 0 ? { 'user.id': `u${draw(30)}` } : {}),
      ...(draw(4) === 0 ? { 'error.type': 'TypeError' } : { 'exception.type': `Kind${draw(2)}` }),
      size: draw(1_000),
      mixed: draw(2) === 0 ? draw(3) : `m${draw(3)}`,
    },
  }
}

const hex = (digits: number): string => Array.from({ length: digits }, () => draw(16).toString(16)).join('')

/** A request: its server's span, its completion record, or both, and some lines. */
function appendRequest(): void {
  const [traceId, spanId, began] = [hex(32), `1${hex(15)}`, START + BigInt(draw(SPREAD_MILLIS)) * MILLI]
  const status = [200, 204, 404, 500, 503][draw(5)] as number
  const took = 1 + draw(900)
  const http = { 'http.request.method': 'GET', 'http.route': `/r${draw(3)}`, 'http.response.status_code': status }
  const way = draw(3)
  const end = log({
    traceId,
    spanId,
    timeUnixNano: began + BigInt(took) * MILLI,
    eventName: 'tracelog.http.server.end',
    body: `GET ${status}`,
    severityNumber: status >= 500 ? 17 : 9,
    attributes: { ...http, 'tracelog.response_time_ms': took, ...(draw(6) === 0 ? { 'tracelog.aborted': true } : {}) },
  })
  const line = log({ traceId, spanId, timeUnixNano: began + MILLI, body: WORDS[draw(3)] as string })
  const resource = { attributes: { 'service.name': 'api' } }
  store.append(logsRequest(++sequence, way === 1 ? [line] : [line, end], resource))
  if (way === 0) return
  const times = { startTimeUnixNano: began, endTimeUnixNano: began + BigInt(took) * MILLI }
  store.append(
    spansRequest(++sequence, [
      span({ traceId, spanId, ...times, attributes: http, statusCode: status >= 500 ? 2 : 0 }),
    ]),
  )
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-counts-'))
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
  for (let i = 0; i < 12; i++) {
    const resource = { attributes: { 'service.name': SERVICES[draw(3)] as string, 'service.version': `${draw(2)}` } }
    store.append(
      logsRequest(
        ++sequence,
        Array.from({ length: 100 }, () => log(someRecord())),
        resource,
      ),
    )
    if (i % 5 === 4) await store.roll()
  }
  rows = (await query.logs({ limit: 5_000 })).logs
  expect(rows.length).toBe(1_200)
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

const nano = (text: string): bigint => parseTimestamp(text) as bigint
const isIn = (time: bigint, since?: bigint, until?: bigint): boolean =>
  (since === undefined || time >= since) && (until === undefined || time < until)

/** Counts by step and series, as an object without zeros. */
function countsOf({ from, step_ms: step, series }: Histogram): Record<string, number> {
  const first = nano(from) / MILLI
  return Object.fromEntries(
    Object.entries(series).flatMap(([name, list]) =>
      list.flatMap((count, i) => (count === 0 ? [] : [[`${name} ${first + BigInt(i * step)}`, count]])),
    ),
  )
}

function tally<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) {
    const key = keyOf(item)
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

const valueIn = (row: LogRow, field: string): string | undefined => {
  const value = row[field]
  return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
}

const stepOf = (time: string, step: number): bigint => (BigInt(time) / (BigInt(step) * MILLI)) * BigInt(step)

const QUERIES = [
  '',
  'timeout',
  'level>=warn',
  'level:info service:api',
  '-service:web',
  'status>=500 OR user.id:u1',
  'error_type:TypeError',
  'mixed:m1 size>500',
  `since:${START + 5_000n * MILLI} until:${START + 20_000n * MILLI} hello`,
]
const anyQuery = fc.constantFrom(...QUERIES)
const anyRange = fc.record(
  {
    sinceUnixNano: fc.bigInt({ min: START - 1_000n * MILLI, max: START + 40_000n * MILLI }),
    untilUnixNano: fc.bigInt({ min: START, max: START + 45_000n * MILLI }),
  },
  { requiredKeys: [] },
)

describe('a histogram of records', () => {
  test('has the counts of the records that match, at any step and range, while rolls happen', async () => {
    const ask = fc.record({
      q: anyQuery,
      range: anyRange,
      buckets: fc.integer({ min: 1, max: 500 }),
      by: fc.constantFrom('level' as const, 'service' as const),
    })
    await fc.assert(
      fc.asyncProperty(ask, fc.boolean(), async ({ q, range, buckets, by }, rolls) => {
        const matches = compileMatcher(q)
        const expected = rows.filter(
          (row) => matches(row) && isIn(BigInt(row.time_ns), range.sinceUnixNano, range.untilUnixNano),
        )
        const [answer] = await Promise.all([
          query.histogram({ q, ...range, buckets, by }),
          rolls ? store.roll() : undefined,
        ])
        expect(answer.complete).toBe(true)
        expect(countsOf(answer)).toEqual(tally(expected, (row) => `${row[by]} ${stepOf(row.time_ns, answer.step_ms)}`))
        const lengths = Object.values(answer.series).map((list) => list.length)
        for (const length of lengths) expect(length).toBeLessThanOrEqual(buckets)
      }),
      { numRuns: 60 },
    )
  })

  test('is aligned to the epoch and cut to what is stored', async () => {
    const answer = await query.histogram({ sinceUnixNano: 0n, buckets: 50 })
    expect(answer).toMatchObject({ step_ms: 1_000, complete: true })
    expect(Number(nano(answer.from) % 1_000_000_000n)).toBe(0)
    expect(answer.covered_from).toBe(answer.from)
    expect(nano(answer.to) - nano(answer.from)).toBe(BigInt(answer.series['INFO']!.length) * 1_000_000_000n)
  })

  test('without a budget is of the newest part, and its parts add up to the whole', async () => {
    const whole = await query.histogram({})
    const sum: Record<string, number> = {}
    let untilUnixNano = nano(whole.to)
    for (let parts = 0, isComplete = false; !isComplete; parts++) {
      const part = await query.histogram({ untilUnixNano, stepMillis: whole.step_ms, budgetMillis: 0 })
      for (const [key, count] of Object.entries(countsOf(part))) sum[key] = (sum[key] ?? 0) + count
      expect(parts).toBeLessThan(1_000)
      isComplete = part.complete
      untilUnixNano = nano(part.covered_from)
    }
    expect(sum).toEqual(countsOf(whole))
  })

  test('of nothing is empty', async () => {
    expect(await query.histogram({ untilUnixNano: 1n })).toMatchObject({ series: {}, complete: true })
  })

  test('by outcome is refused', async () => {
    await expect(query.histogram({ by: 'outcome' })).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
  })
})

describe('facets of records', () => {
  const FIELDS = [
    'level',
    'service',
    'status',
    'error_type',
    'mixed',
    'user.id',
    'service.version',
    'logger',
    'message',
    'absent',
  ]
  const isOn = (field: string, term: string): boolean =>
    term.replace(/^-/, '').startsWith(`${field}:`) || term.startsWith(`${field}>`)
  const without = (q: string, field: string): string =>
    q.includes(' OR ')
      ? q
      : q
          .split(' ')
          .filter((term) => !isOn(field, term))
          .join(' ')

  test('have the counts of the records that match without the terms on their own field, while rolls happen', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyQuery,
        anyRange,
        fc.uniqueArray(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (q, range, fields, limit) => {
          const [answer] = await Promise.all([query.facets({ q, ...range, fields, limit }), store.roll()])
          for (const field of fields) {
            const matches = compileMatcher(without(q, field))
            const left = rows.filter(
              (row) => matches(row) && isIn(BigInt(row.time_ns), range.sinceUnixNano, range.untilUnixNano),
            )
            const counts = tally(left, (row) => valueIn(row, field))
            expectFacet({ answer, field, limit }, counts, left.length)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  interface Asked {
    readonly answer: Facets
    readonly field: string
    readonly limit: number
  }

  function expectFacet({ answer, field, limit }: Asked, counts: Record<string, number>, total: number): void {
    const all = Object.entries(counts)
    const listed = answer.facets[field]!
    expect(listed.length).toBe(Math.min(limit, all.length))
    for (const { value, count } of listed) expect([field, value, count]).toEqual([field, value, counts[value]])
    const sum = listed.reduce((so, { count }) => so + count, 0)
    const known = all.reduce((so, [, count]) => so + count, 0)
    expect([field, answer.other[field], answer.missing[field]]).toEqual([field, known - sum, total - known])
    const least = listed.at(-1)?.count ?? 0
    const left = all.filter(([value]) => !listed.some((one) => one.value === value)).map(([, count]) => count)
    expect(Math.max(0, ...left)).toBeLessThanOrEqual(least)
  }

  test('put numbers of more than 50 values into at most 8 ranges that hold them all', async () => {
    const { facets, other, missing } = await query.facets({ fields: ['size'] })
    const ranges = facets['size']!
    expect(ranges.length).toBeLessThanOrEqual(8)
    for (const { from, to, count } of ranges) {
      const inside = rows.filter((row) => (row['size'] as number) >= from! && (row['size'] as number) < to!)
      expect(inside.length).toBe(count)
    }
    expect(ranges.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length)
    expect([other['size'], missing['size']]).toEqual([0, 0])
  })

  test('keep the other values of a field that the query has chosen one of', async () => {
    const { facets } = await query.facets({
      q: '(service:api OR service:web) level:error',
      fields: ['service', 'level'],
    })
    expect(facets['service']!.map(({ value }) => value).toSorted()).toEqual(SERVICES.toSorted())
    expect(facets['level']!.length).toBe(5)
  })

  test.each([{ fields: [] }, { fields: Array.from({ length: 13 }, (_, i) => `f${i}`) }])(
    'of $fields.length fields are refused',
    async ({ fields }) => {
      await expect(query.facets({ fields })).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
    },
  )
})

describe('a key that no record has', () => {
  test.each([
    ['user_id:u1', ['no record has user_id; user.id exists']],
    ['statsu:200', ['no record has statsu; status exists']],
    ['sizes>4', ['no record has sizes; size exists']],
    ['user.id:u1', undefined],
    ['nothing.like.it:1', undefined],
  ])('%s is hinted at: %j', async (q, hints) => {
    expect((await query.histogram({ q })).hints).toEqual(hints)
    expect((await query.facets({ q, fields: ['level'] })).hints).toEqual(hints)
    expect((await query.fields({ q })).hints).toEqual(hints)
  })
})

describe('fields', () => {
  test('are the keys of the newest records, with type, number of records and values', async () => {
    const { fields, complete } = await query.fields({})
    expect(complete).toBe(true)
    const of = (key: string) => fields.find((field) => field.key === key)
    expect(of('level')).toMatchObject({ type: 'string', records: 1_200 })
    expect(of('service')!.values.toSorted()).toEqual(SERVICES.toSorted())
    expect(of('status')!.type).toBe('number')
    expect(of('status')!.records).toBe(rows.filter((row) => row['status'] !== undefined).length)
    expect(of('service.version')!.values).toEqual(['0', '1'])
    expect(of('size')).toMatchObject({ type: 'number', records: 1_200 })
    expect(of('user.id')!.values.length).toBe(10)
    expect(of('component')).toBeUndefined()
  })

  test('begin with what was typed, and are of the records that match', async () => {
    const { fields } = await query.fields({ prefix: 'USER', q: 'user.id:u1' })
    expect(fields).toEqual([
      { key: 'user.id', type: 'string', records: rows.filter((row) => row['user.id'] === 'u1').length, values: ['u1'] },
    ])
  })
})

describe('requests', () => {
  beforeAll(async () => {
    for (let i = 0; i < 60; i++) {
      appendRequest()
      if (i % 25 === 24) await store.roll()
    }
    requests = (await query.requests({ limit: 5_000 })).requests
    expect(requests.length).toBe(60)
  })

  test('are counted as the list of requests has them, while rolls happen', async () => {
    for (const q of ['', 'hello', 'status>=500', 'no-such-word']) {
      const listed = (await query.requests({ q, limit: 5_000 })).requests
      const [answer] = await Promise.all([query.histogram({ q, of: 'requests' }), store.roll()])
      expect(countsOf(answer)).toEqual(
        tally(listed, (row) => `${row.outcome} ${stepOf(String(nano(row.started_at)), answer.step_ms)}`),
      )
    }
  })

  test('have facets of their entry', async () => {
    const fields = ['outcome', 'status', 'route', 'service']
    const { facets, missing } = await query.facets({ of: 'requests', fields })
    const counts = (field: string): Record<string, number> =>
      Object.fromEntries(facets[field]!.map(({ value, count }) => [value, count]))
    expect(counts('outcome')).toEqual(tally(requests, ({ outcome }) => outcome))
    expect(counts('status')).toEqual(tally(requests, ({ status }) => String(status)))
    expect(counts('route')).toEqual(tally(requests, ({ route }) => route))
    expect(counts('service')).toEqual({ api: 60 })
    expect(missing).toEqual({ outcome: 0, status: 0, route: 0, service: 0 })
  })

  test('have ranges of how long they took', async () => {
    const { facets } = await query.facets({ of: 'requests', fields: ['took'] })
    for (const { from, to, count } of facets['took']!) {
      expect(requests.filter(({ duration_ms: took }) => took! >= from! && took! < to!).length).toBe(count)
    }
  })
})
