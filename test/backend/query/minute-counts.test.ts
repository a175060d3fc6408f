/**
 * Counts that are kept by minute equal those of a brute-force oracle, over random queries and ranges, while rolls happen and after
 * the store was opened again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import type { Histogram, LogRow } from '../../../src/model/api.ts'
import { parseTimestamp } from '../../../src/model/time.ts'
import { compileMatcher } from '../../../src/query-text/match.ts'
import { log, logsRequest } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const SECOND = 1_000_000_000n
const HOURS = 3n
const SERVICES = ['api', 'web', 'cart', '']
const SEVERITIES = [0, 5, 9, 13, 17, 24]

let store: Store
let query: Query
let directory: string
let rows: readonly LogRow[]
let sequence = 0

/** One record every 10 s, one request of each service in turn. */
function append(from: number, count: number): void {
  for (let i = from; i < from + count; i += 20) {
    const records = Array.from({ length: 20 }, (_, at) =>
      log({
        timeUnixNano: START + BigInt(i + at) * 10n * SECOND + 1n,
        severityNumber: SEVERITIES[(i + at * 7) % 6]!,
        body: `n ${i}`,
      }),
    )
    store.append(logsRequest(++sequence, records, { attributes: { 'service.name': SERVICES[(i / 20) % 4]! } }))
  }
}

async function open(): Promise<void> {
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-minutes-'))
  await open()
  append(0, 400)
  await store.roll()
  append(400, 400)
  await store.stop()
  await open()
  append(800, 280)
  rows = (await query.logs({ limit: 5_000 })).logs
  expect(rows.length).toBe(1_080)
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

function countsOf({ from, step_ms: step, series }: Histogram): Record<string, number> {
  const first = parseTimestamp(from)! / 1_000_000n
  return Object.fromEntries(
    Object.entries(series).flatMap(([name, list]) =>
      list.flatMap((count, i) => (count === 0 ? [] : [[`${name} ${first + BigInt(i * step)}`, count]])),
    ),
  )
}

function expected(q: string, by: 'level' | 'service', range: Range, step: number): Record<string, number> {
  const counts: Record<string, number> = {}
  const matches = compileMatcher(q)
  for (const row of rows) {
    const time = BigInt(row.time_ns)
    if (!matches(row) || time < (range.sinceUnixNano ?? 0n) || time >= (range.untilUnixNano ?? 2n ** 63n)) continue
    const key = `${row[by]} ${(time / (BigInt(step) * 1_000_000n)) * BigInt(step)}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

interface Range {
  readonly sinceUnixNano?: bigint
  readonly untilUnixNano?: bigint
}
const time = fc.oneof(
  fc.bigInt({ min: START - 600n * SECOND, max: START + HOURS * 3_600n * SECOND }),
  fc.bigInt({ min: START / (60n * SECOND), max: START / (60n * SECOND) + 180n }).map((minute) => minute * 60n * SECOND),
)
const anyRange: fc.Arbitrary<Range> = fc.record({ sinceUnixNano: time, untilUnixNano: time }, { requiredKeys: [] })
const QUERIES = [
  '',
  'level>=warn',
  'service:api',
  '-service:web level:info',
  'service!=cart',
  'level<=info -level:debug service:w*',
]

test('steps of whole minutes have the counts of the records that match, at any range, while rolls happen', async () => {
  const ask = fc.record({
    q: fc.constantFrom(...QUERIES),
    range: anyRange,
    by: fc.constantFrom('level' as const, 'service' as const),
  })
  await fc.assert(
    fc.asyncProperty(ask, fc.boolean(), async ({ q, range, by }, rolls) => {
      const asked = query.histogram({ q, ...range, by, stepMillis: 60_000 })
      const [answer] = await Promise.all([asked, rolls ? store.roll() : undefined])
      expect(countsOf(answer)).toEqual(expected(q, by, range, 60_000))
      expect(answer.complete).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['', 20, true],
  [`service:api level>=warn since:${START} until:${START + 6_000n * SECOND}`, 20, true],
  ['n', 20, false],
  ['service:api OR level:error', 20, false],
  ['instance:a', 20, false],
  ['', 400, false],
])('%j in at most %i steps is answered by the minutes: %j', async (q, buckets, isByMinutes) => {
  const read = vi.spyOn(store, 'read')
  const answer = await query.histogram({ q, buckets })
  const asked = read.mock.calls.some(([sql]) => sql.includes('log_minutes'))
  read.mockRestore()
  expect(asked).toBe(isByMinutes)
  expect(countsOf(answer)).toEqual(expected(q, 'level', {}, answer.step_ms))
})
