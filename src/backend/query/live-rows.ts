/**
 * What arrived together as rows: those that match, in the order in which they happened.
 *
 * A request groups its records by scope, so its order is not that of time. A resuming tail goes by row numbers, which follow
 * the request: only after the last row of a batch is everything up to its highest number said.
 */
import { safely } from '../../diag/guarded.ts'
import type { Attributes } from '../../model/any-value.ts'
import type { LogRow } from '../../model/api.ts'
import { timeOfRecord } from '../../model/log-record.ts'
import { arrivedRow } from '../../model/log-row.ts'
import { ATTR_RUN_ID, ATTR_SEQ, ATTR_SERVICE_INSTANCE_ID } from '../../model/semconv.ts'
import type { Matcher } from '../../query-text/match.ts'
import type { LiveBatch, LiveLog } from '../store/store.ts'

export interface ArrivedRows {
  /** By time, then by sequence number, then as they were sent. */
  readonly rows: readonly LogRow[]
  /** The highest row number of the batch, whether it matches or not. */
  readonly reached: bigint
  /** Rows that were left out of the batch, and rows that could not be read. */
  readonly missed: number
}

export function arrivedRows({ logs, dropped }: LiveBatch, matches: Matcher): ArrivedRows {
  const placed: Placed[] = []
  let reached = 0n
  let missed = dropped
  for (const log of logs) {
    if (log.row > reached) reached = log.row
    const row = safely('a row of the tail', () => placedRow(log))
    if (row === undefined) missed++
    else if (safely('a row of the tail', () => matches(row.row, runOf(log.resource))) === true) placed.push(row)
  }
  return { rows: placed.toSorted(byHappening).map(({ row }) => row), reached, missed }
}

/** As run-resources.ts says it of stored ones. */
export function runOf(resource: Attributes): string | undefined {
  const run = resource[ATTR_RUN_ID] ?? resource[ATTR_SERVICE_INSTANCE_ID]
  return typeof run === 'string' ? run : undefined
}

interface Placed {
  readonly row: LogRow
  readonly time: bigint
  readonly seq: number
  readonly number: bigint
}

/** Compares by time, then sequence number, then row number. */
function byHappening(a: Placed, b: Placed): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  return a.seq - b.seq || (a.number < b.number ? -1 : 1)
}

function placedRow(log: LiveLog): Placed {
  const { record } = log
  return {
    row: liveRow(log),
    time: timeOfRecord(record),
    seq: Number(record.attributes[ATTR_SEQ] ?? 0) || 0,
    number: log.row,
  }
}

function liveRow({ row, record, resource, scope }: LiveLog): LogRow {
  return arrivedRow({
    id: String(row),
    record,
    resource: { attributes: resource },
    scope: { name: scope, version: '' },
  })
}
