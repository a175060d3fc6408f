/**
 * A question sees each record once, whenever a roll moves it from memory to the file: the roll is forced between each two
 * steps that a question takes on its connection.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { Engine } from '../../../src/backend/store/engine.ts'
import { rowsOf } from '../../../src/backend/store/row-blocks.ts'
import { log, logsRequest, TRACE } from '../../contract/store.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-snapshot-'))
const nothing = (): void => undefined
const listener = { decoded: nothing, committed: nothing, live: nothing, columns: nothing, failed: nothing }
const OTHER_TRACE = 'ffffffffffffffffffffffffffffffff'
/** More steps than a question has: the last ones never happen. */
const STEPS = [0, 1, 2, 3, 4, 5]

let engine: Engine
let sequence = 0
/** Called before each step of a question, once set. */
let beforeStep: (() => Promise<void>) | undefined

type Method = (...args: unknown[]) => Promise<unknown>

function interrupt(owner: object, name: string): void {
  const methods = owner as Record<string, Method>
  const original = methods[name] as Method
  vi.spyOn(methods, name).mockImplementation(async function (this: unknown, ...args) {
    await beforeStep?.()
    return await original.apply(this, args)
  })
}

beforeEach(async () => {
  engine = await Engine.open({ directory: mkdtempSync(join(root, 'data-')) }, listener)
  sequence = 0
  interrupt(DuckDBConnection.prototype, 'run')
  interrupt(DuckDBConnection.prototype, 'prepare')
  interrupt(DuckDBConnection.prototype, 'extractStatements')
  interrupt(DuckDBPreparedStatement.prototype, 'streamAndReadUntil')
})
afterEach(async () => {
  beforeStep = undefined
  vi.restoreAllMocks()
  await engine.stop()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function appendLogs(traceId: string): void {
  engine.append(logsRequest(++sequence, [log({ traceId, body: 'one' }), log({ traceId, body: 'two' })]))
}

/** Asks while a roll happens before step `at`. */
async function askAcross(at: number, ask: () => Promise<unknown>): Promise<unknown> {
  let step = 0
  beforeStep = async () => {
    if (step++ !== at) return
    beforeStep = undefined
    await engine.roll()
  }
  const answer = await ask()
  beforeStep = undefined
  return answer
}

describe.each([
  { cold: 'an empty file', before: [] },
  { cold: 'a file with rows', before: [TRACE] },
])('with $cold, a roll before step', ({ before }) => {
  test.each(STEPS)('%i of a question', async (at) => {
    for (const traceId of before) appendLogs(traceId)
    await engine.roll()
    appendLogs(OTHER_TRACE)
    await engine.flush()
    const sql = `SELECT body FROM log_rows WHERE trace = '${OTHER_TRACE}'::UUID ORDER BY n`
    const answer = await askAcross(at, async () => (await engine.pool.read(sql)).rows)
    expect(answer).toEqual([['one'], ['two']])
  })

  test.each(STEPS)('%i of a question for rows of one signal', async (at) => {
    for (const traceId of before) appendLogs(traceId)
    await engine.roll()
    appendLogs(OTHER_TRACE)
    await engine.flush()
    const where = { sql: 'trace = ?::UUID', parameters: [OTHER_TRACE] }
    const ask = async (): Promise<unknown> => {
      const blocks = await engine.pool.readRows({
        signal: 'logs',
        columns: ['body', 'n'],
        where,
        order: 'ORDER BY n',
      })
      return rowsOf(blocks).map(([body]) => body)
    }
    expect(await askAcross(at, ask)).toEqual(['one', 'two'])
  })

  test.each(STEPS)('%i of the question when a trace has rows', async (at) => {
    for (const traceId of before) appendLogs(traceId)
    await engine.roll()
    appendLogs(OTHER_TRACE)
    await engine.flush()
    const sql = `SELECT min(first), max(last) FROM trace_times WHERE trace = '${OTHER_TRACE}'::UUID`
    const answer = await askAcross(at, async () => (await engine.pool.read(sql)).rows)
    expect(answer).toEqual([[log().timeUnixNano, log().timeUnixNano]])
  })

  test.each(STEPS)("%i of a user's question that names the file first", async (at) => {
    for (const traceId of before) appendLogs(traceId)
    await engine.roll()
    appendLogs(OTHER_TRACE)
    await engine.flush()
    const sql = `SELECT (SELECT count(*) FROM store.meta), count(*) FROM logs WHERE trace_id = '${OTHER_TRACE}'`
    const answer = await askAcross(at, async () => (await engine.pool.readUser(sql)).rows)
    expect(answer).toEqual([[1n, 2n]])
  })
})
