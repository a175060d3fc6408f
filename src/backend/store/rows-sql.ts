/**
 * The SQL of a question for rows of one signal: over the cold table and the hot tables that may hold some of them.
 *
 * The view over all tables and all columns says the same (views.ts), but DuckDB plans it for 8 to 17 ms: each arm with each column.
 */
import { RELATIVE_COLUMN } from './layout.ts'
import { tableStem } from './schema.ts'
import type { RowsQuestion, SqlParameter } from './store.ts'

export interface RowsSql {
  readonly sql: string
  readonly parameters: readonly SqlParameter[]
}

/**
 * @param hotTables  those that may hold such rows
 * @param nextRow  hot rows below it are in the cold table, as this transaction sees it
 */
export function rowsSql(question: RowsQuestion, hotTables: readonly string[], nextRow: bigint): RowsSql {
  const { signal, columns, where, order = '' } = question
  const list = columns.join(', ')
  const cold = `SELECT ${list} FROM store.${tableStem(signal)}_cold WHERE (${where.sql})`
  if (hotTables.length === 0) return { sql: `${cold} ${order}`, parameters: where.parameters ?? [] }
  const arms = [cold, ...hotTables.map((table) => hotArm(question, table, nextRow))]
  return {
    sql: `SELECT ${list} FROM (${arms.join(' UNION ALL ')}) ${order}`,
    parameters: arms.flatMap(() => where.parameters ?? []),
  }
}

/** The relative column is whole in memory. A condition may name it too, wherever it likes; then all columns have to be named. */
function hotArm({ signal, columns, where }: RowsQuestion, table: string, nextRow: bigint): string {
  const relative = RELATIVE_COLUMN[signal]
  const difference = `${relative} - t AS ${relative}`
  const isAsked = where.sql.includes(relative)
  const list = columns.map((column) => (column === relative && !isAsked ? difference : column)).join(', ')
  const from = isAsked ? `(SELECT * REPLACE (${difference}) FROM live.${table})` : `live.${table}`
  return `SELECT ${list} FROM ${from} WHERE n >= ${nextRow} AND (${where.sql})`
}
