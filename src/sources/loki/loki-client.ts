/**
 * One question to Loki: the newest (or oldest) entries of a time range, as it holds them.
 */
import { createHash } from 'node:crypto'

import { TracelogError } from '../../diag/errors.ts'
import { askServer, parseAnswer, unreachableServer, type StackServer } from '../stack-client.ts'

/** A record as Loki has it. */
export interface LokiEntry {
  /** Nanoseconds since the epoch. */
  readonly time: bigint
  readonly line: string
  /** Labels of its stream, and what was sent beside the line: all text, under folded names. */
  readonly fields: Readonly<Record<string, string>>
  /** What tells it from every other: Loki keeps one record of several that are the same in all of this. */
  readonly hash: string
}

export interface RangeQuestion {
  readonly logql: string
  /** Included. */
  readonly from: bigint
  /** Excluded. */
  readonly to: bigint
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly signal?: AbortSignal | undefined
}

/** Without it Loki mixes stream labels, metadata and its own parser's labels into one map. Source: Loki 3, HTTP API. */
const CATEGORIZE = { 'x-loki-response-encoding-flags': 'categorize-labels' }

/** @returns at most `limit` entries, in no order that may be relied on */
export async function askRange(loki: StackServer, question: RangeQuestion): Promise<LokiEntry[]> {
  const { logql, from, to, limit, order, signal } = question
  const form = {
    query: logql,
    start: String(from),
    end: String(to),
    limit: String(limit),
    direction: order === 'asc' ? 'forward' : 'backward',
  }
  const response = await askServer(loki, '/loki/api/v1/query_range', {
    form,
    headers: CATEGORIZE,
    ...(signal === undefined ? {} : { signal }),
  })
  const text = await response.text()
  if (response.status === 404) throw unreachableServer(loki, 'it has no /loki/api/v1/query_range')
  if (response.status === 400) throw refusedQuestion(loki, text.trim())
  return entriesOf(loki, text)
}

/** Loki allows this instance or tenant fewer entries in one answer than we asked for. */
export const TOO_MANY: unique symbol = Symbol('entries limit')

function refusedQuestion({ name, url }: StackServer, said: string): Error {
  const error = new TracelogError(`${name} at ${url} refused the question: ${said.slice(0, 300)}`, {
    code: 'TRACELOG_USAGE',
    hint: 'Ask for a shorter time (--since), or raise that limit in the configuration of Loki.',
  })
  const allowed = /max entries limit per query exceeded.*\(\d+ > (\d+)\)/.exec(said)?.[1]
  return allowed === undefined ? error : Object.assign(error, { [TOO_MANY]: Number(allowed) })
}

interface RangeAnswer {
  readonly data?: {
    readonly result?: readonly {
      readonly stream: Readonly<Record<string, string>>
      readonly values: readonly (readonly [
        time: string,
        line: string,
        more?: { readonly structuredMetadata?: Readonly<Record<string, string>> },
      ])[]
    }[]
  }
}

function entriesOf(loki: StackServer, text: string): LokiEntry[] {
  const { data } = parseAnswer(loki, text) as RangeAnswer
  return (data?.result ?? []).flatMap(({ stream, values }) =>
    values.map(([time, line, more]) => {
      const fields = { ...stream, ...more?.structuredMetadata }
      return { time: BigInt(time), line, fields, hash: hashOf(line, fields) }
    }),
  )
}

function hashOf(line: string, fields: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([line, sorted]))
    .digest('hex')
    .slice(0, 16)
}
