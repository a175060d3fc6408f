/**
 * A record as a row of the API: its flat line as an object, and what a reader needs beside it.
 */
import type { ListedRow, LogRow } from './api.ts'
import { flatEntries } from './flat-line.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import { timeOfRecord } from './log-record.ts'
import { ATTR_SERVICE_NAME } from './semconv.ts'
import { formatTimestamp } from './time.ts'

export interface RowSource {
  /** As the source tells it from others; stable while the record is stored. */
  readonly id: string
  /** Time, or what stands in for it. Nanoseconds. */
  readonly time: bigint
  readonly observed: bigint
  readonly record: LogRecord
  readonly resource: Resource
  readonly service: string
  readonly scope: InstrumentationScope
}

/**
 * The application's fields keep their names: `_id` and `observed_ns` are ours, and get one more `_` in front where the record has
 * such a field of its own.
 */
export function toLogRow({ id, time, observed, record, resource, service, scope }: RowSource): LogRow {
  const line: Record<string, unknown> = Object.fromEntries(flatEntries(record, resource, scope, {}))
  return {
    ...line,
    [freeName('_id', line)]: id,
    time_ns: String(time),
    [freeName('observed_ns', line)]: String(observed),
    timestamp: formatTimestamp(time),
    level: String(line['level']),
    service: typeof line['service'] === 'string' ? line['service'] : service,
    message: typeof line['message'] === 'string' ? line['message'] : '',
  } as unknown as LogRow
}

/** The row of a record that has just arrived, and is stored nowhere yet. */
export function arrivedRow({
  id,
  record,
  resource,
  scope,
}: Pick<RowSource, 'id' | 'record' | 'resource' | 'scope'>): LogRow {
  const time = timeOfRecord(record)
  const observed = record.observedTimeUnixNano === 0n ? time : record.observedTimeUnixNano
  const name = resource.attributes[ATTR_SERVICE_NAME]
  const service = typeof name === 'string' ? name : 'unknown_service'
  return toLogRow({ id, time, observed, record, resource, service, scope })
}

/** As the source tells the row from others. */
export function rowId(row: ListedRow): string {
  return String(row[ownKey('_id', row)])
}

/** The row marked as the one that was asked for. */
export function anchoredRow(row: LogRow): LogRow {
  return { ...row, [freeName('anchor', row)]: true }
}

/** Under which key a row has `_id`, `observed_ns` or `anchor` of ours: fields of the application's with that name stand before it. */
export function ownKey(name: '_id' | 'observed_ns' | 'anchor', row: Readonly<Record<string, unknown>>): string {
  let own: string = name
  while (Object.hasOwn(row, `_${own}`)) own = `_${own}`
  return own
}

/** The next name behind those that are taken; a reader finds it as the last one of them. */
function freeName(name: string, line: Readonly<Record<string, unknown>>): string {
  let free = name
  while (Object.hasOwn(line, free) || Object.hasOwn(line, `_${free}`)) free = `_${free}`
  return free
}
