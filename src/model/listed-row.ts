/**
 * What a list shows of a record: its head, and the fields that were asked for.
 */
import type { ListedRow, LogRow } from './api.ts'
import { ATTR_FOREIGN_SPAN_ID, ATTR_FOREIGN_TRACE_ID } from './semconv.ts'
import { ownKey } from './log-row.ts'

const HEAD_KEYS = ['time_ns', 'timestamp', 'level', 'service', 'message', 'trace_id', 'span_id'] as const

/** Attributes that the head of a row may come from; no other one takes a key of the head. */
export const HEAD_ATTRIBUTES: ReadonlySet<string> = new Set([ATTR_FOREIGN_TRACE_ID, ATTR_FOREIGN_SPAN_ID])

/** @param fields  further keys of the row; those that it has not are not in the answer either */
export function listedRow(row: LogRow, fields: readonly string[]): ListedRow {
  const keys = new Set([ownKey('_id', row), ...HEAD_KEYS, ...fields])
  return Object.fromEntries(Object.entries(row).filter(([key]) => keys.has(key))) as unknown as ListedRow
}
