/**
 * A level is asked of the severity column itself, so that row groups can be skipped, and means what it has always meant.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { compileQuery } from '../../../../src/backend/query/filters/compile.ts'
import { createDuckdbStore } from '../../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../../src/backend/store/store.ts'
import type { Signal } from '../../../../src/model/signal.ts'
import { severityRange } from '../../../../src/query-text/bounds.ts'
import { parseQueryText } from '../../../../src/query-text/parse.ts'
import { log, logsRequest } from '../../../contract/store.contract.ts'
import { planOf } from '../../support/plan.ts'

let store: Store
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-level-'))
  store = createDuckdbStore({ directory })
  await store.start()
  // An empty table has no plan.
  store.append(logsRequest(1, [log(), log({ severityNumber: 13 }), log({ severityNumber: 21 })]))
  await store.roll()
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

function conditionOf(text: string, signal: Signal): string {
  return compileQuery(text).condition({ signal, columns: [], nowMillis: 0 }).sql
}

/** The numbers of `column` up to `highest` that match. */
async function matching(sql: string, column: string, highest: number): Promise<number[]> {
  const { rows } = await store.read(
    `SELECT ${column} FROM (SELECT range AS ${column} FROM range(${highest + 1})) WHERE ${sql} ORDER BY 1`,
  )
  return rows.map(([value]) => Number(value))
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
const TEXTS = LEVELS.flatMap((level) =>
  [':', '=', '!=', '>', '>=', '<', '<='].map((operator) => `level${operator}${level}`),
)

test.each(TEXTS)('%s finds records by number, 0 as INFO, and spans by their status', async (text) => {
  const term = parseQueryText(text)
  if (term?.kind !== 'field') throw new Error('no term')
  const { from, to, isNot } = severityRange(term)
  const isMeant = (severity: number): boolean => (from <= severity && severity <= to) !== isNot
  const severities = Array.from({ length: 25 }, (_, i) => i).filter((severity) => isMeant(severity || 9))
  expect(await matching(conditionOf(text, 'logs'), 'sev', 24)).toEqual(severities)
  const statuses = [0, 1, 2].filter((status) => isMeant(status === 2 ? 17 : 9))
  expect(await matching(conditionOf(text, 'spans'), 'status', 2)).toEqual(statuses)
})

test.each(['level:warn', 'level>=warn', 'level:warn timeout', 'level:warn service:api -timeout'])(
  'the plan of %s compares the column where the rows are read',
  async (text) => {
    const { sql, parameters } = compileQuery(text).condition({
      signal: 'logs',
      columns: store.columns('logs'),
      nowMillis: 0,
    })
    expect(await planOf(store, `SELECT n FROM log_rows WHERE ${sql}`, parameters)).toContain('sev>=13')
  },
)
