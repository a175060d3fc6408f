/**
 * A line of a log file -> the rows that it stands for, whatever wrote the file.
 *
 * Told apart line by line: a flat line (TRACELOG_FILE, `tracelog flatten`), a request of the Collector's OTLP file (its records), a
 * line of another program (model/line-shapes/), and plain text (a record whose message is the line).
 */
import type { LogRow } from '../../model/api.ts'
import { flatEntries, toFlatLine } from '../../model/flat-line.ts'
import { type FlatRecord, recordOfFields } from '../../model/flat-line-read.ts'
import { createRequestReader } from '../../model/flat-request.ts'
import { createShapedLineReader, type ShapedLine } from '../../model/line-shapes/read-line.ts'
import { recordOfText, timeOfRecord } from '../../model/log-record.ts'
import { toLogRow } from '../../model/log-row.ts'
import { timeOfValue } from '../../model/time.ts'
import { WHOLE_LINE } from '../../query-text/match.ts'

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
  /** At the end of a file: the pieces of lines whose rest never came. */
  end(): FlatRow[]
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
  const shaped = createShapedLineReader()
  const isPossible = (line: string): boolean =>
    needles.length === 0 || needles.some((needle) => line.includes(needle)) || shaped.isPiece(line)
  return {
    rows(line, isUnfinished) {
      if (!isPossible(line) || isSpansRequest(line)) return []
      if (LOGS_REQUEST.test(line)) {
        if (isUnfinished && !line.trimEnd().endsWith('}')) return []
        return requests.records(line).map(rowOfRecord)
      }
      const found = shaped.read(line)
      if (found === undefined || (isUnfinished && found.isPlain && found.text.startsWith('{'))) return []
      return [rowOfLine(found)]
    },
    end: () => shaped.end().map(rowOfLine),
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

function rowOfLine({ fields, text, isOwn, isPlain }: ShapedLine): FlatRow {
  const read = (): FlatRecord => (isPlain ? plainRecord(text) : recordOfFields(fields))
  return {
    fields: isOwn ? withTime(fields) : isPlain ? { message: text } : foreignFields(read(), text),
    text: () => text,
    record: read,
  }
}

/** A copy: the record has no `time_ns` that the line does not have. */
function withTime(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof fields['time_ns'] === 'string') return fields
  const time = timeOfValue(fields['timestamp'])
  return time === undefined ? fields : { ...fields, time_ns: String(time) }
}

/** Another program's line is searched whole: a word may stand in a field of it. */
function foreignFields({ record, resource, scope }: FlatRecord, text: string): Readonly<Record<string, unknown>> {
  const message = typeof record.body === 'string' ? record.body : ''
  return {
    ...Object.fromEntries(flatEntries(record, resource, scope)),
    time_ns: String(timeOfRecord(record)),
    [WHOLE_LINE]: `${message}\n${text}`,
  }
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
