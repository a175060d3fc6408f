/**
 * All entries of a time range, one after the other, in one order that is the same at every reading: pages can be cut anywhere.
 *
 * Loki answers with at most so many entries, of a range of at most 30 days, and orders by time alone. Here entries of one time
 * are ordered by when they were seen, by their sender's count and by their content; where an answer was cut, its last time is
 * asked again whole, so that none of that time is missing.
 */
import { TracelogError } from '../../diag/errors.ts'
import { ATTR_SEQ } from '../../model/semconv.ts'
import type { StackServer } from '../stack-client.ts'
import { foldKey } from './fold-key.ts'
import { askRange, TOO_MANY, type LokiEntry, type RangeQuestion } from './loki-client.ts'

/** What Loki allows in one answer by default. Source: max_entries_limit_per_query. */
const MAX_ENTRIES = 5_000
/** Loki's max_query_length is 30d1h by default. Nanoseconds. */
const MAX_RANGE = 30n * 86_400n * 1_000_000_000n
/**
 * Mostly the newest are wanted: the first question looks back so far, the next ones further. Nanoseconds. Loki takes 6 ms for an
 * hour in which there is nothing, and 600 to 1,300 for 30 days.
 */
const FIRST_RANGE = 2n * 3_600n * 1_000_000_000n
const GROWTH = 12n

export interface EntriesQuestion {
  readonly logql: string
  /** Included. Nanoseconds since the epoch. */
  readonly from: bigint
  /** Excluded. */
  readonly to: bigint
  readonly order: 'asc' | 'desc'
  /** How many will probably be wanted: the first answer's size. */
  readonly expected?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * @yields until the range is read: who has enough stops taking.
 * @throws TRACELOG_USAGE when more records have one time than Loki sends; TRACELOG_BACKEND_UNREACHABLE
 */
export async function* readEntries(loki: StackServer, question: EntriesQuestion): AsyncGenerator<LokiEntry> {
  const { from, to, order, expected = MAX_ENTRIES } = question
  let allowed = MAX_ENTRIES
  let limit = Math.min(Math.max(expected, 100), allowed)
  let isFirst = true
  for (const [start, end] of windows(from, to, order)) {
    if (!isFirst) loki.onLookBack?.(start)
    isFirst = false
    let [low, high] = [start, end]
    while (low < high) {
      // oxlint-disable-next-line no-await-in-loop -- each answer says where the next one begins
      const answer = await askWithin(loki, { ...question, from: low, to: high, limit })
      if (answer.limit < limit) allowed = answer.limit
      const entries = answer.entries.toSorted(order === 'asc' ? compareEntries : (a, b) => compareEntries(b, a))
      const last = entries.at(-1)
      if (last === undefined || entries.length < answer.limit) {
        yield* entries
        break
      }
      const whole = entries.filter(({ time }) => time !== last.time)
      if (whole.length === 0 && answer.limit === allowed) throw tooManyAtOnce(last.time, allowed)
      yield* whole
      if (order === 'asc') low = last.time
      else high = last.time + 1n
      // What was read so far was not enough: larger answers cost less each.
      limit = allowed
    }
  }
}

/** @yields ranges that Loki accepts, in the order of reading */
function* windows(from: bigint, to: bigint, order: 'asc' | 'desc'): Generator<readonly [bigint, bigint]> {
  if (order === 'asc') {
    for (let low = from; low < to; low += MAX_RANGE) yield [low, low + MAX_RANGE < to ? low + MAX_RANGE : to]
  } else {
    let length = FIRST_RANGE
    for (let high = to; high > from; length *= GROWTH) {
      if (length > MAX_RANGE) length = MAX_RANGE
      const low = high - length > from ? high - length : from
      yield [low, high]
      high = low
    }
  }
}

async function askWithin(
  loki: StackServer,
  question: RangeQuestion,
): Promise<{ readonly entries: LokiEntry[]; readonly limit: number }> {
  try {
    return { entries: await askRange(loki, question), limit: question.limit }
  } catch (error) {
    const limit = (error as { [TOO_MANY]?: number })[TOO_MANY]
    if (limit === undefined || limit >= question.limit || limit < 1) throw error
    return { entries: await askRange(loki, { ...question, limit }), limit }
  }
}

const SEQ = foldKey(ATTR_SEQ)

/** Older first; of one time: as they were seen. */
export function compareEntries(a: LokiEntry, b: LokiEntry): number {
  return compareKeys(sortKey(a), sortKey(b))
}

/** Where an entry stands in that order. */
export type SortKey = readonly [time: bigint, observed: bigint, seq: bigint, hash: string]

export function sortKey({ time, fields, hash }: LokiEntry): SortKey {
  return [time, numberOf(fields['observed_timestamp']), numberOf(fields[SEQ]), hash]
}

export function compareKeys(a: SortKey, b: SortKey): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] as bigint | string, b[i] as bigint | string]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function numberOf(text: string = ''): bigint {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n
}

function tooManyAtOnce(time: bigint, limit: number): TracelogError {
  return new TracelogError(`more than ${limit} records have the time ${time}, and Loki sends no more of one time`, {
    code: 'TRACELOG_USAGE',
    hint: 'Narrow the query (service:..., level>=...), or raise max_entries_limit_per_query in the configuration of Loki.',
  })
}
