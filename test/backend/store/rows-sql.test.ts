/**
 * A question for rows of one signal is answered as its view would answer it, whatever was rolled when, also while it is rolled.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Engine } from '../../../src/backend/store/engine.ts'
import { rowsOf } from '../../../src/backend/store/row-blocks.ts'
import { rowsSql } from '../../../src/backend/store/rows-sql.ts'
import type { RowsQuestion, StoreRequest } from '../../../src/backend/store/store.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'

const START = 1_790_000_000_000_000_000n
const nothing = (): void => undefined
const listener = { decoded: nothing, committed: nothing, live: nothing, columns: nothing, failed: nothing }
const root = mkdtempSync(join(tmpdir(), 'tracelog-rows-'))

let engine: Engine
let sequence = 0
beforeAll(async () => {
  engine = await Engine.open({ directory: root }, listener)
})
afterAll(async () => {
  await engine.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('the text of a question', () => {
  const question: RowsQuestion = {
    signal: 'spans',
    columns: ['n', 'took'],
    where: { sql: 't > ?', parameters: [5] },
    order: 'ORDER BY n',
  }

  test('names no table in memory that cannot hold such rows', () => {
    expect(rowsSql(question, [], 0n)).toEqual({
      sql: 'SELECT n, took FROM store.span_cold WHERE (t > ?) ORDER BY n',
      parameters: [5],
    })
  })

  test('binds its values in each arm, and takes from memory only what is not in the file', () => {
    const { sql, parameters } = rowsSql(question, ['span_hot_1'], 7n)
    expect(sql).toContain('SELECT n, took - t AS took FROM live.span_hot_1 WHERE n >= 7 AND (t > ?)')
    expect(parameters).toEqual([5, 5])
  })
})

interface Step {
  readonly isSpans: boolean
  readonly times: readonly number[]
  readonly isRolled: boolean
}

function requestOf({ isSpans, times }: Step): StoreRequest {
  const starts = times.map((at) => START + BigInt(at))
  sequence++
  return isSpans
    ? spansRequest(
        sequence,
        starts.map((t, i) => span({ startTimeUnixNano: t, endTimeUnixNano: t + BigInt(i) })),
      )
    : logsRequest(
        sequence,
        starts.map((t, i) => log({ timeUnixNano: t, observedTimeUnixNano: t + BigInt(i) })),
      )
}

const step = fc.record({
  isSpans: fc.boolean(),
  times: fc.array(fc.nat(1_000), { maxLength: 6 }),
  isRolled: fc.boolean(),
})
const bounds = fc.tuple(fc.nat(1_000), fc.nat(1_000)).map(([a, b]) => ({
  from: START + BigInt(Math.min(a, b)),
  to: START + BigInt(Math.max(a, b)),
}))

function questionsOf(range: { from: bigint; to: bigint }): RowsQuestion[] {
  const within = `t BETWEEN ${range.from} AND ${range.to}`
  const order = 'ORDER BY n'
  return [
    { signal: 'logs', columns: ['n', 't', 'seen'], where: { sql: within }, range, order },
    { signal: 'logs', columns: ['n', 't'], where: { sql: `${within} AND seen >= ?`, parameters: [2] }, range, order },
    { signal: 'spans', columns: ['n', 'took'], where: { sql: within }, range, order },
    { signal: 'spans', columns: ['n', 'took'], where: { sql: 'took >= ?', parameters: [2] }, order },
  ]
}

async function viewAnswer({ signal, columns, where, order }: RowsQuestion): Promise<unknown> {
  const view = signal === 'logs' ? 'log_rows' : 'span_rows'
  const sql = `SELECT ${columns.join(', ')} FROM ${view} WHERE ${where.sql} ${order}`
  return (await engine.pool.read(sql, where.parameters)).rows
}

test('whatever was rolled when, before, while and after a roll, each row is answered once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), bounds, async (steps, range) => {
      for (const one of steps) {
        engine.append(requestOf(one))
        await (one.isRolled ? engine.roll() : engine.flush())
      }
      const questions = questionsOf(range)
      const ask = async (question: RowsQuestion): Promise<unknown> => rowsOf(await engine.pool.readRows(question))
      const expected = await Promise.all(questions.map(viewAnswer))
      expect(await Promise.all(questions.map(ask))).toEqual(expected)
      const rolled = engine.roll()
      for (let i = 0; i < 3; i++) expect(await Promise.all(questions.map(ask))).toEqual(expected)
      await rolled
      expect(await Promise.all(questions.map(ask))).toEqual(expected)
    }),
    { numRuns: 20 },
  )
})
