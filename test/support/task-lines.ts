/**
 * Records of tasks as short lines, for tests that tell a story: number, what it is, what it says.
 */
import type { ReceivedLog } from './receiver.ts'

type ReceivedRecord = ReceivedLog['record']

/** In the order in which they were written. */
export function bySeq(logs: readonly ReceivedLog[]): readonly ReceivedLog[] {
  return logs.toSorted(
    (a, b) => Number(a.record.attributes['tracelog.seq']) - Number(b.record.attributes['tracelog.seq']),
  )
}

/** `3/1 start read`, `3/4 end failed 4-1 FAILED read` (last, unsent), `3/2 a line`; `-` where there is no number. */
export function lineOf({ eventName, body, attributes }: ReceivedRecord): string {
  const textAt = (name: string): string => textOf(attributes[`tracelog.task.${name}`] ?? '-')
  const kind = eventName.startsWith('tracelog.task.') ? [eventName.slice('tracelog.task.'.length)] : []
  const end = eventName === 'tracelog.task.end' ? [textAt('status'), `${textAt('last')}-${textAt('unsent')}`] : []
  return [textAt('path'), ...kind, ...end, textOf(body)].join(' ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
