/**
 * What is said when nothing matches: what was looked at, and the nearest thing that there is.
 */
import type { LogsQuery, LogSource } from '../sources/log-source.ts'
import { keysToLookFor, queryHints } from '../sources/query-hints.ts'
import { ageText, type Window } from './window.ts'

/** Counted of what is older. */
const LOOKED_AT = 20
/** Newest records whose keys are compared with those of the query. */
const SAMPLED = 200

export interface Nothing {
  /** Ours. */
  readonly text: string
  /** They name keys of records. */
  readonly notes: readonly string[]
}

export interface Question {
  readonly source: LogSource
  readonly of: 'requests' | 'logs'
  readonly q: string
  readonly window: Window
  readonly now: number
}

/** `nothing in the last 15m; 3 since 2 h ago`. */
export async function nothingFound(question: Question): Promise<Nothing> {
  const { source, of, q, window } = question
  const older = await timesOf(source, of, { text: q, limit: LOOKED_AT })
  const noun = of === 'requests' ? 'request' : 'record'
  const nothing = `no ${noun} matches in ${window.name}`
  if (older.length > 0) return { text: `${nothing}; ${olderText(older, question)}`, notes: [] }
  const all = q === '' ? [] : await timesOf(source, of, { limit: LOOKED_AT })
  if (all.length === 0) return { text: `${nothing}, and none is stored at all`, notes: [] }
  return {
    text: `${nothing}, and none at any time; without q: ${olderText(all, question)}`,
    notes: await hintsOf(question),
  }
}

/** Newest first. Milliseconds since the epoch. */
async function timesOf(source: LogSource, of: Question['of'], query: LogsQuery): Promise<number[]> {
  if (of === 'logs') return (await source.logs(query)).logs.map(({ timestamp }) => Date.parse(timestamp))
  return (await source.requests(query)).requests.map(({ started_at: startedAt }) => Date.parse(startedAt))
}

function olderText(times: readonly number[], { now }: Question): string {
  const more = times.length === LOOKED_AT ? ' or more' : ''
  return `${times.length}${more} since ${ageText(now - (times.at(-1) ?? now))} ago, the newest ${ageText(now - (times[0] ?? now))} ago`
}

async function hintsOf({ source, q }: Question): Promise<readonly string[]> {
  const logs = keysToLookFor(q).length === 0 ? [] : (await source.logs({ limit: SAMPLED })).logs
  return queryHints(q, { keys: new Set(logs.flatMap((row) => Object.keys(row))), records: logs.length })
}
