/**
 * What is cleared is gone for good, and nothing else is: whatever of it was in memory or in the file, and after the store was opened
 * again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const SECOND = 1_000_000_000n
const root = mkdtempSync(join(tmpdir(), 'tracelog-clear-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const traceId = (trace: number): string => trace.toString(16).padStart(32, '0')
const at = (second: number): bigint => START + BigInt(second) * SECOND

async function facts(store: Store): Promise<unknown> {
  const query = createQuery(store)
  const [logs, spans, traces] = await Promise.all(
    [
      'SELECT t FROM log_rows ORDER BY t',
      'SELECT t FROM span_rows ORDER BY t',
      'SELECT DISTINCT trace FROM trace_times',
    ].map(async (sql) => (await store.read(sql)).rows.map(([value]) => value)),
  )
  const { series } = await query.histogram({ buckets: 1 })
  const counted = Object.values(series)
    .flat()
    .reduce((sum, count) => sum + count, 0)
  const stats = await store.stats()
  return {
    logs,
    spans,
    traces: traces?.length,
    counted,
    stats: { logs: stats.logs, spans: stats.spans, oldest: stats.oldestUnixNano, newest: stats.newestUnixNano },
  }
}

interface One {
  readonly second: number
  readonly trace: number
  readonly isSpan: boolean
}

const byTime = (a: bigint, b: bigint): number => (a < b ? -1 : 1)

function expected(kept: readonly One[]): unknown {
  const timesOf = (isSpan: boolean) =>
    kept
      .filter((one) => one.isSpan === isSpan)
      .map((one) => at(one.second))
      .toSorted(byTime)
  const [logs, spans] = [timesOf(false), timesOf(true)]
  const all = [...logs, ...spans].toSorted(byTime)
  return {
    logs,
    spans,
    traces: new Set(kept.map(({ trace }) => trace)).size,
    counted: logs.length,
    stats: { logs: logs.length, spans: spans.length, oldest: all[0], newest: all.at(-1) },
  }
}

test('whatever was before is gone, and all else is there, in memory, in the file and after a start', async () => {
  const directory = join(root, 'any')
  let store = createDuckdbStore({ directory })
  await store.start()
  let kept: One[] = []
  let sequence = 0
  const append = (one: One): void => {
    kept.push(one)
    const [time, id] = [at(one.second), traceId(one.trace)]
    const request = one.isSpan
      ? spansRequest(++sequence, [span({ startTimeUnixNano: time, endTimeUnixNano: time, traceId: id })])
      : logsRequest(++sequence, [log({ timeUnixNano: time, traceId: id })])
    store.append(request)
  }
  const clear = async (before: number | null): Promise<void> => {
    const gone = kept.filter((one) => before === null || one.second < before)
    const cleared = await store.clear(before === null ? undefined : at(before))
    kept = kept.filter((one) => !gone.includes(one))
    const spans = gone.filter(({ isSpan }) => isSpan).length
    expect(cleared).toMatchObject({ logs: gone.length - spans, spans })
  }
  const second = fc.integer({ min: 0, max: 200 })
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ second, trace: fc.integer({ min: 1, max: 4 }), isSpan: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant('roll' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.option(second), async (steps, before) => {
      for (const one of steps) {
        if (one === 'roll') await store.roll()
        else append(one)
      }
      await clear(before)
      expect(await facts(store)).toEqual(expected(kept))
    }),
    { numRuns: 15, endOnFailure: true },
  )
  append({ second: 201, trace: 5, isSpan: false })
  await clear(100)
  await store.stop()
  store = createDuckdbStore({ directory })
  await store.start()
  expect(await facts(store)).toEqual(expected(kept))
  await store.stop()
})

test('what comes after it is kept, in the order of its numbers, and a tombstone says what is gone', async () => {
  const store = createDuckdbStore({ directory: join(root, 'after') })
  await store.start()
  store.append(logsRequest(1, [log({ timeUnixNano: at(1), body: 'before' })]))
  const cleared = store.clear(undefined)
  store.append(logsRequest(2, [log({ timeUnixNano: at(0), body: 'after' })]))
  expect(await cleared).toEqual({ logs: 1, spans: 0, traces: 1 })
  await store.flush()
  expect((await store.read('SELECT body, n FROM log_rows')).rows).toEqual([['after', 1n]])
  expect((await store.read('SELECT why, traces, logs, spans FROM store.tombstone')).rows).toEqual([
    ['cleared', 1n, 1n, 0n],
  ])
  await store.stop()
})
