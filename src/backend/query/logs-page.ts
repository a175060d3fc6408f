/**
 * A page of log records, as flat rows or as OTLP.
 */
import type { ListedLogsPage, LogsPage } from '../../model/api.ts'
import { HEAD_ATTRIBUTES, listedRow } from '../../model/listed-row.ts'
import { roundedMillis } from '../../model/time.ts'
import type { Store } from '../store/store.ts'
import { compileQuery } from './filters/compile.ts'
import { findPage, rowsCondition } from './page-window.ts'
import type { OtlpLogsPage, PageRequest } from './query.ts'
import { toLogRow } from '../../model/log-row.ts'
import { otlpLogs } from './rows/otlp-rows.ts'
import type { StoredLog, StoredRows } from './rows/stored-rows.ts'

export async function logsPage(store: Store, stored: StoredRows, request: PageRequest): Promise<LogsPage> {
  const started = performance.now()
  const { logs, nextCursor } = await readPage(store, stored, request)
  return {
    logs: logs.map(storedLogRow),
    next_cursor: nextCursor,
    took_ms: roundedMillis(performance.now() - started),
  }
}

/** @param fields  none: of the attributes only those are read that the head may come from */
export async function listedLogsPage(
  { store, stored }: { readonly store: Store; readonly stored: StoredRows },
  request: PageRequest,
  fields: readonly string[],
): Promise<ListedLogsPage> {
  const started = performance.now()
  const attributes = fields.length === 0 ? HEAD_ATTRIBUTES : undefined
  const { logs, nextCursor } = await readPage(store, stored, { ...request, attributes })
  return {
    logs: logs.map((log) => listedRow(storedLogRow(log), fields)),
    next_cursor: nextCursor,
    took_ms: roundedMillis(performance.now() - started),
  }
}

export async function otlpLogsPage(store: Store, stored: StoredRows, request: PageRequest): Promise<OtlpLogsPage> {
  const { logs, nextCursor } = await readPage(store, stored, request)
  return { resourceLogs: otlpLogs(logs), next_cursor: nextCursor }
}

/** A stored record as a row of the API. */
export function storedLogRow({ row, time, observed, record, origin }: StoredLog): ReturnType<typeof toLogRow> {
  const { resource, service, scope } = origin
  return toLogRow({ id: String(row), time, observed, record, resource: { attributes: resource }, service, scope })
}

async function readPage(
  store: Store,
  stored: StoredRows,
  request: PageRequest & { readonly attributes?: ReadonlySet<string> | undefined },
): Promise<{ logs: StoredLog[]; nextCursor: string | null }> {
  const filter = compileQuery(request.q)
  const condition = filter.condition({ signal: 'logs', columns: store.columns('logs'), nowMillis: Date.now() })
  const { rows, nextCursor } = await findPage(store, { table: 'log_rows', condition, traces: filter.traces }, request)
  if (rows.length === 0) return { logs: [], nextCursor }
  const direction = request.order === 'asc' ? 'ASC' : 'DESC'
  const { attributes } = request
  const logs = await stored.logs({
    sql: rowsCondition(rows),
    order: `ORDER BY t ${direction}, n ${direction}`,
    ...(attributes === undefined ? {} : { attributes }),
  })
  return { logs, nextCursor }
}
