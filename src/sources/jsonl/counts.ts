/**
 * Counts out of a file: it is read once to know from when to when, and once to count. Always complete, whatever the budget is.
 */
import type { Facets, FieldRow, Fields, Histogram } from '../../model/api.ts'
import { stepsFor, stepsOf } from '../../model/time-step.ts'
import { formatTimestamp } from '../../model/time.ts'
import { matcherOf } from '../../query-text/match.ts'
import { usage } from '../../query-text/page-limit.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { subjectOf } from '../../query-text/terms.ts'
import { withoutSubject } from '../../query-text/top-terms.ts'
import { type Countable, countableRecord, countableRequest } from '../counts/countable.ts'
import { StepTally, ValueTally } from '../counts/tally.ts'
import type { CountQuery, FacetsQuery, FieldsQuery, HistogramQuery } from '../log-source.ts'
import { createEntryFilter } from './find-entries.ts'
import { readEntries } from './read-entries.ts'
import { jsonlRequestsPage } from './requests-page.ts'

const DEFAULT_BUCKETS = 120
const DEFAULT_VALUES = 20
const MAX_FIELDS = 12
const REQUESTS = 5_000
/** Values of a key that are shown. */
const SHOWN_VALUES = 10

/** @throws QuerySyntaxError, TRACELOG_USAGE */
export async function jsonlHistogram(path: string, query: HistogramQuery): Promise<Histogram> {
  const { of = 'logs', by = of === 'logs' ? 'level' : 'outcome', buckets = DEFAULT_BUCKETS, stepMillis } = query
  if (of === 'logs' && by === 'outcome') throw usage('by is "outcome", but must be level or service with of=logs')
  let [from, to]: [bigint | undefined, bigint] = [undefined, 0n]
  for await (const { time } of counted(path, query)) {
    if (from === undefined || time < from) from = time
    if (time > to) to = time
  }
  if (from === undefined) {
    const now = formatTimestamp(BigInt(Date.now()) * 1_000_000n)
    return { from: now, to: now, step_ms: 1, series: {}, complete: true, covered_from: now }
  }
  const steps = stepMillis === undefined ? stepsFor({ from, to }, buckets) : stepsOf({ from, to }, stepMillis)
  const tally = new StepTally(steps)
  for await (const { time, valueOf } of counted(path, query)) {
    // What was written in between is of a later time.
    if (time >= from && time <= to) tally.add(time, valueOf(by) ?? '')
  }
  return tally.answer()
}

/** @throws QuerySyntaxError, TRACELOG_USAGE */
export async function jsonlFacets(path: string, query: FacetsQuery): Promise<Facets> {
  const { fields, limit = DEFAULT_VALUES, text = '' } = query
  if (fields.length === 0 || fields.length > MAX_FIELDS) {
    throw usage(`fields has ${fields.length} keys, but must have 1 to ${MAX_FIELDS}, with a comma between two`)
  }
  const expression = parseQueryText(text)
  const nowMillis = Date.now()
  const counts = await Promise.all(
    fields.map(async (field) => {
      const tally = new ValueTally()
      const left = withoutSubject(expression, subjectOf(field))
      const matches = left === undefined ? () => true : matcherOf(left, nowMillis)
      for await (const { valueOf } of counted(path, query, matches)) tally.add(valueOf(field))
      return [field, tally.answer(limit)] as const
    }),
  )
  return {
    facets: Object.fromEntries(counts.map(([field, { values }]) => [field, values])),
    other: Object.fromEntries(counts.map(([field, { other }]) => [field, other])),
    missing: Object.fromEntries(counts.map(([field, { missing }]) => [field, missing])),
    complete: true,
    covered_from: formatTimestamp(0n),
  }
}

/** @throws QuerySyntaxError */
export async function jsonlFields(path: string, { text, prefix = '' }: FieldsQuery): Promise<Fields> {
  const filter = createEntryFilter(text === undefined ? {} : { text })
  const keys = new Map<string, { readonly tally: ValueTally; readonly type: FieldRow['type']; records: number }>()
  for await (const { entries } of readEntries(path)) {
    for (const entry of entries) {
      if (!filter.matches(entry)) continue
      for (const [key, value] of Object.entries(entry.fields)) {
        if (NOT_LISTED.has(key) || !key.toLowerCase().startsWith(prefix.toLowerCase())) continue
        const known = keys.get(key) ?? { tally: new ValueTally(), type: typeOf(value), records: 0 }
        keys.set(key, known)
        known.records++
        known.tally.add(typeof value === 'string' ? value : JSON.stringify(value))
      }
    }
  }
  const fields = [...keys].map(([key, { tally, type, records }]) => {
    const values = tally.answer(SHOWN_VALUES).values.map(({ value }) => value)
    return { key, type, records, values: values.slice(0, SHOWN_VALUES) }
  })
  return {
    fields: fields.toSorted((a, b) => b.records - a.records || (a.key < b.key ? -1 : 1)),
    complete: true,
    covered_from: formatTimestamp(0n),
  }
}

/** Of one record alone, or texts. */
const NOT_LISTED: ReadonlySet<string> = new Set(['time_ns', 'timestamp', 'message', 'trace_id', 'span_id'])

function typeOf(value: unknown): FieldRow['type'] {
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' ? 'map' : 'string'
}

/** @param matches  instead of what the query's text says. @yields what is counted, in no order */
function counted(
  path: string,
  query: CountQuery,
  matches?: (fields: Readonly<Record<string, unknown>>) => boolean,
): AsyncGenerator<Countable> {
  return query.of === 'requests' ? countedRequests(path, query) : countedRecords(path, query, matches)
}

async function* countedRecords(
  path: string,
  query: CountQuery,
  matches: ((fields: Readonly<Record<string, unknown>>) => boolean) | undefined,
): AsyncGenerator<Countable> {
  const { text, since, until } = query
  const filter = createEntryFilter({
    ...(text === undefined || matches !== undefined ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  })
  for await (const { entries } of readEntries(path)) {
    for (const entry of entries) {
      if (filter.matches(entry) && (matches === undefined || matches(entry.fields))) {
        yield countableRecord(entry.time, entry.fields)
      }
    }
  }
}

/**
 * The counts of a field of requests keep the terms on it: requests are found by what their records match.
 *
 * @yields one per request
 */
async function* countedRequests(path: string, { text, since, until }: CountQuery): AsyncGenerator<Countable> {
  let cursor: string | null | undefined
  while (cursor !== null) {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next one begins
    const page = await jsonlRequestsPage(path, {
      limit: REQUESTS,
      ...(text === undefined ? {} : { text }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const row of page.requests) yield countableRequest(row)
    cursor = page.next_cursor
  }
}
