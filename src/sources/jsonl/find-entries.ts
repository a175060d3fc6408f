/**
 * The records of a file that a request asks for: by its query, its time and its cursor.
 */
import { compileMatcher } from '../../query-text/match.ts'
import type { LogsQuery } from '../log-source.ts'
import { checkTime } from '../page-request.ts'
import type { FileEntry } from './read-entries.ts'

export interface EntryFilter {
  /** Whether the request has a query text at all. */
  readonly hasText: boolean
  /** Whether a record is of the time that was asked for. */
  isInTime(time: bigint): boolean
  matches(entry: FileEntry): boolean
}

/** @throws QuerySyntaxError, TRACELOG_USAGE */
export function createEntryFilter({ text = '', since, until }: LogsQuery): EntryFilter {
  const nowMillis = Date.now()
  const from = checkTime('since', since, nowMillis)
  const to = checkTime('until', until, nowMillis)
  const matches = compileMatcher(text, nowMillis)
  const isInTime = (time: bigint): boolean => (from === undefined || time >= from) && (to === undefined || time < to)
  return {
    hasText: text.trim() !== '',
    isInTime,
    matches: (entry) => isInTime(entry.time) && matches(entry.fields),
  }
}
