/**
 * A line of a log file -> the rows that it stands for, whatever wrote the file.
 *
 * Three kinds of lines, told apart line by line: a flat line (TRACELOG_FILE, `tracelog flatten`, and what other loggers write as one
 * JSON object), a request of the Collector's OTLP file (its records), and plain text (a record whose message is the line).
 */
import type { LogRow } from '../../model/api.ts'
import { type FlatRecord, parseFlatLine } from '../../model/flat-line-read.ts'
import { createFlattener, type Flattener } from '../../model/flat-request.ts'
import type { LogRecord } from '../../model/log-record.ts'
import { toLogRow } from '../../model/log-row.ts'
import { timeOfValue } from '../../model/time.ts'

/** One record of a file, read only as far as matching needs. */
export interface FlatRow {
  /** As it stands in the file; a request's record as its flat line. */
  readonly text: string
  /** Its keys, with `time_ns`. Foreign lines have their own. */
  readonly fields: Readonly<Record<string, unknown>>
}

export interface RowReader {
  /** @param isUnfinished  the line has no newline: half a JSON object is nothing, not text */
  rows(line: string, isUnfinished: boolean): FlatRow[]
}

export interface RowReaderOptions {
  /** Hears of requests and records that cannot be read. */
  readonly onBad: (reason: string) => void
  /** A line, or the record of a request, without any of these has no row: cheaper than reading it. */
  readonly needles?: readonly string[]
}

const REQUEST = /^\s*\{"resource_?[lL]ogs":/

export function createRowReader({ onBad, needles = [] }: RowReaderOptions): RowReader {
  const flattener: Flattener = createFlattener({ onBad })
  const isWanted = (text: string): boolean => needles.length === 0 || needles.some((needle) => text.includes(needle))
  return {
    rows(line, isUnfinished) {
      if (!isWanted(line)) return []
      if (!REQUEST.test(line)) return rowsOf(line, isUnfinished)
      if (isUnfinished && !line.trimEnd().endsWith('}')) return []
      return flattener
        .lines(line)
        .filter(isWanted)
        .flatMap((text) => rowsOf(text, false))
    },
  }
}

function rowsOf(text: string, isUnfinished: boolean): FlatRow[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  if (trimmed.startsWith('{')) {
    try {
      return [{ text: trimmed, fields: withTime(JSON.parse(trimmed) as Record<string, unknown>) }]
    } catch {
      if (isUnfinished) return []
    }
  }
  return [{ text: text.trimEnd(), fields: { message: text.trimEnd() } }]
}

/** What `since` and `until` are compared with; the keys are those that loggers give their time. */
function withTime(fields: Record<string, unknown>): Record<string, unknown> {
  if (typeof fields['time_ns'] === 'string') return fields
  const time = timeOfValue(fields['timestamp'] ?? fields['time'] ?? fields['ts'])
  if (time !== undefined) fields['time_ns'] = String(time)
  return fields
}

/** The row as every source gives it. @param id  tells it from others of its source */
export function logRowOf({ text }: Pick<FlatRow, 'text'>, id: string): LogRow {
  const { record, resource, scope } = parseFlatLine(text) ?? { record: plainRecord(text), ...NOBODY }
  const service = resource.attributes['service.name']
  return toLogRow({
    id,
    time: record.timeUnixNano,
    observed: record.observedTimeUnixNano,
    record,
    resource,
    service: typeof service === 'string' ? service : '',
    scope,
  })
}

const NOBODY: Pick<FlatRecord, 'resource' | 'scope'> = {
  resource: { attributes: {} },
  scope: { name: '', version: '' },
}

function plainRecord(body: string): LogRecord {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}
