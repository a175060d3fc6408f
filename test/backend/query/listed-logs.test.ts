/**
 * A list of heads, one whole record, and the records around it: the same rows as the page of whole records has.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { AroundRequest, Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import type { LogRow } from '../../../src/model/api.ts'
import { listedRow } from '../../../src/model/listed-row.ts'
import { rowId } from '../../../src/model/log-row.ts'
import { log, logsRequest, TRACE } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const OTHER_TRACE = 'aaaabbbbccccdddd0000111122223333'
const WEB = { attributes: { 'service.name': 'web' } }

let store: Store
let query: Query
let directory: string
let sequence = 0
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-listed-'))
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

const HEAD = ['_id', 'time_ns', 'timestamp', 'level', 'service', 'message', 'trace_id', 'span_id']

describe('fields=list', () => {
  test('answers the head of each record, and reads no column of an attribute', async () => {
    const attributes = { 'http.route': '/cart', 'url.path': '/cart', 'user.id': 'u1' }
    store.append(logsRequest(++sequence, [log({ attributes, body: 'listed' })]))
    await store.flush()
    const read = vi.spyOn(store, 'readRows')
    const { logs } = await query.listedLogs({ q: 'listed' }, [])
    expect(logs.map((row) => Object.keys(row).toSorted())).toEqual([HEAD.toSorted()])
    const columns = read.mock.calls.flatMap(([question]) => question.columns)
    expect(columns).toContain('body')
    expect(columns.filter((column) => /^a\d+$/.test(column))).toEqual([])
  })

  test('other fields stand beside it where a record has them', async () => {
    const { logs } = await query.listedLogs({ q: 'listed' }, ['route', 'user.id', 'absent'])
    expect(logs).toMatchObject([{ route: '/cart', 'user.id': 'u1', message: 'listed' }])
    expect(Object.keys(logs[0] ?? {})).toHaveLength(HEAD.length + 2)
  })
})

test('whatever the records hold, the heads are those of whole records', async () => {
  const ids = fc.constantFrom('', TRACE, OTHER_TRACE)
  const record = fc
    .record({
      traceId: ids,
      body: fc.oneof(fc.string(), fc.constantFrom(undefined, null, { a: [1n] })),
      eventName: fc.constantFrom('', 'tracelog.http.server.end', 'started'),
      severityNumber: fc.nat(24),
      severityText: fc.constantFrom('', 'info', 'loud'),
      timeUnixNano: fc.constantFrom(0n, START, START + 7n),
      observedTimeUnixNano: fc.constantFrom(0n, START + 5n),
      attributes: fc.dictionary(
        fc.constantFrom(
          'message',
          'service',
          'trace_id',
          '_id',
          'anchor',
          'tracelog.foreign_trace_id',
          'x',
          'url.path',
        ),
        fc.oneof(fc.string(), fc.constantFrom(1n, 2.5, true)),
      ),
    })
    .map((fields) => log(fields))
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), fc.boolean(), async (records, isRolled) => {
      store.append(logsRequest(++sequence, records, fc.sample(fc.constantFrom(WEB, { attributes: {} }), 1)[0]))
      await (isRolled ? store.roll() : store.flush())
      const { logs } = await query.logs({ limit: 5_000 })
      const listed = await query.listedLogs({ limit: 5_000 }, [])
      expect(listed.logs.map(rowId)).toEqual(logs.map(rowId))
      const withoutId = (row: object): object =>
        Object.fromEntries(Object.entries(row).filter(([key]) => !/^_+id$/.test(key)))
      expect(listed.logs.map(withoutId)).toEqual(logs.map((row) => withoutId(listedRow(row, []))))
      const chosen = await query.listedLogs({ limit: 5_000 }, ['x', '_id'])
      expect(chosen.logs).toEqual(logs.map((row) => listedRow(row, ['x', '_id'])))
    }),
    { numRuns: 15 },
  )
})

describe('around a record', () => {
  const text = (i: number): string => `around ${i}`
  let rows: readonly LogRow[]
  /** Times fall where numbers rise: neighbours are those of acknowledgement. */
  beforeAll(async () => {
    for (let i = 0; i < 12; i++) {
      const traceId = i === 11 ? '' : i % 3 === 0 ? TRACE : OTHER_TRACE
      const record = log({ body: text(i), timeUnixNano: START - BigInt(i) * 100_000_000_000n, traceId })
      store.append(logsRequest(++sequence, [record], i % 2 === 0 ? WEB : { attributes: { 'service.name': 'around' } }))
      await (i === 5 ? store.roll() : store.flush())
    }
    rows = (await query.logs({ q: 'around', limit: 5_000 })).logs.filter(({ message }) => message.startsWith('around '))
  })
  const idOf = (i: number): string => rowId(rows.find(({ message }) => message === text(i)) as LogRow)
  const messages = async (request: AroundRequest): Promise<string[] | undefined> =>
    (await query.logsAround(request))?.logs.map(({ message, anchor }) => `${message}${anchor === true ? ' <' : ''}`)

  test.each([
    { same: 'all' as const, before: 2, after: 1, expected: ['around 4', 'around 5', 'around 6 <', 'around 7'] },
    { same: 'all' as const, before: 0, after: 0, expected: ['around 6 <'] },
    { same: 'service' as const, before: 1, after: 2, expected: ['around 4', 'around 6 <', 'around 8', 'around 10'] },
    { same: 'trace' as const, before: 1, after: 500, expected: ['around 3', 'around 6 <', 'around 9'] },
  ])('$before before and $after after it, of the same $same', async ({ expected, ...request }) => {
    expect(await messages({ id: idOf(6), ...request })).toEqual(expected)
  })

  test('there may be fewer', async () => {
    expect(await messages({ id: idOf(11), before: 0, after: 20, same: 'all' })).toEqual(['around 11 <'])
  })

  test('the record alone is the row of the page', async () => {
    for (const row of rows) expect(await query.log(rowId(row))).toEqual(row)
  })

  test('a field of the application keeps its name beside the mark', async () => {
    store.append(logsRequest(++sequence, [log({ body: 'named', attributes: { anchor: 'mine' } })]))
    const [row] = (await query.logs({ q: 'named' })).logs
    const around = await query.logsAround({ id: rowId(row as LogRow), before: 0, after: 0, same: 'all' })
    expect(around?.logs).toMatchObject([{ anchor: 'mine', _anchor: true }])
  })

  test('an id of nothing has no answer, another text is refused', async () => {
    const id = '999999999999'
    expect(await query.log(id)).toBeUndefined()
    expect(await query.logsAround({ id, before: 1, after: 1, same: 'all' })).toBeUndefined()
    await expect(query.log('-1')).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
    await expect(query.log("1' OR '1")).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
  })
})
