/**
 * Traces are read between their own times alone, wherever their rows lie, and nothing of them is missed.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import { StoredRows } from '../../../src/backend/query/rows/stored-rows.ts'
import type { TimeRange } from '../../../src/backend/query/time-range.ts'
import { boundsOf, groupsOf } from '../../../src/backend/query/trace-bounds.ts'
import { readTrace, readTraces } from '../../../src/backend/query/trace-rows.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import { rowId } from '../../../src/model/log-row.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'
import { planOf } from '../support/plan.ts'

const START = 1_790_000_000_000_000_000n
const SECOND = 1_000_000_000n

describe('traces are read together', () => {
  const range = (from: number, to: number): TimeRange => ({ from: BigInt(from) * SECOND, to: BigInt(to) * SECOND })
  test.each([
    { name: 'none', ranges: {}, groups: [] },
    { name: 'that overlap', ranges: { a: range(0, 10), b: range(5, 20) }, groups: ['ab 0-20'] },
    { name: 'of which one holds the other', ranges: { a: range(0, 900), b: range(5, 20) }, groups: ['ab 0-900'] },
    { name: 'with a minute between them', ranges: { b: range(70, 80), a: range(0, 10) }, groups: ['ab 0-80'] },
    {
      name: 'but not with more between them',
      ranges: { b: range(71, 80), a: range(0, 10) },
      groups: ['a 0-10', 'b 71-80'],
    },
    {
      name: 'with more between them, where that is little of the time of all',
      ranges: { a: range(0, 10), b: range(110, 120), c: range(1_000, 2_000), d: range(2_124, 2_130) },
      groups: ['ab 0-120', 'cd 1000-2130'],
    },
    {
      name: 'when they are the nearest of more than four groups',
      ranges: {
        a: range(0, 1),
        b: range(1_000, 1_001),
        c: range(1_900, 1_901),
        d: range(3_000, 3_001),
        e: range(3_800, 3_801),
        f: range(5_000, 5_001),
      },
      groups: ['a 0-1', 'bc 1000-1901', 'de 3000-3801', 'f 5000-5001'],
    },
  ])('$name', ({ ranges, groups }) => {
    const found = groupsOf(new Map(Object.entries(ranges)))
    const named = found.map(({ ids, range: { from, to } }) => `${ids.join('')} ${from / SECOND}-${to / SECOND}`)
    expect(named).toEqual(groups)
  })
})

let store: Store
let stored: StoredRows
let directory: string
let sequence = 0
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-bounds-'))
  store = createDuckdbStore({ directory })
  await store.start()
  stored = new StoredRows(store)
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

const newTrace = (): string => randomBytes(16).toString('hex')

/** A row of a trace: its time and, of a span, its length (which may be negative), in milliseconds. */
interface Row {
  readonly trace: number
  readonly at: number
  readonly took: number | undefined
}

function append(ids: readonly string[], rows: readonly Row[]): void {
  const time = ({ at }: Row): bigint => START + BigInt(at) * 1_000_000n
  const logs = rows.filter(({ took }) => took === undefined)
  const spans = rows.filter(({ took }) => took !== undefined)
  const traceOf = ({ trace }: Row): string => ids[trace] as string
  if (logs.length > 0) {
    store.append(
      logsRequest(
        ++sequence,
        logs.map((row) => log({ traceId: traceOf(row), timeUnixNano: time(row) })),
      ),
    )
  }
  if (spans.length === 0) return
  const spanOf = (row: Row): ReturnType<typeof span> =>
    span({
      traceId: traceOf(row),
      startTimeUnixNano: time(row),
      endTimeUnixNano: time(row) + BigInt(row.took ?? 0) * 1_000_000n,
    })
  store.append(spansRequest(++sequence, spans.map(spanOf)))
}

/** Times of all rows of each trace, in order, by reading everything. */
async function allTimes(ids: readonly string[]): Promise<string[][]> {
  const timesOf = async (id: string): Promise<string[]> => {
    const where = `WHERE replace(trace::VARCHAR, '-', '') = '${id}'`
    const { rows } = await store.read(
      `SELECT t FROM log_rows ${where} UNION ALL SELECT t FROM span_rows ${where} ORDER BY t`,
    )
    return rows.map(([t]) => (t as bigint).toString())
  }
  return await Promise.all(ids.map(timesOf))
}

async function readTimes(ids: readonly string[]): Promise<string[][]> {
  const traces = await readTraces(store, stored, ids)
  return traces.map(({ logs, spans }) =>
    [...logs.map(({ time }) => time), ...spans.map(({ span: { startTimeUnixNano } }) => startTimeUnixNano)]
      .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      .map(String),
  )
}

/** Ten traces that began one after the other: every other one goes on for hours. In the file, in memory, and in both. */
async function appendInterleaved(): Promise<string[]> {
  const ids = Array.from({ length: 10 }, newTrace)
  const rowsFrom = (i: number, at: number): Row[] => [
    { trace: i, at, took: undefined },
    { trace: i, at: at + 5, took: 40 },
    // Its end is before its begin: written by a clock that was set back.
    { trace: i, at: at + 90, took: -3_600_000 },
  ]
  append(
    ids,
    ids.flatMap((_, i) => rowsFrom(i, i * 600_000)),
  )
  await store.roll()
  append(
    ids,
    ids.flatMap((_, i) => (i % 2 === 0 ? rowsFrom(i, i * 600_000 + 21_600_000) : [])),
  )
  await store.flush()
  return ids
}

describe('of ten interleaved long and short traces', () => {
  test('every row is read, of all together and of each alone', async () => {
    const ids = await appendInterleaved()
    const all = await allTimes(ids)
    expect(all.map((times) => times.length)).toEqual(ids.map((_, i) => (i % 2 === 0 ? 6 : 3)))
    expect(await readTimes(ids)).toEqual(all)
    for (const [i, id] of ids.entries()) expect(await readTimes([id])).toEqual([all[i]])
  })

  test('the bounds hold every row', async () => {
    const ids = await appendInterleaved()
    const bounds = await boundsOf(store, ids)
    const all = await allTimes(ids)
    for (const [i, id] of ids.entries()) {
      const { from, to } = bounds.get(id) as TimeRange
      expect(String(from)).toBe(all[i]?.[0])
      expect(to).toBeGreaterThanOrEqual(BigInt(all[i]?.at(-1) as string))
    }
  })

  test('the plan of every question for rows names a range of times', async () => {
    const ids = await appendInterleaved()
    const read = vi.spyOn(store, 'readRows')
    // A range that holds all rows of a table is no filter: this trace lies between the others.
    await readTraces(store, stored, [ids[1] as string])
    const questions = read.mock.calls.map(([question]) => question)
    expect(questions.map(({ signal }) => signal)).toEqual(['logs', 'spans'])
    read.mockRestore()
    for (const { signal, columns, where, order } of questions) {
      const view = signal === 'logs' ? 'log_rows' : 'span_rows'
      const plan = await planOf(store, `SELECT ${columns.join(', ')} FROM ${view} WHERE ${where.sql} ${order}`)
      expect(plan).toMatch(/t>=\d+/)
      expect(plan).toMatch(/t<=\d+/)
    }
  })

  test('a list by the id of one finds its records, on every page and in both orders', async () => {
    const ids = await appendInterleaved()
    const query = createQuery(store)
    for (const order of ['asc', 'desc'] as const) {
      const q = `trace:${ids[0]}`
      const { logs } = await query.logs({ q, order })
      expect(logs.map(({ trace_id: id }) => id)).toEqual([ids[0], ids[0]])
      const first = await query.logs({ q, order, limit: 1 })
      const second = await query.logs({ q, order, limit: 1, cursor: first.next_cursor ?? '' })
      expect([...first.logs, ...second.logs].map(rowId)).toEqual(logs.map(rowId))
    }
    expect((await query.requests({ q: `trace:${ids[1]}` })).requests.map((row) => row.trace_id)).toContain(ids[1])
    expect((await query.requests({ q: `trace:${ids[1]} level:fatal` })).requests).toEqual([])
  })

  test('an id of which nothing is stored has no rows and no bounds', async () => {
    const id = newTrace()
    const query = createQuery(store)
    expect(await boundsOf(store, [id])).toEqual(new Map())
    expect(await readTrace(store, stored, id)).toBeUndefined()
    expect((await query.logs({ q: `trace:${id}` })).logs).toEqual([])
    expect((await query.requests({ q: `trace:${id}` })).requests).toEqual([])
    await expect(query.logs({ q: `trace:${id}`, limit: 0 })).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
  })

  test('the first digits of an id find it in memory and in the file', async () => {
    const [early, late] = [newTrace(), newTrace()]
    append([early], [{ trace: 0, at: 0, took: 5 }])
    await store.roll()
    append([late], [{ trace: 0, at: 0, took: undefined }])
    await store.flush()
    for (const id of [early, late]) {
      expect((await readTrace(store, stored, id.slice(0, 12)))?.traceId).toBe(id)
    }
  })
})

test('whatever was rolled when, as many rows are read as are stored', async () => {
  const row = fc.record({
    trace: fc.nat(3),
    at: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 90_000_000 })),
    took: fc.option(fc.integer({ min: -5_000_000, max: 5_000_000 }), { nil: undefined }),
  })
  const step = fc.record({ rows: fc.array(row, { maxLength: 8 }), isRolled: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const ids = Array.from({ length: 4 }, newTrace)
      for (const { rows, isRolled } of steps) {
        append(ids, rows)
        await (isRolled ? store.roll() : store.flush())
      }
      expect(await readTimes(ids)).toEqual(await allTimes(ids))
    }),
    { numRuns: 15 },
  )
})
