/**
 * The lines that a request of logs is in the aggregated file: one flat line per record, or one OTLP/JSON line for all.
 */
import { toFlatLine } from '../../model/flat-line.ts'
import { decodeLogsRequest } from '../../model/otlp-decode.ts'
import { logsToJson } from '../../model/otlp-json.ts'
import type { FileConfig } from './rotating-file.ts'

/** Without their newlines, in the order in which the records were emitted. */
export function linesOf(request: Uint8Array, { format, line }: Pick<FileConfig, 'format' | 'line'>): string[] {
  const decoded = decodeLogsRequest(request)
  if (format === 'otlp') return decoded.map((resourceLogs) => JSON.stringify(logsToJson([resourceLogs])))
  const records = decoded.flatMap(({ resource, scopes }) =>
    scopes.flatMap(({ scope, records: ofScope }) => ofScope.map((record) => ({ record, resource, scope }))),
  )
  // A request groups by scope; a reader of the file wants to see what happened one after the other.
  records.sort((a, b) => seqOf(a.record.attributes['tracelog.seq']) - seqOf(b.record.attributes['tracelog.seq']))
  return records.map(({ record, resource, scope }) => toFlatLine(record, resource, scope, { line }))
}

function seqOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
