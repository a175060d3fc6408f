/**
 * The first line of an exported file: what was asked for, when, and how much was there. A record as all others, so that whoever reads
 * the file needs no special case.
 */
import { toFlatLine } from '../../model/flat-line.ts'
import type { LogRecord } from '../../model/log-record.ts'
import { logsToJson } from '../../model/otlp-json.ts'

export const EVENT_EXPORT = 'tracelog.export'

export interface ExportHeader {
  /** As it was typed; blank: everything. */
  readonly query: string
  readonly since: string | undefined
  readonly until: string | undefined
  /** Undefined where the source cannot count beforehand. */
  readonly records: number | undefined
  /** Of one trace. */
  readonly spans?: number
}

const SCOPE = { name: EVENT_EXPORT, version: '' }
const RESOURCE = { attributes: { 'service.name': 'tracelog' } }

export function otlpHeader(header: ExportHeader, nowMillis: number): string {
  const scopes = [{ scope: SCOPE, records: [recordOf(header, nowMillis)] }]
  return JSON.stringify(logsToJson([{ resource: RESOURCE, scopes }]))
}

export function flatHeader(header: ExportHeader, nowMillis: number): string {
  return toFlatLine(recordOf(header, nowMillis), RESOURCE, SCOPE)
}

function recordOf({ query, since, until, records, spans }: ExportHeader, nowMillis: number): LogRecord {
  const time = BigInt(nowMillis) * 1_000_000n
  const parts = { query, since, until, records, spans }
  const said = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : [[`${EVENT_EXPORT}.${name}`, value] as const],
  )
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: EVENT_EXPORT,
    body: `exported ${query === '' ? 'all records' : query}`,
    attributes: Object.fromEntries(said),
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}
