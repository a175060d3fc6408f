/**
 * Which errors are in a file, how often each, and where: as the backend's list has them, from the file's records alone.
 */
import type { ErrorRow, Errors } from '../../model/api.ts'
import { isErrorType, NAMED_PLACES, placeOf } from '../../model/error-row.ts'
import { ownFrame } from '../../model/own-frame.ts'
import { patternOfRow, patternText } from '../../model/pattern.ts'
import { SERVED_EVENTS } from '../../model/semconv.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { PatternsQuery } from '../log-source.ts'
import { checkTime } from '../page-request.ts'
import { DEFAULT_PATTERNS, matching, MAX_KNOWN, SPARK, timesOf } from './patterns.ts'
import { readEntries } from './read-entries.ts'

/** Records with an error that are kept in memory at most: the first ones of the file. */
const MAX_RECORDS = 100_000

interface Told {
  readonly time: bigint
  readonly fields: Readonly<Record<string, unknown>>
  readonly service: string
  readonly trace: string | undefined
}

/** @throws QuerySyntaxError, TRACELOG_USAGE */
export async function jsonlErrors(path: string, query: PatternsQuery): Promise<Errors> {
  const { limit = DEFAULT_PATTERNS, newSince } = query
  const isNewFrom = checkTime('new_since', newSince, Date.now())
  const range = await timesOf(path, query)
  const groups = new Map<number, Told[]>()
  let kept = 0
  for await (const { time, fields } of matching(path, query)) {
    // What was written in between is of a later time.
    if (time > range.to || !isErrorType(fields['error_type']) || kept >= MAX_RECORDS) continue
    kept++
    const pattern = patternOfRow(fields)
    const trace = textAt(fields, 'trace_id')
    const told = { time, fields, service: textAt(fields, 'service'), trace: trace === '' ? undefined : trace }
    const group = groups.get(pattern)
    if (group === undefined) groups.set(pattern, [told])
    else group.push(told)
  }
  const places = await placesIn(path, new Set([...groups.values()].flat().flatMap(({ trace }) => trace ?? [])))
  const rows = [...groups]
    .map(([pattern, told]) => rowOf(pattern, told, { range, isNewFrom, places }))
    .toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
  return { errors: rows.slice(0, limit), complete: true, covered_from: formatTimestamp(range.from) }
}

interface Around {
  readonly range: { readonly from: bigint; readonly to: bigint }
  readonly isNewFrom: bigint | undefined
  readonly places: ReadonlyMap<string, ReadonlySet<string>>
}

function rowOf(pattern: number, told: readonly Told[], { range, isNewFrom, places }: Around): ErrorRow {
  const sorted = told.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
  const seen = new Set<string>()
  // A trace counts once, when it was first struck.
  const struck = sorted.filter(({ trace }) => trace === undefined || (!seen.has(trace) && seen.add(trace)))
  const [first, last] = [sorted[0] as Told, sorted.at(-1) as Told]
  const frame = ownFrame(textAt(last.fields, 'error_stack'))
  const part = (range.to - range.from) / BigInt(SPARK) + 1n
  const spark = Array.from({ length: SPARK }, () => 0)
  for (const { time } of struck) {
    const at = Number((time - range.from) / part)
    spark[at] = (spark[at] ?? 0) + 1
  }
  const newest = sorted.findLast(({ trace }) => trace !== undefined)?.trace
  const message = textAt(last.fields, 'error_message')
  return {
    key: patternText(pattern),
    type: textAt(last.fields, 'error_type'),
    message: message === '' ? textAt(last.fields, 'message') : message,
    ...(frame === undefined ? {} : { frame }),
    count: struck.length,
    first_at: formatTimestamp(first.time),
    last_at: formatTimestamp(last.time),
    services: named(sorted.map(({ service }) => service)),
    routes: named(struck.flatMap(({ trace, service }) => [...(places.get(`${trace} ${service}`) ?? [])])),
    spark,
    ...(newest === undefined ? {} : { newest_trace: newest }),
    ...(isNewFrom !== undefined && first.time >= isNewFrom ? { new: true } : {}),
  }
}

/** What each service served in these traces. */
async function placesIn(path: string, traces: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const places = new Map<string, Set<string>>()
  if (traces.size === 0) return places
  for await (const { entries } of readEntries(path)) {
    for (const { fields } of entries) {
      const trace = textAt(fields, 'trace_id')
      if (!traces.has(trace) || !SERVED_EVENTS.includes(textAt(fields, 'event')) || places.size >= MAX_KNOWN) continue
      const place = placeOf({
        method: textAt(fields, 'method'),
        route: textAt(fields, 'route'),
        path: textAt(fields, 'path'),
      })
      const key = `${trace} ${textAt(fields, 'service')}`
      if (place !== '') places.set(key, (places.get(key) ?? new Set()).add(place))
    }
  }
  return places
}

function textAt(fields: Readonly<Record<string, unknown>>, key: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}

/** The most frequent names. */
function named(names: readonly string[]): string[] {
  const counts = Map.groupBy(
    names.filter((name) => name !== ''),
    (name) => name,
  )
  const byCount = [...counts].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  return byCount.slice(0, NAMED_PLACES).map(([name]) => name)
}
