/**
 * Which errors are there, how often each, and where: those of one type that come from the same frame are one.
 *
 * The key is the pattern of their records, so that `pattern:…` finds them. A trace counts once, however many of its records tell of
 * the error: who logs one and fails with it has failed once.
 */
import type { ErrorRow, Errors } from '../../model/api.ts'
import { NAMED_PLACES, placeOf, STATUS_TYPE } from '../../model/error-row.ts'
import { ownFrame } from '../../model/own-frame.ts'
import { patternText } from '../../model/pattern.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
} from '../../model/semconv.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { shownText } from './filters/attribute.ts'
import type { FilterContext } from './filters/filter.ts'
import { tableOf } from './known-keys.ts'
import {
  DEFAULT_PATTERNS,
  patternGroups,
  type PatternsRequest,
  readByNumber,
  sparkList,
  sparkOf,
  sparkPart,
} from './pattern-groups.ts'
import { sqlText, sqlTraceId } from './rows/sql-text.ts'
import { rangeCondition, type TimeRange } from './time-range.ts'
import { boundsOf, groupsOf, isOneOf } from './trace-bounds.ts'
import { SERVING_LOGS, SERVING_SPANS } from './trace-rows.ts'

/** Traces that are looked at for their routes: the newest of each error, so many of all together. */
const LOOKED_AT = 1_000
const LOOKED_AT_EACH = 20

/** @throws QuerySyntaxError */
export async function errors(store: Store, request: PatternsRequest): Promise<Errors> {
  const { limit = DEFAULT_PATTERNS, newSinceUnixNano } = request
  const each = Math.max(1, Math.min(LOOKED_AT_EACH, Math.floor(LOOKED_AT / limit)))
  const { rows, ...covered } = await patternGroups(store, request, (range, where, context) =>
    perError({ range, where, context, limit, each }),
  )
  const found = rows.map(foundOf)
  const [newest, services, places] = await Promise.all([
    readNewest(store, found),
    readServices(store),
    placesOf(store, found),
  ])
  return {
    errors: found.map((one) => {
      const [type, message, stack, body] = newest.get(one.newest) ?? []
      const frame = ownFrame(sqlText(stack))
      return {
        key: patternText(one.pattern),
        type: sqlText(type),
        message: sqlText(message) === '' ? sqlText(body) : sqlText(message),
        ...(frame === undefined ? {} : { frame }),
        count: one.count,
        first_at: formatTimestamp(one.first),
        last_at: formatTimestamp(one.last),
        services: named(one.resources.map(([res, count]) => [services.get(res) ?? '', count])),
        routes: named(
          one.traces.flatMap((trace) => one.resources.flatMap(([res]) => places.get(`${trace} ${res}`) ?? [])),
        ),
        spark: one.spark,
        ...(one.traces[0] === undefined ? {} : { newest_trace: one.traces[0] }),
        ...(newSinceUnixNano !== undefined && one.first >= newSinceUnixNano ? { new: true } : {}),
      } satisfies ErrorRow
    }),
    ...covered,
  }
}

interface GroupsQuestion {
  readonly range: TimeRange
  readonly where: string
  readonly context: FilterContext
  readonly limit: number
  /** Traces of each. */
  readonly each: number
}

function perError({ range, where, context, limit, each }: GroupsQuestion): string {
  const type = shownText(ATTR_ERROR_TYPE, context)
  return `WITH found AS MATERIALIZED (
      SELECT pattern, trace, n, t, res FROM log_rows
      WHERE ${where} AND ${type} IS NOT NULL AND NOT regexp_full_match(${type}, '${STATUS_TYPE}')),
    struck AS MATERIALIZED (
      SELECT pattern, trace, min(t) AS t, max(t) AS last, max(n) AS newest
      FROM found GROUP BY pattern, trace, CASE WHEN trace IS NULL THEN n END),
    counted AS (
      SELECT pattern, ${sparkPart(range)} AS part, count(*) AS c, min(t) AS first, max(last) AS last, max(newest) AS newest
      FROM struck GROUP BY ALL),
    top AS MATERIALIZED (
      SELECT pattern, sum(c)::BIGINT AS c, min(first) AS first, max(last) AS last, max(newest) AS newest,
        map_from_entries(list((part, c))) AS spark
      FROM counted GROUP BY pattern ORDER BY c DESC, pattern LIMIT ${limit}),
    traces AS (
      SELECT pattern, arg_max(trace::VARCHAR, newest, ${each}) AS traces
      FROM struck WHERE trace IS NOT NULL AND pattern IN (SELECT pattern FROM top) GROUP BY pattern),
    senders AS (
      SELECT pattern, list([res::BIGINT, c]) AS senders FROM (
        SELECT pattern, res, count(*) AS c FROM found WHERE pattern IN (SELECT pattern FROM top) GROUP BY ALL)
      GROUP BY pattern)
    SELECT pattern, c, first, last, ${sparkList('spark')} AS parts, newest, coalesce(traces, []), senders
    FROM top LEFT JOIN traces USING (pattern) JOIN senders USING (pattern) ORDER BY c DESC, pattern`
}

interface FoundError {
  readonly pattern: number
  readonly count: number
  readonly first: bigint
  readonly last: bigint
  readonly spark: readonly number[]
  /** Number of its newest record. */
  readonly newest: bigint
  /** Newest first. */
  readonly traces: readonly string[]
  /** Numbers of resources, and how many of its records each wrote. */
  readonly resources: readonly (readonly [number, number])[]
}

function foundOf([pattern, count, first, last, spark, newest, traces, senders]: readonly SqlValue[]): FoundError {
  return {
    pattern: Number(pattern),
    count: Number(count),
    first: first as bigint,
    last: last as bigint,
    spark: sparkOf(spark),
    newest: newest as bigint,
    traces: (traces as readonly SqlValue[]).map(sqlTraceId),
    resources: (senders as readonly SqlValue[]).map((sender) => {
      const [res, c] = sender as readonly SqlValue[]
      return [Number(res), Number(c)]
    }),
  }
}

/** Of the newest record of each: type, message, stack, text. */
async function readNewest(
  store: Store,
  found: readonly FoundError[],
): Promise<ReadonlyMap<bigint, readonly SqlValue[]>> {
  const context = { signal: 'logs', columns: store.columns('logs'), nowMillis: 0 } as const
  const attributes = [ATTR_ERROR_TYPE, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE]
  const columns = [...attributes.map((key) => shownText(key, context)), 'coalesce(body, event)']
  return await readByNumber(
    store,
    found.map(({ newest }) => newest),
    columns,
  )
}

async function readServices(store: Store): Promise<ReadonlyMap<number, string>> {
  const { rows } = await store.read('SELECT id, service FROM resources')
  return new Map(rows.map(([id, service]) => [Number(id), sqlText(service)]))
}

type Counted = readonly [name: string, count: number]

/** What the services served in these traces, by trace and resource. */
async function placesOf(store: Store, found: readonly FoundError[]): Promise<ReadonlyMap<string, readonly Counted[]>> {
  const bounds = await boundsOf(store, [...new Set(found.flatMap(({ traces }) => traces))])
  const read = groupsOf(bounds).flatMap(({ ids, range }) =>
    (['logs', 'spans'] as const).map(async (signal) => {
      const context = { signal, columns: store.columns(signal), nowMillis: 0 }
      const [method, route, path] = [ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_ROUTE, ATTR_URL_PATH].map((key) =>
        shownText(key, context),
      )
      const { rows } = await store.read(
        `SELECT DISTINCT trace, res, ${method}, ${route}, ${path} FROM ${tableOf(signal)}
         WHERE ${rangeCondition(range)} AND ${isOneOf(ids)} AND ${signal === 'logs' ? SERVING_LOGS : SERVING_SPANS}`,
      )
      return rows
    }),
  )
  const places = new Map<string, Set<string>>()
  for (const [trace, res, method, route, path] of (await Promise.all(read)).flat()) {
    const place = placeOf({ method: sqlText(method), route: sqlText(route), path: sqlText(path) })
    const key = `${sqlTraceId(trace)} ${Number(res)}`
    if (place !== '') places.set(key, (places.get(key) ?? new Set()).add(place))
  }
  return new Map([...places].map(([key, names]) => [key, [...names].map((name) => [name, 1])]))
}

/** The most frequent names. */
function named(counted: readonly Counted[]): string[] {
  const counts = new Map<string, number>()
  for (const [name, count] of counted) if (name !== '') counts.set(name, (counts.get(name) ?? 0) + count)
  const byCount = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return byCount.slice(0, NAMED_PLACES).map(([name]) => name)
}
