/**
 * A tail says each record once, in the order of its time, and says what it could not say.
 */
import { describe, expect, test, vi } from 'vitest'

import type { TailListener } from '../../../src/backend/query/query.ts'
import { StoredRows } from '../../../src/backend/query/rows/stored-rows.ts'
import { startTail } from '../../../src/backend/query/tail.ts'
import type { RowBlock } from '../../../src/backend/store/row-blocks.ts'
import type { LiveBatch, LiveLog, ReadResult, RowsQuestion, Store } from '../../../src/backend/store/store.ts'
import { log } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n

function live(row: number, millis: number, attributes: Record<string, string | number> = {}): LiveLog {
  const record = log({ timeUnixNano: START + BigInt(millis) * 1_000_000n, body: `row ${row}`, traceId: '', attributes })
  return { row: BigInt(row), record, resource: { 'service.name': 'web' }, scope: 'test' }
}

const batch = (...logs: LiveLog[]): LiveBatch => ({ logs, spans: [], dropped: 0 })
const result = (...values: bigint[]): ReadResult => ({ columns: [], rows: [values], truncated: false })

interface Fake {
  readonly store: Store
  hear(batch: LiveBatch): void
}

/** @param read  what the store answers; it may fail */
function fakeStore(read: (sql: string) => Promise<ReadResult>): Fake {
  let listener: (batch: LiveBatch) => void = () => undefined
  const store = {
    onLive(heard: typeof listener) {
      listener = heard
      return () => undefined
    },
    flush: () => Promise.resolve(),
    columns: () => [],
    read,
    readRows: async ({ where }: RowsQuestion) => blocksOf(await read(where.sql)),
  } as unknown as Store
  return { store, hear: (heard) => listener(heard) }
}

function blocksOf({ rows }: ReadResult): RowBlock[] {
  const columns = (rows[0] ?? []).map(
    (_, i) => ({ kind: 'values', values: rows.map((row) => row[i] ?? null) }) as const,
  )
  return rows.length === 0 ? [] : [{ rows: rows.length, columns }]
}

interface Heard extends TailListener {
  readonly said: string[]
}

function listening(): Heard {
  const said: string[] = []
  return {
    said,
    open: (reached) => said.push(`open ${reached}`),
    log: (row, reached) => said.push(`${row.message}${reached === undefined ? '' : ` @${reached}`}`),
    request: () => undefined,
    gap: (dropped) => said.push(`gap ${dropped}`),
  }
}

const tail = ({ store }: Fake, heard: TailListener, options: { q?: string; afterId?: string } = {}): (() => void) =>
  startTail(store, new StoredRows(store), options, heard)

test('what arrives together is said by time, then by sequence number; its last record tells where to resume', async () => {
  const fake = fakeStore(() => Promise.resolve(result(4n)))
  const heard = listening()
  tail(fake, heard)
  await vi.waitFor(() => expect(heard.said).toEqual(['open 4']), 10_000)
  fake.hear(
    batch(
      live(5, 191),
      live(6, 0, { 'tracelog.seq': 9 }),
      live(7, 0, { 'tracelog.seq': 8 }),
      live(8, 127, { hidden: 'yes' }),
      live(9, 127),
    ),
  )
  expect(heard.said.slice(1)).toEqual(['row 7', 'row 6', 'row 8', 'row 9', 'row 5 @9'])
})

test('rows that do not match are reached all the same', () => {
  const fake = fakeStore(() => Promise.reject(new Error('away')))
  const heard = listening()
  tail(fake, heard, { q: '"row 1"' })
  fake.hear(batch(live(1, 5), live(2, 6)))
  expect(heard.said).toEqual(['row 1 @2'])
})

describe('a tail that goes on', () => {
  test('says a gap with the count when the store does not answer, and then what arrived meanwhile', async () => {
    const answer = Promise.withResolvers<ReadResult>()
    const fake = fakeStore((sql) => {
      if (sql.includes('max(n)')) return Promise.resolve(result(15n))
      return sql.includes('count(*)') ? Promise.resolve(result(3n)) : answer.promise
    })
    const heard = listening()
    tail(fake, heard, { afterId: '10' })
    fake.hear(batch(live(16, 1)))
    answer.reject(new Error('interrupted'))
    await vi.waitFor(() => expect(heard.said).toEqual(['gap 3', 'row 16 @16']), 10_000)
    fake.hear(batch(live(17, 2)))
    expect(heard.said.at(-1)).toBe('row 17 @17')
  })

  test('says at least one when even the number is not known', async () => {
    const heard = listening()
    tail(
      fakeStore(() => Promise.reject(new Error('interrupted'))),
      heard,
      { afterId: '10' },
    )
    await vi.waitFor(() => expect(heard.said).toEqual(['gap 1']), 10_000)
  })

  test('counts what had no room while the store did not answer', async () => {
    const answer = Promise.withResolvers<ReadResult>()
    const fake = fakeStore(() => answer.promise)
    const heard = listening()
    tail(fake, heard, { afterId: '-1' })
    fake.hear(batch(...Array.from({ length: 6_000 }, (_, i) => live(i, i))))
    answer.reject(new Error('interrupted'))
    await vi.waitFor(() => expect(heard.said).toEqual(['gap 6001']), 10_000)
  })

  test('reads again when more arrived than may wait, so that nothing is missed', async () => {
    const bounds: string[] = []
    const first = Promise.withResolvers<ReadResult>()
    const fake = fakeStore((sql) => {
      if (sql.includes('max(n)')) return Promise.resolve(result(bounds.length === 0 ? 10n : 6_010n))
      if (!sql.includes('count(*)')) return Promise.resolve({ columns: [], rows: [], truncated: false })
      bounds.push(/n > -?\d+ AND n <= \d+/.exec(sql)?.[0] ?? sql)
      return bounds.length === 1 ? first.promise : Promise.resolve(result(0n))
    })
    const heard = listening()
    tail(fake, heard, { afterId: '10' })
    fake.hear(batch(...Array.from({ length: 6_000 }, (_, i) => live(11 + i, i))))
    first.resolve(result(0n))
    await vi.waitFor(() => expect(bounds).toEqual(['n > 10 AND n <= 10', 'n > 10 AND n <= 6010']), 10_000)
    expect(heard.said).toEqual([])
  })
})

describe('a fault', () => {
  test('in one row costs that row, and is counted', () => {
    const fake = fakeStore(() => Promise.reject(new Error('away')))
    const heard = listening()
    tail(fake, heard)
    const broken = live(1, 1)
    const fail = (): never => {
      throw new Error('broken')
    }
    Object.defineProperty(broken.record, 'attributes', { get: fail })
    fake.hear(batch(broken, live(2, 2)))
    expect(heard.said).toEqual(['gap 1', 'row 2 @2'])
  })

  test('in one follower ends nothing else', () => {
    const fake = fakeStore(() => Promise.reject(new Error('away')))
    const broken = {
      ...listening(),
      log: () => {
        throw new Error('closed')
      },
    }
    tail(fake, broken)
    expect(() => fake.hear(batch(live(1, 1), live(2, 2)))).not.toThrow()
  })
})
