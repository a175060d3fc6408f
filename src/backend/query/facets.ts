/**
 * Which values do some fields have, and how often each: of records, or of requests.
 */
import type { Facets, FacetValue } from '../../model/api.ts'
import { rangeBounds } from '../../model/number-ranges.ts'
import { formatTimestamp } from '../../model/time.ts'
import { floorTo } from '../../model/time-step.ts'
import type { Expression, Subject } from '../../query-text/expression.ts'
import { usage } from '../../query-text/page-limit.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { subjectOf } from '../../query-text/terms.ts'
import { withoutSubject } from '../../query-text/top-terms.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { type Counted, countedRange, type CountRequest, DEFAULT_BUDGET_MILLIS } from './count-request.ts'
import { countedRows } from './counted-rows.ts'
import { tracesOf } from './filters/traces-of.ts'
import { hintsOf } from './key-hints.ts'
import { type AskPart, newestFirst } from './newest-first.ts'
import { sqlText } from './rows/sql-text.ts'

export interface FacetsRequest extends CountRequest {
  /** 1 to 12 keys of the query language, `outcome` of requests too. */
  readonly fields: readonly string[]
  /** Values of a field, 1 to 100; default 20. */
  readonly limit?: number
}

export const MAX_FACET_FIELDS = 12
export const MAX_FACET_VALUES = 100
const DEFAULT_VALUES = 20
/** Numbers with more values than this are put into ranges. */
const LISTED_NUMBERS = 50
const NANOS_PER_MILLI = 1_000_000n

interface Field {
  readonly key: string
  readonly subject: Subject | 'outcome'
  /** The query without its terms on this field. */
  readonly expression: Expression | undefined
}

interface FieldCounts {
  readonly values: readonly FacetValue[]
  readonly other: number
  readonly missing: number
}

/** @throws QuerySyntaxError; TRACELOG_USAGE for too many fields or none */
export async function facets(store: Store, request: FacetsRequest): Promise<Facets> {
  const { q, of = 'logs', limit = DEFAULT_VALUES, budgetMillis = DEFAULT_BUDGET_MILLIS } = request
  const nowMillis = Date.now()
  const expression = parseQueryText(q ?? '')
  const fields = fieldsOf(request.fields, of, expression)
  const traces = expression === undefined ? undefined : tracesOf(expression)
  const query = { request, expression, traces, nowMillis }
  const [range, hints] = await Promise.all([countedRange(store, query), hintsOf(store, expression)])
  if (range === undefined)
    return { ...answerOf(fields, new Map()), complete: true, covered_from: nowText(request, nowMillis), ...hints }
  const ask: AskPart<ReadonlyMap<string, FieldCounts>> = async (part, timeoutMillis) => {
    const scope = { store, of, range: part, nowMillis, limit, timeoutMillis }
    // Fields that are counted of the same rows are counted in one question.
    const groups = Map.groupBy(fields, (field) => JSON.stringify(field.expression) ?? '')
    const counted = await Promise.all([...groups.values()].map(async (group) => await countFields(scope, group)))
    return new Map(counted.flatMap((counts) => [...counts]))
  }
  const covered = await newestFirst(store, { range, budgetMillis, align: wholeMillis }, ask)
  return {
    ...answerOf(fields, covered.answer),
    complete: covered.isComplete,
    covered_from: formatTimestamp(covered.from),
    ...hints,
  }
}

/** What a time in an answer can say. */
function wholeMillis(time: bigint): bigint {
  return floorTo(time, NANOS_PER_MILLI)
}

function fieldsOf(keys: readonly string[], of: Counted, expression: Expression | undefined): Field[] {
  const names = [...new Set(keys)]
  if (names.length === 0 || names.length > MAX_FACET_FIELDS || names.includes('')) {
    throw usage(`fields has ${names.length} keys, but must have 1 to ${MAX_FACET_FIELDS}, with a comma between two`)
  }
  return names.map((key) => {
    const subject = subjectOf(key)
    const left = withoutSubject(expression, subject)
    return { key, subject: of === 'requests' && key === 'outcome' ? 'outcome' : subject, expression: left }
  })
}

interface Scope {
  readonly store: Store
  readonly of: Counted
  readonly range: { readonly from: bigint; readonly to: bigint }
  readonly nowMillis: number
  readonly limit: number
  readonly timeoutMillis: number | undefined
}

async function countFields(scope: Scope, fields: readonly Field[]): Promise<ReadonlyMap<string, FieldCounts>> {
  const { store, limit, timeoutMillis } = scope
  const options = timeoutMillis === undefined ? {} : { timeoutMillis }
  const { sql, parameters } = rowsOf(scope, fields)
  const { rows } = await store.read(topValues(sql, fields.length, limit), parameters, options)
  const byField = Map.groupBy(rows, ([field]) => Number(field))
  const counted = fields.map((field, i) => [field.key, readCounts(byField.get(i) ?? [])] as const)
  const wide = counted.filter(([, { range }]) => range !== undefined).map(([key]) => key)
  const ranges = await countRanges(
    scope,
    fields.filter(({ key }) => wide.includes(key)),
    new Map(counted),
  )
  return new Map(counted.map(([key, counts]) => [key, ranges.get(key) ?? counts]))
}

function rowsOf(scope: Scope, fields: readonly Field[]): ReturnType<typeof countedRows> {
  const { store, of, range, nowMillis } = scope
  const [first] = fields
  const subjects = fields.map(({ subject }) => subject)
  return countedRows(store, { of, expression: first?.expression, range, subjects, nowMillis })
}

/** Per field its most frequent values, beside what is true of all of its values. */
function topValues(rows: string, fields: number, limit: number): string {
  const names = Array.from({ length: fields }, (_, i) => `v${i}`)
  const list = names.join(', ')
  // Of each grouping one field has values, the others are NULL.
  const field = `CASE GROUPING_ID(${list}) ${names.map((_, i) => `WHEN ${idOfGrouping(i, fields)} THEN ${i}`).join(' ')} END`
  return `WITH counted AS MATERIALIZED (SELECT ${field} AS field, coalesce(${list}, NULL) AS value, count(*) AS c
      FROM (${rows}) GROUP BY GROUPING SETS (${names.map((name) => `(${name})`).join(', ')})),
    whole AS (SELECT field, sum(c) AS total, coalesce(sum(c) FILTER (value IS NULL), 0) AS missing, count(value) AS distinct_values,
      count(try_cast(value AS DOUBLE)) AS numbers, min(try_cast(value AS DOUBLE)) AS least, max(try_cast(value AS DOUBLE)) AS most
      FROM counted GROUP BY field),
    top AS (SELECT field, value, c FROM counted WHERE value IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY field ORDER BY c DESC, value) <= ${limit})
    SELECT whole.field, value, c, total::BIGINT, missing::BIGINT, distinct_values, numbers, least, most
    FROM whole LEFT JOIN top USING (field) ORDER BY whole.field, c DESC, value`
}

/** A bit for each field that is not grouped by, the first field's the highest. */
function idOfGrouping(field: number, fields: number): number {
  return 2 ** fields - 1 - 2 ** (fields - 1 - field)
}

interface ReadCounts extends FieldCounts {
  /** Of numbers that are too many to be listed. */
  readonly range: { readonly least: number; readonly most: number } | undefined
}

function readCounts(rows: readonly (readonly SqlValue[])[]): ReadCounts {
  const [first] = rows
  if (first === undefined) return { values: [], other: 0, missing: 0, range: undefined }
  const [total, missing, distinct, numbers, least, most] = first.slice(3).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const values = rows.flatMap(([, value, c]) => (c === null ? [] : [{ value: sqlText(value), count: Number(c) }]))
  const listed = values.reduce((sum, { count }) => sum + count, 0)
  const isWide = distinct > LISTED_NUMBERS && numbers === distinct && Number.isFinite(least) && Number.isFinite(most)
  return { values, other: total - missing - listed, missing, range: isWide ? { least, most } : undefined }
}

async function countRanges(
  scope: Scope,
  fields: readonly Field[],
  counted: ReadonlyMap<string, ReadCounts>,
): Promise<ReadonlyMap<string, FieldCounts>> {
  if (fields.length === 0) return new Map()
  const { store, timeoutMillis } = scope
  const bounds = fields.map(({ key }) => {
    const { least, most } = counted.get(key)?.range ?? { least: 0, most: 0 }
    return rangeBounds(least, most)
  })
  const { sql, parameters } = rowsOf(scope, fields)
  // What came since below the first bound or above the last one is in the first or in the last range.
  const counts = bounds.map((list, i) => {
    const inner = list.slice(1, -1).map((bound, at) => `WHEN v < ${bound}::DOUBLE THEN ${at}`)
    const index = inner.length === 0 ? '0' : `CASE ${inner.join(' ')} ELSE ${list.length - 2} END`
    return `SELECT ${i} AS field, ${index} AS at, count(*) AS c FROM (SELECT try_cast(v${i} AS DOUBLE) AS v FROM picked) WHERE v IS NOT NULL GROUP BY ALL`
  })
  const { rows } = await store.read(
    `WITH picked AS MATERIALIZED (${sql}) ${counts.join(' UNION ALL ')}`,
    parameters,
    timeoutMillis === undefined ? {} : { timeoutMillis },
  )
  return new Map(
    fields.map(({ key }, i) => {
      const list = bounds[i] as number[]
      const found = new Map(rows.filter(([field]) => Number(field) === i).map(([, at, c]) => [Number(at), Number(c)]))
      const values = list.slice(0, -1).flatMap((from, at) => {
        const [to, count] = [list[at + 1] as number, found.get(at) ?? 0]
        return count === 0 ? [] : [{ value: `${from} to ${to}`, count, from, to }]
      })
      return [key, { values, other: 0, missing: counted.get(key)?.missing ?? 0 }]
    }),
  )
}

function answerOf(
  fields: readonly Field[],
  counts: ReadonlyMap<string, FieldCounts>,
): Pick<Facets, 'facets' | 'other' | 'missing'> {
  const of = <T>(read: (counts: FieldCounts) => T): Record<string, T> =>
    Object.fromEntries(fields.map(({ key }) => [key, read(counts.get(key) ?? { values: [], other: 0, missing: 0 })]))
  return { facets: of(({ values }) => values), other: of(({ other }) => other), missing: of(({ missing }) => missing) }
}

function nowText({ sinceUnixNano, untilUnixNano }: CountRequest, nowMillis: number): string {
  return formatTimestamp(sinceUnixNano ?? untilUnixNano ?? BigInt(nowMillis) * NANOS_PER_MILLI)
}
