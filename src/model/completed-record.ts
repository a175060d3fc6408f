/**
 * What the local backend adds to a record that lacks it: a time, and the number of a level that is only text.
 */
import type { LogRecord } from './log-record.ts'
import { severityOf } from './severity.ts'

/** The same object where nothing is missing. */
export function completedRecord(record: LogRecord, receivedUnixNano: bigint): LogRecord {
  const isTimeless = record.timeUnixNano === 0n && record.observedTimeUnixNano === 0n
  const severityNumber = severityOf(record.severityNumber, record.severityText)
  if (!isTimeless && severityNumber === record.severityNumber) return record
  return { ...record, severityNumber, ...(isTimeless ? { observedTimeUnixNano: receivedUnixNano } : {}) }
}
