/**
 * Each record once: who was cut off while sending sends again, and a dump may bring what has come already.
 *
 * A record is told by its span, its thread, its sender's count and its time: a sender that counts wrongly must not hide what it says.
 * One without a span or a count is taken as it is.
 */
import { ATTR_SEQ, ATTR_THREAD_ID } from '../model/semconv.ts'
import { senderKey, type TraceLog } from './trace-data.ts'

export function distinctLogs(logs: readonly TraceLog[]): TraceLog[] {
  const known = new Map<string, Map<number | bigint, TraceLog[]>>()
  return logs.filter((log) => {
    const { spanId, attributes } = log.record
    const sequence = attributes[ATTR_SEQ]
    if (spanId === '' || (typeof sequence !== 'number' && typeof sequence !== 'bigint')) return true
    const ofSpan = known.get(spanId) ?? new Map<number | bigint, TraceLog[]>()
    if (ofSpan.size === 0) known.set(spanId, ofSpan)
    const alike = ofSpan.get(sequence)
    if (alike === undefined) ofSpan.set(sequence, [log])
    else if (alike.some((other) => isSame(other, log))) return false
    else alike.push(log)
    return true
  })
}

/** Of two with the same span and count. */
function isSame(a: TraceLog, b: TraceLog): boolean {
  return a.record.timeUnixNano === b.record.timeUnixNano && threadOf(a) === threadOf(b) && senderKey(a) === senderKey(b)
}

function threadOf({ record }: TraceLog): string {
  const thread = record.attributes[ATTR_THREAD_ID]
  return typeof thread === 'number' || typeof thread === 'bigint' ? String(thread) : '0'
}
