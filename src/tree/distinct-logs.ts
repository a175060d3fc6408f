/**
 * Each record once: who was cut off while sending sends again, and a dump may bring what has come already.
 *
 * A record is told by its span, its thread, its sender's count and its time: a sender that counts wrongly must not hide what it says.
 * One without a span or a count is taken as it is.
 */
import { ATTR_SEQ, ATTR_THREAD_ID } from '../model/semconv.ts'
import { senderKey, type TraceLog } from './trace-data.ts'

export function distinctLogs(logs: readonly TraceLog[]): TraceLog[] {
  const known = new Set<string>()
  return logs.filter((log) => {
    const name = nameOf(log)
    if (name === undefined) return true
    const isNew = !known.has(name)
    known.add(name)
    return isNew
  })
}

function nameOf(log: TraceLog): string | undefined {
  const { spanId, timeUnixNano, attributes } = log.record
  const sequence = attributes[ATTR_SEQ]
  if (spanId === '' || (typeof sequence !== 'number' && typeof sequence !== 'bigint')) return undefined
  const thread = attributes[ATTR_THREAD_ID]
  const number = typeof thread === 'number' || typeof thread === 'bigint' ? thread : 0
  return `${spanId} ${number} ${sequence} ${timeUnixNano} ${senderKey(log)}`
}
