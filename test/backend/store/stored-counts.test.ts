/**
 * What the store says that it holds is what is in it, and it need not read its rows to say it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'

import { Engine } from '../../../src/backend/store/engine.ts'
import type { StoreRequest } from '../../../src/backend/store/store.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const nothing = (): void => undefined
const listener = { decoded: nothing, committed: nothing, live: nothing, columns: nothing, failed: nothing }
const root = mkdtempSync(join(tmpdir(), 'tracelog-counts-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The same by reading every row. */
const COUNTS = `SELECT (SELECT count(*) FROM log_rows), (SELECT count(*) FROM span_rows),
  (SELECT approx_count_distinct(trace) FROM (SELECT trace FROM log_rows UNION ALL SELECT trace FROM span_rows)),
  least((SELECT min(t) FROM log_rows), (SELECT min(t) FROM span_rows)),
  greatest((SELECT max(t) FROM log_rows), (SELECT max(t + took) FROM span_rows))`

async function counted(engine: Engine): Promise<unknown> {
  const [[logs, spans, traces, oldestUnixNano, newestUnixNano] = []] = (await engine.pool.read(COUNTS)).rows
  return {
    logs: Number(logs),
    spans: Number(spans),
    traces: Number(traces),
    oldestUnixNano: oldestUnixNano ?? undefined,
    newestUnixNano: newestUnixNano ?? undefined,
  }
}

const traceId = (trace: number): string => (trace === 0 ? '' : trace.toString(16).padStart(32, '0'))

interface Row {
  readonly trace: number
  readonly at: bigint
  readonly took: bigint
}
interface Step {
  readonly isSpans: boolean
  readonly rows: readonly Row[]
  readonly after: 'nothing' | 'roll' | 'restart'
}

function requestOf(sequence: number, { isSpans, rows }: Step): StoreRequest {
  if (!isSpans) {
    return logsRequest(
      sequence,
      rows.map(({ trace, at }) => log({ traceId: traceId(trace), timeUnixNano: START + at })),
    )
  }
  return spansRequest(
    sequence,
    rows.map(({ trace, at, took }) =>
      span({ traceId: traceId(trace), startTimeUnixNano: START + at, endTimeUnixNano: START + at + took }),
    ),
  )
}

test('whatever was appended, rolled and opened again, the counts are those of the rows', async () => {
  const time = fc.bigInt({ min: -(2n ** 60n), max: 2n ** 62n })
  const row = fc.record({ trace: fc.nat(40), at: time, took: fc.bigInt({ min: -1_000n, max: 10_000_000_000n }) })
  const step = fc.record({
    isSpans: fc.boolean(),
    rows: fc.array(row, { maxLength: 30 }),
    after: fc.constantFrom('nothing' as const, 'roll' as const, 'restart' as const),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const directory = mkdtempSync(join(root, 'any-'))
      let engine = await Engine.open({ directory }, listener)
      for (const [i, one] of steps.entries()) {
        engine.append(requestOf(i + 1, one))
        await engine.flush()
        if (one.after !== 'nothing') await engine.roll()
        if (one.after !== 'restart') continue
        await engine.stop()
        engine = await Engine.open({ directory }, listener)
      }
      expect(await engine.stats()).toMatchObject((await counted(engine)) as object)
      await engine.stop()
    }),
    { numRuns: 15 },
  )
})

test('rows of more than one batch are counted', async () => {
  const engine = await Engine.open({ directory: mkdtempSync(join(root, 'many-')) }, listener)
  const rows = Array.from({ length: 5_000 }, (_, i) => ({ trace: i + 1, at: BigInt((i * 7_919) % 5_000), took: 1n }))
  for (const [i, isSpans] of [true, false].entries()) {
    engine.append(requestOf(i + 1, { isSpans, rows, after: 'nothing' }))
  }
  await engine.flush()
  expect(await engine.stats()).toMatchObject((await counted(engine)) as object)
  await engine.stop()
})

test('no row is read: traces are estimated when something has come, and at most once a second', async () => {
  const engine = await Engine.open({ directory: mkdtempSync(join(root, 'asked-')) }, listener)
  engine.append(logsRequest(1, [log({ traceId: traceId(1) })]))
  await engine.flush()
  const read = vi.spyOn(engine.pool, 'read')
  expect(await engine.stats()).toMatchObject({ logs: 1, traces: 1 })
  engine.append(logsRequest(2, [log({ traceId: traceId(2) })]))
  await engine.flush()
  expect(await engine.stats()).toMatchObject({ logs: 2 })
  await expect.poll(async () => (await engine.stats()).traces, { timeout: 20_000 }).toBe(2)
  for (let i = 0; i < 100; i++) await engine.stats()
  expect(read.mock.calls.map(([sql]) => sql)).toEqual([
    expect.stringContaining('trace_times'),
    expect.stringContaining('trace_times'),
  ])
  await engine.stop()
})
