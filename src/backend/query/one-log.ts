/**
 * One record by its id, and those that were acknowledged around it.
 */
import type { LogRow, LogsAround } from '../../model/api.ts'
import { anchoredRow } from '../../model/log-row.ts'
import { usage } from '../../query-text/page-limit.ts'
import { rowsOf } from '../store/row-blocks.ts'
import type { Store } from '../store/store.ts'
import type { Condition } from './filters/filter.ts'
import { storedLogRow } from './logs-page.ts'
import { rowsCondition, type PageRow } from './page-window.ts'
import type { AroundRequest } from './query.ts'
import type { StoredLog, StoredRows } from './rows/stored-rows.ts'
import { rangeCondition, unionOf } from './time-range.ts'
import { boundsOf, isOneOf } from './trace-bounds.ts'

export async function readLog(stored: StoredRows, id: string): Promise<LogRow | undefined> {
  const log = await findLog(stored, id)
  return log === undefined ? undefined : storedLogRow(log)
}

/** @returns undefined when there is no such record */
export async function readAround(
  store: Store,
  stored: StoredRows,
  { id, before, after, same }: AroundRequest,
): Promise<LogsAround | undefined> {
  const anchor = await findLog(stored, id)
  if (anchor === undefined) return undefined
  const condition = await likeAnchor(store, anchor, same)
  const [earlier, later] = await Promise.all([
    nearest(store, condition, { beyond: `n < ${anchor.row}`, order: 'n DESC', limit: before }),
    nearest(store, condition, { beyond: `n > ${anchor.row}`, order: 'n', limit: after }),
  ])
  const rows = [...earlier, { n: anchor.row, t: anchor.time }, ...later]
  const logs = await stored.logs({ sql: rowsCondition(rows), order: 'ORDER BY n' })
  return { logs: logs.map((log) => (log.row === anchor.row ? anchoredRow(storedLogRow(log)) : storedLogRow(log))) }
}

/** @throws TRACELOG_USAGE when the text is no id */
async function findLog(stored: StoredRows, id: string): Promise<StoredLog | undefined> {
  if (!/^\d{1,18}$/.test(id)) throw usage(`The id is "${id.slice(0, 40)}", but must be the id of a record`)
  const [log] = await stored.logs({ sql: `n = ${BigInt(id)}` })
  return log
}

/** A record without a trace is like those that have none either. */
async function likeAnchor(
  store: Store,
  { record, origin }: StoredLog,
  same: AroundRequest['same'],
): Promise<Condition> {
  if (same === 'all') return { sql: 'true', parameters: [] }
  if (same === 'service') {
    return { sql: 'res IN (SELECT id FROM resources WHERE service = ?)', parameters: [origin.service] }
  }
  if (record.traceId === '') return { sql: 'trace IS NULL', parameters: [] }
  const range = unionOf((await boundsOf(store, [record.traceId])).values())
  const within = range === undefined ? 'true' : rangeCondition(range)
  return { sql: `${within} AND ${isOneOf([record.traceId])}`, parameters: [] }
}

interface Side {
  readonly beyond: string
  readonly order: string
  readonly limit: number
}

async function nearest(store: Store, condition: Condition, { beyond, order, limit }: Side): Promise<PageRow[]> {
  if (limit === 0) return []
  const blocks = await store.readRows({
    signal: 'logs',
    columns: ['n', 't'],
    where: { sql: `${beyond} AND ${condition.sql}`, parameters: condition.parameters },
    order: `ORDER BY ${order} LIMIT ${limit}`,
  })
  return rowsOf(blocks).map(([n, t]) => ({ n: n as bigint, t: t as bigint }))
}
