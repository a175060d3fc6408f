/**
 * A file of an older version becomes one of this version, with everything that was in it, however often that is interrupted.
 *
 * fixtures/store-version-1.duckdb.gz was written by the program of version 1: ten requests in two rolls, each of a span, the line
 * that it served it and a line of its own; every third failed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterAll, describe, expect, test } from 'vitest'

import { Engine } from '../../../src/backend/store/engine.ts'
import { migrationFrom } from '../../../src/backend/store/migrations.ts'
import { SCHEMA_VERSION } from '../../../src/backend/store/schema.ts'
import { log, logsRequest } from '../../contract/store.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-migrations-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const nothing = (): void => undefined
const listener = { decoded: nothing, committed: nothing, live: nothing, columns: nothing, failed: nothing }
const open = async (directory: string): Promise<Engine> => await Engine.open({ directory }, listener)

function storeOfVersion1(): string {
  const directory = mkdtempSync(join(root, 'data-'))
  const file = readFileSync(new URL('./fixtures/store-version-1.duckdb.gz', import.meta.url))
  writeFileSync(join(directory, 'store.duckdb'), gunzipSync(file))
  return directory
}

const rowsOf = async (engine: Engine, sql: string): Promise<unknown> => (await engine.pool.read(sql)).rows

/** What a file holds, and in which columns: the same for one that was migrated and one that was made. */
const TABLES = `SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = 'store'
  AND NOT regexp_matches(column_name, '^a\\d+$') ORDER BY ALL`

async function expectWhole(engine: Engine): Promise<void> {
  expect(await rowsOf(engine, 'SELECT version FROM store.meta')).toEqual([[SCHEMA_VERSION]])
  expect(await rowsOf(engine, 'SELECT count(*), count(DISTINCT trace) FROM log_rows')).toEqual([[20n, 10n]])
  expect(await rowsOf(engine, 'SELECT count(*), count(DISTINCT trace) FROM span_rows')).toEqual([[10n, 10n]])
  expect(await rowsOf(engine, "SELECT body FROM logs WHERE attributes ->> '/user.id' = 'u7'")).toEqual([['line 7']])
  expect(await rowsOf(engine, 'SELECT * FROM store.service')).toEqual([[0, 'api']])
  expect(await rowsOf(engine, 'SELECT sum(c)::BIGINT FROM log_minutes')).toEqual([[20n]])
  expect(engine.position).toEqual({ committedSequence: 20, lastSequence: 20 })
}

describe('a store of version 1', () => {
  test('is opened with everything in it, and has the tables and columns of a new one', async () => {
    const directory = storeOfVersion1()
    const engine = await open(directory)
    await expectWhole(engine)
    const made = await open(mkdtempSync(join(root, 'made-')))
    expect(await rowsOf(engine, TABLES)).toEqual(await rowsOf(made, TABLES))
    await made.stop()
    await engine.stop()
    const again = await open(directory)
    await expectWhole(again)
    await again.stop()
  })

  test('takes more rows, of more services, with more columns', async () => {
    const directory = storeOfVersion1()
    const engine = await open(directory)
    const records = Array.from({ length: 9_000 }, (_, i) => log({ attributes: { common: `c${i % 5}` } }))
    engine.append(logsRequest(21, records, { attributes: { 'service.name': 'worker' } }))
    await engine.roll()
    await engine.stop()
    const again = await open(directory)
    expect(await rowsOf(again, 'SELECT count(*) FROM log_rows')).toEqual([[9_020n]])
    expect(await rowsOf(again, 'SELECT * FROM store.service ORDER BY id')).toEqual([
      [0, 'api'],
      [1, 'worker'],
    ])
    const columns = "SELECT count(*) FROM duckdb_columns() WHERE database_name = 'store' AND table_name = "
    expect(await rowsOf(again, `${columns} 'log_pin'`)).toEqual(await rowsOf(again, `${columns} 'log_cold'`))
    await again.stop()
  })

  const statements = migrationFrom(1).length
  test.each([
    { name: 'before its first statement', place: 1 },
    { name: 'in the middle', place: Math.floor(statements / 2) },
    { name: 'before it is committed', place: statements + 1 },
    { name: 'when it was committed', place: statements + 2 },
  ])('opens after a kill of the migration $name', { timeout: 60_000 }, async ({ place }) => {
    const directory = storeOfVersion1()
    const program = new URL('../support/open-store.ts', import.meta.url)
    const child = fork(program, [directory, String(place)], {
      execArgv: ['--no-warnings', '--experimental-strip-types'],
    })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    const engine = await open(directory)
    await expectWhole(engine)
    await engine.stop()
  })
})
