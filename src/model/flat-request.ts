/**
 * A line of the Collector's file (one ExportLogsServiceRequest in JSON) -> its records, and their flat lines.
 *
 * Nothing readable is lost: a record that breaks its form is left out alone, and a request that was written behind the torn half of
 * another is found. A record that has a `log.record.uid` comes once, as long as its repetition follows within so many others:
 * a sender that was told to try again does so within seconds or minutes.
 */
import type { FlatRecord } from './flat-line-read.ts'
import { toFlatLine, type FlatLineOptions } from './flat-line.ts'
import type { LogRecord } from './log-record.ts'
import type { OtlpDecodeError, ResourceLogs } from './otlp-data.ts'
import { decodeLogsRequestJson } from './otlp-json-decode.ts'
import { createRecentTexts } from './recent-texts.ts'
import { ATTR_LOG_RECORD_UID } from './semconv.ts'

export interface RequestReaderOptions {
  /** Hears of each record or request that cannot be read. */
  readonly onBad: (reason: string) => void
  /** Uids remembered at least; twice as many at most. Default 200,000 (about 50 MB). */
  readonly remembered?: number
}

export interface RequestReader {
  /** The records of a line of the file. */
  records(text: string): FlatRecord[]
  /** Records left out because they had been there before. */
  readonly duplicates: number
}

export interface Flattener {
  /** The flat lines of a line of the file, without newlines. */
  lines(text: string): string[]
  readonly duplicates: number
}

export interface FlattenOptions extends RequestReaderOptions, FlatLineOptions {}

const REMEMBERED = 200_000

export function createFlattener(options: FlattenOptions): Flattener {
  const reader = createRequestReader(options)
  return {
    lines: (text) =>
      reader.records(text).map(({ record, resource, scope }) => toFlatLine(record, resource, scope, options)),
    get duplicates() {
      return reader.duplicates
    },
  }
}

export function createRequestReader({ onBad, remembered = REMEMBERED }: RequestReaderOptions): RequestReader {
  const seen = createRecentTexts(remembered)
  let duplicates = 0
  const isNew = (record: LogRecord): boolean => {
    const uid = record.attributes[ATTR_LOG_RECORD_UID]
    if (typeof uid !== 'string' || uid === '' || seen.add(uid)) return true
    duplicates += 1
    return false
  }
  return {
    records: (text) =>
      requestsOf(text, onBad).flatMap(({ resource, scopes }) =>
        scopes.flatMap(({ scope, records }) => records.filter(isNew).map((record) => ({ record, resource, scope }))),
      ),
    get duplicates() {
      return duplicates
    },
  }
}

/** How each request in the file begins. Inside of a text its quotes would be escaped. */
const BEGIN = '{"resourceLogs":'

function requestsOf(text: string, onBad: (reason: string) => void): ResourceLogs[] {
  for (let from = 0; from >= 0; from = text.indexOf(BEGIN, from + 1)) {
    try {
      return decode(text.slice(from), onBad)
    } catch (error) {
      onBad((error as Error).message)
    }
  }
  return []
}

function decode(text: string, onBad: (reason: string) => void): ResourceLogs[] {
  const decoded = decodeLogsRequestJson(text, { onBadRecord: (error: OtlpDecodeError) => onBad(error.message) })
  if (decoded.length === 0 && !text.includes('"resourceLogs"') && !text.includes('"resource_logs"'))
    throw new Error('it has no resourceLogs, but must be an OTLP logs request in JSON')
  return decoded
}
