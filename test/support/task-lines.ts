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

/**
 * Whether all of a task has arrived, as the specification has it: start and end are there, and as many of its numbers as come by
 * themselves. What a dump brought does not count.
 *
 * @param path  of the task; `''` for a root
 */
export function isComplete(records: readonly ReceivedRecord[], path: string): boolean {
  const prefix = path === '' ? '' : `${path}/`
  const pathOf = ({ attributes }: ReceivedRecord) => attributes['tracelog.task.path'] as string
  const within = records.filter((one) => pathOf(one).startsWith(prefix) && one.attributes['tracelog.buffered'] !== true)
  const isOwn = (one: ReceivedRecord): boolean => !pathOf(one).slice(prefix.length).includes('/')
  const isChild = (one: ReceivedRecord): boolean => !isOwn(one) && one.eventName === 'tracelog.task.start'
  const end = within.find((one) => isOwn(one) && one.eventName === 'tracelog.task.end')
  const hasStart = within.some((one) => isOwn(one) && one.eventName === 'tracelog.task.start')
  if (end === undefined || !hasStart) return false
  const last = Number(end.attributes['tracelog.task.last'])
  const counted = within
    .filter((one) => isOwn(one) || isChild(one))
    .map((one) => Number(pathOf(one).slice(prefix.length).split('/')[0]))
  const numbers = new Set(counted.filter((number) => number <= last))
  return numbers.size === last - Number(end.attributes['tracelog.task.unsent'])
}
