/**
 * A line of a log file -> the rows that it stands for, whatever wrote the file.
 *
 * Told apart line by line: a flat line (TRACELOG_FILE, `tracelog flatten`, and what other loggers write as one JSON object), a request
 * of the Collector's OTLP file (its records), and plain text (a record whose message is the line).
 */
import type { LogRow } from '../../model/api.ts'
import { flatEntries, toFlatLine } from '../../model/flat-line.ts'
import { type FlatRecord, parseFlatLine } from '../../model/flat-line-read.ts'
import { createRequestReader } from '../../model/flat-request.ts'
import { recordOfText, timeOfRecord } from '../../model/log-record.ts'
import { toLogRow } from '../../model/log-row.ts'
import { timeOfValue } from '../../model/time.ts'

/** One record of a file, read only as far as matching needs. */
export interface FlatRow {
  /** Its keys, with `time_ns`. Foreign lines have their own. */
  readonly fields: Readonly<Record<string, unknown>>
  /** As it stands in the file; a request's record as its flat line. */
  text(): string
  record(): FlatRecord
}

export interface RowReader {
  /** @param isUnfinished  the line has no newline: half a JSON object is nothing, not text */
  rows(line: string, isUnfinished: boolean): FlatRow[]
}

export interface RowReaderOptions {
  /** Hears of requests and records that cannot be read. */
  readonly onBad: (reason: string) => void
  /** A line without any of these has no rows: cheaper than reading it. Default: every line may have some. */
  readonly needles?: readonly string[]
}

const LOGS_REQUEST = /^\s*\{\s*"resource_?[lL]ogs"\s*:/
const SPANS_REQUEST = /^\s*\{\s*"resource_?[sS]pans"\s*:/

/** Whether a line of the Collector's file holds spans. */
export function isSpansRequest(line: string): boolean {
  return SPANS_REQUEST.test(line)
}

export function createRowReader({ onBad, needles = [] }: RowReaderOptions): RowReader {
  const requests = createRequestReader({ onBad })
  return {
    rows(line, isUnfinished) {
      if (needles.length > 0 && !needles.some((needle) => line.includes(needle))) return []
      if (isSpansRequest(line)) return []
      if (!LOGS_REQUEST.test(line)) return rowsOf(line, isUnfinished)
      if (isUnfinished && !line.trimEnd().endsWith('}')) return []
      return requests.records(line).map(rowOfRecord)
    },
  }
}

function rowOfRecord(flat: FlatRecord): FlatRow {
  const { record, resource, scope } = flat
  return {
    fields: { ...Object.fromEntries(flatEntries(record, resource, scope)), time_ns: String(timeOfRecord(record)) },
    text: () => toFlatLine(record, resource, scope),
    record: () => flat,
  }
}

function rowsOf(line: string, isUnfinished: boolean): FlatRow[] {
  const text = line.trim()
  if (text === '') return []
  if (text.startsWith('{')) {
    try {
      const fields = withTime(JSON.parse(text) as Record<string, unknown>)
      return [{ fields, text: () => text, record: () => parseFlatLine(text) ?? plainRecord(text) }]
    } catch {
      if (isUnfinished) return []
    }
  }
  const message = line.trimEnd()
  return [{ fields: { message }, text: () => message, record: () => plainRecord(message) }]
}

/** What `since` and `until` are compared with; the keys are those that loggers give their time. */
function withTime(fields: Record<string, unknown>): Record<string, unknown> {
  if (typeof fields['time_ns'] === 'string') return fields
  const time = timeOfValue(fields['timestamp'] ?? fields['time'] ?? fields['ts'])
  if (time !== undefined) fields['time_ns'] = String(time)
  return fields
}

/** The row as every source gives it. @param id  tells it from others of its source */
export function logRowOf(row: FlatRow, id: string): LogRow {
  const { record, resource, scope } = row.record()
  const service = resource.attributes['service.name']
  return toLogRow({
    id,
    time: timeOfRecord(record),
    observed: record.observedTimeUnixNano,
    record,
    resource,
    service: typeof service === 'string' ? service : '',
    scope,
  })
}

function plainRecord(body: string): FlatRecord {
  return { record: recordOfText(body, 0n), resource: { attributes: {} }, scope: { name: '', version: '' } }
}
