/**
 * What came between the last row that a listener has seen and now: read from the store, so that a tail can go on.
 */
import type { LogRow } from '../../model/api.ts'
import type { Store } from '../store/store.ts'
import type { Condition, Filter } from './filters/filter.ts'
import { storedLogRow } from './logs-page.ts'
import type { StoredRows } from './rows/stored-rows.ts'

/** Records replayed at most; older ones are told as a gap. */
export const MAX_REPLAYED = 5_000

export interface Replay {
  /** By time. */
  readonly rows: readonly LogRow[]
  /** Rows that match and are not among `rows`: where the store did not answer, at most as many as there are numbers; at least 1. */
  readonly missed: number
  /** False: the store did not answer. */
  readonly isWhole: boolean
  /** Everything up to this row number is in `rows` or in `missed`. */
  readonly reached: bigint
}

/** @param after  a row's number. Never rejects: what cannot be read is missed */
export async function readReplay(store: Store, stored: StoredRows, filter: Filter, after: bigint): Promise<Replay> {
  let reached = after
  let total: number | undefined
  try {
    await store.flush()
    // One bound for both questions: what arrives meanwhile is heard live.
    reached = await newestRow(store)
    const where = whereOf(store, filter, after, reached)
    total = Number(
      (await store.read(`SELECT count(*) FROM log_rows WHERE ${where.sql}`, where.parameters)).rows[0]?.[0],
    )
    const newest = await stored.logs({ ...where, order: `ORDER BY n DESC LIMIT ${MAX_REPLAYED}` })
    // Numbers follow requests, which group their records by scope: people read by time.
    const rows = newest.toSorted((a, b) => (a.time === b.time ? Number(a.row - b.row) : a.time < b.time ? -1 : 1))
    return { rows: rows.map(storedLogRow), missed: total - rows.length, reached, isWhole: true }
  } catch {
    // What waits is said all the same, whatever its number is.
    return { rows: [], missed: Math.max(total ?? Number(reached - after), 1), reached: after, isWhole: false }
  }
}

function whereOf(store: Store, filter: Filter, after: bigint, reached: bigint): Condition {
  const columns = store.columns('logs')
  const { sql, parameters } = filter.condition({ signal: 'logs', columns, nowMillis: Date.now() })
  return { sql: `n > ${after} AND n <= ${reached} AND ${sql}`, parameters }
}

/** The highest number of a record; -1 for an empty store. */
export async function newestRow(store: Store): Promise<bigint> {
  const { rows } = await store.read('SELECT max(n) FROM log_rows')
  const newest = rows[0]?.[0]
  return typeof newest === 'bigint' ? newest : -1n
}
