/** A file that takes nothing: rolls are tried until it does, questions are answered meanwhile, and a stop does not wait for ever. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Engine } from '../../../src/backend/store/engine.ts'
import { log, logsRequest } from '../../contract/store.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-full-'))
const failures: string[] = []
const nothing = (): void => undefined
const listener = {
  decoded: nothing,
  committed: nothing,
  live: nothing,
  columns: nothing,
  failed: (what: string) => void failures.push(what),
}
let directory: string
let isFull: boolean

beforeEach(() => {
  directory = mkdtempSync(join(root, 'data-'))
  isFull = true
  failures.length = 0
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const { run } = DuckDBConnection.prototype
  vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (this: DuckDBConnection, sql, ...rest) {
    if (isFull && sql.startsWith('INSERT INTO store.log_cold')) throw new Error('No space left on device')
    return await run.call(this, sql, ...rest)
  })
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => rmSync(root, { recursive: true, force: true }))

const countLogs = async (engine: Engine): Promise<unknown> =>
  (await engine.pool.read('SELECT count(*) FROM log_rows')).rows[0]?.[0]

test('a roll is tried again until the disk takes it', async () => {
  const engine = await Engine.open({ directory }, listener)
  engine.append(logsRequest(1, [log()]))
  const rolled = engine.roll()
  await vi.waitFor(() => expect(failures).toEqual(['roll', 'roll']), 10_000)
  expect(await countLogs(engine)).toBe(1n)
  isFull = false
  await rolled
  expect(await countLogs(engine)).toBe(1n)
  expect(await engine.stats()).toMatchObject({ committedSequence: 1, failedRolls: 2 })
  await engine.stop()
})

test('a stop tries once more and then leaves it to the journal', async () => {
  const engine = await Engine.open({ directory }, listener)
  engine.append(logsRequest(1, [log()]))
  const rolled = engine.roll().catch(() => 'given up')
  await vi.waitFor(() => expect(failures).toContain('roll'), 10_000)
  engine.append(logsRequest(2, [log()]))
  await engine.stop()
  expect(await rolled).toBe('given up')

  isFull = false
  const again = await Engine.open({ directory }, listener)
  expect(again.position).toEqual({ committedSequence: 0, lastSequence: 0 })
  for (const sequence of [1, 2]) again.append(logsRequest(sequence, [log()]))
  await again.flush()
  expect(await countLogs(again)).toBe(2n)
  await again.stop()
})
