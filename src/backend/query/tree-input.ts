/**
 * Stored rows as what the tree is built from.
 */
import type { StoredLog, StoredOrigin } from './rows/stored-rows.ts'
import type { TraceRows } from './trace-rows.ts'
import { type Sender, senderOf, type TraceData } from '../../tree/trace-data.ts'

export function treeInput({ traceId, logs, spans }: TraceRows): TraceData {
  const senders = new Map<StoredOrigin, Sender>()
  const senderOfRow = (origin: StoredOrigin): Sender => {
    const known = senders.get(origin) ?? originOf(origin)
    senders.set(origin, known)
    return known
  }
  return {
    traceId,
    logs: logs.map((log) => {
      const { service, instance, host } = senderOfRow(log.origin)
      return { service, instance, host, id: String(log.row), record: timedRecord(log), scope: log.origin.scope }
    }),
    spans: spans.map(({ span, origin }) => {
      const { service, instance, host } = senderOfRow(origin)
      return { service, instance, host, span }
    }),
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
