/**
 * Blocks of rows say what DuckDB's own readers say, of any values.
 */
import { createRequire } from 'node:module'

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { DuckdbBindings } from '../../../src/backend/store/duckdb-module.ts'
import { readBlock } from '../../../src/backend/store/read-block.ts'
import { buffersOf, rowsOf, type RowBlock } from '../../../src/backend/store/row-blocks.ts'
import { toSqlValue } from '../../../src/backend/store/sql-value.ts'

const bindings = createRequire(import.meta.resolve('@duckdb/node-api'))('@duckdb/node-bindings') as DuckdbBindings
let connection: DuckDBConnection

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect()
})
afterAll(() => connection.closeSync())

async function blocksOf(sql: string): Promise<RowBlock[]> {
  const result = await connection.stream(sql)
  const types = result.columnTypes().map(String)
  return (await result.fetchAllChunks()).map((chunk) => readBlock(bindings, chunk, types))
}

async function expectSame(sql: string): Promise<void> {
  const blocks = await blocksOf(sql)
  const expected = (await (await connection.run(sql)).getRows()).map((row) => row.map(toSqlValue))
  expect(rowsOf(blocks)).toEqual(expected)
  // What is moved to another thread arrives as it was.
  expect(rowsOf(structuredClone(blocks, { transfer: buffersOf(blocks) }))).toEqual(expected)
}

/** Texts inside a string_t and outside of it, with what UTF-8 needs several bytes for. */
const text = fc.oneof(
  fc.constantFrom('', 'x', 'twelve bytes', 'thirteen byte', '\u0000', 'é'.repeat(6), '😀'.repeat(4)),
  fc.string({ maxLength: 40, unit: 'grapheme' }),
  fc.string({ maxLength: 400 }),
)
const literal = (value: string | null): string => {
  if (value === null) return 'NULL'
  return `decode('${[...Buffer.from(value)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'::BLOB)`
}

test('texts of any length, also absent ones, alone and beside each other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { minLength: 1, maxLength: 30 }), async (texts) => {
      await expectSame(`SELECT unnest([${texts.map(literal).join(', ')}])`)
    }),
    { numRuns: 60 },
  )
})

test('a byte order mark is text like any other', async () => {
  const [block] = await blocksOf(`SELECT ${literal('\ufeffmark')}`)
  expect(rowsOf(block === undefined ? [] : [block])).toEqual([['\ufeffmark']])
})

test.each([
  'BIGINT',
  'UBIGINT',
  'DOUBLE',
  'INTEGER',
  'UINTEGER',
  'USMALLINT',
  'UTINYINT',
  'BOOLEAN',
  'VARCHAR',
  'UUID',
  'HUGEINT',
  'DATE',
  'INTEGER[]',
])('%s: absent values, the same in each row, and several chunks of them', async (type) => {
  const value =
    type === 'UUID'
      ? `md5((i // 3)::VARCHAR)::UUID`
      : type === 'DATE'
        ? `'2026-01-01'::DATE + i::INTEGER`
        : type.endsWith('[]')
          ? '[i, i + 1]'
          : type === 'UTINYINT'
            ? 'i % 200'
            : 'i'
  const same = value.replaceAll(/\bi\b/g, '7')
  await expectSame(`SELECT (${value})::${type}, (CASE WHEN i % 3 = 0 THEN NULL ELSE ${value} END)::${type},
    NULL::${type}, (${same})::${type} FROM range(5000) r(i)`)
})

test('texts from a file, compressed', async () => {
  await connection.run(`CREATE OR REPLACE TABLE t AS SELECT CASE WHEN i % 5 = 0 THEN NULL WHEN i % 7 = 0 THEN 'é' || i
    ELSE repeat('word ' || (i % 11), (i % 9)::INTEGER) END AS a FROM range(10000) r(i)`)
  await expectSame('SELECT a FROM t')
  await expectSame('SELECT a FROM t ORDER BY a')
})
