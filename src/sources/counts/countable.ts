/**
 * A record, or a request, as what is counted: its time, and its value under a key.
 */
import type { RequestRow } from '../../model/api.ts'
import { parseTimestamp } from '../../model/time.ts'
import { rowKeyOf, subjectOf } from '../../query-text/terms.ts'

export interface Countable {
  /** Nanoseconds since the epoch. */
  readonly time: bigint
  /** @param key  of the query language */
  readonly valueOf: (key: string) => string | undefined
}

export function countableRecord(time: bigint, fields: Readonly<Record<string, unknown>>): Countable {
  return { time, valueOf: (key) => textOf(fields[rowKeyOf(subjectOf(key))]) }
}

export function countableRequest(row: RequestRow): Countable {
  const values: Readonly<Record<string, unknown>> = {
    ...row,
    service: row.services[0],
    took: row.duration_ms ?? undefined,
    level: row.outcome === 'error' ? 'ERROR' : 'INFO',
  }
  return { time: parseTimestamp(row.started_at) ?? 0n, valueOf: (key) => textOf(values[key]) }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
