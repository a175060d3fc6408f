/**
 * A request as records and spans for whoever listens to what arrives. Only called while somebody does.
 */
import { completedRecord } from '../../model/completed-record.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../model/otlp-decode.ts'
import type { LiveBatch, LiveLog, LiveSpan, StoreRequest } from './store.ts'

/** More than a reader can take in one go. */
const MAX_LIVE_ROWS = 10_000

/**
 * @param firstRow  the number of the request's first row that is not skipped
 * @param skipRows  rows at its beginning that the store has already
 * @returns undefined for a request that is not OTLP, or has nothing new
 */
export function decodeLive(request: StoreRequest, firstRow: number, skipRows: number): LiveBatch | undefined {
  try {
    const rows =
      request.signal === 'logs' ? liveLogs(request, firstRow - skipRows) : liveSpans(request, firstRow - skipRows)
    const fresh = rows.slice(skipRows)
    const kept = fresh.slice(0, MAX_LIVE_ROWS)
    if (kept.length === 0) return undefined
    const dropped = fresh.length - kept.length
    return request.signal === 'logs'
      ? { logs: kept as LiveLog[], spans: [], dropped }
      : { logs: [], spans: kept as LiveSpan[], dropped }
  } catch {
    // Counted as corrupt when it is stored.
    return undefined
  }
}

function liveLogs({ bytes, receivedUnixNano }: StoreRequest, firstRow: number): LiveLog[] {
  const rows: LiveLog[] = []
  for (const { resource, scopes } of decodeLogsRequest(bytes)) {
    for (const { scope, records } of scopes) {
      for (const record of records) {
        rows.push({
          row: BigInt(firstRow + rows.length),
          record: completedRecord(record, receivedUnixNano),
          resource: resource.attributes,
          scope: scope.name,
        })
      }
    }
  }
  return rows
}

function liveSpans({ bytes }: StoreRequest, firstRow: number): LiveSpan[] {
  const rows: LiveSpan[] = []
  for (const { resource, scopes } of decodeTracesRequest(bytes)) {
    for (const { scope, spans } of scopes) {
      for (const span of spans) {
        rows.push({ row: BigInt(firstRow + rows.length), span, resource: resource.attributes, scope: scope.name })
      }
    }
  }
  return rows
}
