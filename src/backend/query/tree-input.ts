/**
 * Stored rows as what the tree is built from.
 */
import type { StoredLog, StoredOrigin } from './rows/stored-rows.ts'
import type { TraceRows } from './trace-rows.ts'
import { type Sender, senderOf, type TraceData } from '../../tree/trace-data.ts'

export function treeInput({ traceId, logs, spans }: TraceRows): TraceData {
  return {
    traceId,
    logs: logs.map((log) => ({
      ...originOf(log.origin),
      id: String(log.row),
      record: timedRecord(log),
      scope: log.origin.scope,
    })),
    spans: spans.map(({ span, origin }) => ({ ...originOf(origin), span })),
  }
}

/** A record without any time stands where it was received. */
function timedRecord({ record, time }: StoredLog): StoredLog['record'] {
  const hasTime = record.timeUnixNano !== 0n || record.observedTimeUnixNano !== 0n
  return hasTime ? record : { ...record, observedTimeUnixNano: time }
}

function originOf({ service, resource }: StoredOrigin): Sender {
  return { ...senderOf(resource), service }
}
