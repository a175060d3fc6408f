/**
 * A record as a row of the API: its flat line as an object, and what a reader needs beside it.
 */
import type { LogRow } from './api.ts'
import { flatEntries } from './flat-line.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
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

export function toLogRow({ id, time, observed, record, resource, service, scope }: RowSource): LogRow {
  const line = Object.fromEntries(flatEntries(record, resource, scope, {}))
  return {
    ...line,
    id,
    time_ns: String(time),
    observed_ns: String(observed),
    timestamp: formatTimestamp(time),
    level: String(line['level']),
    service: typeof line['service'] === 'string' ? line['service'] : service,
    message: typeof line['message'] === 'string' ? line['message'] : '',
  }
}
