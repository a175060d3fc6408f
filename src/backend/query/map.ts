/**
 * Who calls whom? One node per service, and per peer that told nothing of itself; one edge per caller and callee.
 *
 * A call is a CLIENT or PRODUCER span, or a hop whose parent is a hop of another service (a load balancer that writes lines only).
 * Whom it reached is who served below it; where nobody did, what the caller knows of its peer.
 */
import type { MapEdge, MapNode, ServiceMap } from '../../model/api.ts'
import {
  ATTR_CACHE_NAME,
  ATTR_COMPONENT,
  ATTR_DB_SYSTEM_NAME,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  ATTR_PARENT_SPAN_ID,
  ATTR_RESPONSE_TIME_MS,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_UPSTREAM,
} from '../../model/semconv.ts'
import type { Signal } from '../../model/signal.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { Expression } from '../../query-text/expression.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import type { SqlParameter, SqlValue, Store } from '../store/store.ts'
import { countedRange, type CountRequest, DEFAULT_BUDGET_MILLIS } from './count-request.ts'
import { shownText } from './filters/attribute.ts'
import { compileExpression } from './filters/compile.ts'
import { hintsOf } from './key-hints.ts'
import { tableOf } from './known-keys.ts'
import { newestFirst, wholeMillis } from './newest-first.ts'
import { sqlText } from './rows/sql-text.ts'
import { rangeCondition, type TimeRange } from './time-range.ts'
import { SERVING_LOGS, SERVING_SPANS } from './trace-rows.ts'

/** Those with the most requests are on it. */
const MAX_NODES = 200
const MAX_EDGES = 1_000
const NANOS_PER_MILLI = 1_000_000n
const CALLING = `(${SPAN_KIND.client}, ${SPAN_KIND.producer})`

/** @throws QuerySyntaxError */
export async function serviceMap(store: Store, request: Omit<CountRequest, 'of'>): Promise<ServiceMap> {
  const { q, budgetMillis = DEFAULT_BUDGET_MILLIS } = request
  const nowMillis = Date.now()
  const expression = parseQueryText(q ?? '')
  const query = { request: { ...request, of: 'requests' as const }, expression, traces: undefined, nowMillis }
  const [range, hints] = await Promise.all([countedRange(store, query), hintsOf(store, expression)])
  if (range === undefined) {
    const now = formatTimestamp(request.sinceUnixNano ?? BigInt(nowMillis) * NANOS_PER_MILLI)
    return { nodes: [], edges: [], to: now, complete: true, covered_from: now, ...hints }
  }
  const covered = await newestFirst(store, { range, budgetMillis, align: wholeMillis }, async (part, timeoutMillis) => {
    const { sql, parameters } = mapSql(store, { range: part, expression, nowMillis })
    const { rows } = await store.read(sql, parameters, timeoutMillis === undefined ? {} : { timeoutMillis })
    return rows
  })
  return {
    ...mapOf(covered.answer),
    to: formatTimestamp(range.to),
    complete: covered.isComplete,
    covered_from: formatTimestamp(covered.from),
    ...hints,
  }
}

interface MapQuestion {
  readonly range: TimeRange
  /** Only traces of which something matches. */
  readonly expression: Expression | undefined
  readonly nowMillis: number
}

/** A SELECT of `node` and `edge` rows. */
function mapSql(
  store: Store,
  { range, expression, nowMillis }: MapQuestion,
): { readonly sql: string; readonly parameters: readonly SqlParameter[] } {
  const parameters: SqlParameter[] = []
  const matching = (['logs', 'spans'] as const).map((signal) => {
    const condition = compileExpression(expression, nowMillis).condition({
      signal,
      columns: store.columns(signal),
      nowMillis,
    })
    parameters.push(...condition.parameters)
    return `SELECT trace FROM ${tableOf(signal)} WHERE ${rangeCondition(range)} AND trace IS NOT NULL AND ${condition.sql}`
  })
  const isAll = expression === undefined
  const where = `${rangeCondition(range)} AND trace IS NOT NULL${isAll ? '' : ' AND trace IN (SELECT trace FROM wanted)'}`
  const sql = `WITH ${isAll ? '' : `wanted AS MATERIALIZED (${matching.join(' UNION ')}),`}
    spans AS MATERIALIZED (${spanRows(store, where)}),
    records AS (${recordRows(store, where)}),
    seen AS MATERIALIZED (
      SELECT * FROM spans UNION ALL SELECT * FROM records
      ANTI JOIN (SELECT trace, span FROM spans WHERE ${SERVING_SPANS}) USING (trace, span)),
    hops AS MATERIALIZED (SELECT * FROM seen WHERE ${SERVING_SPANS}),
    calls AS MATERIALIZED (
      SELECT p.service AS src, h.service AS dst, false AS silent, NULL AS component,
        CASE WHEN p.kind IN ${CALLING} THEN p.ms ELSE h.ms END AS ms, h.failed OR (p.failed AND p.kind IN ${CALLING}) AS failed
      FROM hops h JOIN seen p ON p.trace = h.trace AND p.span = h.parent
      WHERE p.kind IN ${CALLING} OR p.service <> h.service
      UNION ALL
      SELECT c.service, c.peer, true, c.system, c.ms, c.failed
      FROM seen c ANTI JOIN hops h ON h.trace = c.trace AND h.parent = c.span
      WHERE c.peer IS NOT NULL AND c.peer <> '' AND (c.kind IN ${CALLING} OR (${SERVING_SPANS} AND NOT EXISTS (
        SELECT 1 FROM seen below WHERE below.trace = c.trace AND below.parent = c.span)))),
    told AS (SELECT service, mode(component) AS component, count(*) AS c, count(*) FILTER (failed) AS errors,
      quantile_disc(ms, 0.95) AS p95, false AS silent FROM hops GROUP BY service),
    silent AS (SELECT dst AS service, mode(component) AS component, count(*) AS c, count(*) FILTER (failed) AS errors,
      quantile_disc(ms, 0.95) AS p95, true AS silent FROM calls WHERE silent AND dst NOT IN (SELECT service FROM told)
      GROUP BY dst),
    callers AS (SELECT DISTINCT src AS service, NULL AS component, 0 AS c, 0 AS errors, NULL AS p95, false AS silent FROM calls
      WHERE src NOT IN (SELECT service FROM told) AND src NOT IN (SELECT service FROM silent)),
    nodes AS MATERIALIZED (SELECT * FROM told UNION ALL SELECT * FROM silent UNION ALL SELECT * FROM callers
      ORDER BY c DESC, service LIMIT ${MAX_NODES}),
    edges AS (SELECT src, dst, count(*) AS c, count(*) FILTER (failed) AS errors, quantile_disc(ms, 0.5) AS p50,
      quantile_disc(ms, 0.95) AS p95 FROM calls
      WHERE src IN (SELECT service FROM nodes) AND dst IN (SELECT service FROM nodes)
      GROUP BY src, dst ORDER BY c DESC, src, dst LIMIT ${MAX_EDGES})
    SELECT * FROM (
      SELECT 'node' AS what, service AS a, component AS b, c::BIGINT AS c, errors::BIGINT, NULL::DOUBLE, p95::DOUBLE, silent FROM nodes
      UNION ALL SELECT 'edge', src, dst, c::BIGINT, errors::BIGINT, p50::DOUBLE, p95::DOUBLE, false FROM edges)
    ORDER BY what, c DESC, a, b`
  return { sql, parameters: isAll ? [] : parameters }
}

const NAMES = 'trace, span, parent, kind, service, ms, failed, component, peer, system'

function spanRows(store: Store, where: string): string {
  const text = textIn(store, 'spans')
  const [address, port, db] = [text(ATTR_SERVER_ADDRESS), text(ATTR_SERVER_PORT), text(ATTR_DB_SYSTEM_NAME)]
  const [system, queue, cache] = [
    text(ATTR_MESSAGING_SYSTEM),
    text(ATTR_MESSAGING_DESTINATION_NAME),
    text(ATTR_CACHE_NAME),
  ]
  return `SELECT ${NAMES} FROM (
    SELECT trace, span, parent, kind, res, took / 1e6 AS ms, status = 2 AS failed, ${text(ATTR_COMPONENT)} AS component,
      CASE WHEN ${SERVING_SPANS} THEN ${text(ATTR_UPSTREAM)} WHEN kind IN ${CALLING} THEN
        coalesce(CASE WHEN ${system} IS NULL THEN ${address} || coalesce(':' || ${port}, '') END, ${db}, ${queue}, ${system},
          ${address})
      END AS peer,
      CASE WHEN ${cache} IS NOT NULL THEN 'cache' WHEN ${db} IS NOT NULL THEN 'database' WHEN ${system} IS NOT NULL THEN 'queue'
        ELSE 'http_server' END AS system
    FROM span_rows WHERE ${where}) JOIN ${SERVICES}`
}

/** Hops that wrote a line: where there is a span of it too, the span counts. */
function recordRows(store: Store, where: string): string {
  const text = textIn(store, 'logs')
  return `SELECT ${NAMES} FROM (
    SELECT trace, span, coalesce(try_cast('0x' || ${text(ATTR_PARENT_SPAN_ID)} AS UBIGINT), 0) AS parent,
      ${SPAN_KIND.server} AS kind, res, try_cast(${text(ATTR_RESPONSE_TIME_MS)} AS DOUBLE) AS ms, sev >= 17 AS failed,
      ${text(ATTR_COMPONENT)} AS component, ${text(ATTR_UPSTREAM)} AS peer, 'http_server' AS system
    FROM log_rows WHERE ${where} AND span <> 0 AND ${SERVING_LOGS}) JOIN ${SERVICES}`
}

const SERVICES = '(SELECT id, service FROM resources) ON id = res'

function textIn(store: Store, signal: Signal): (key: string) => string {
  const context = { signal, columns: store.columns(signal), nowMillis: 0 }
  return (key) => shownText(key, context)
}

function mapOf(rows: readonly (readonly SqlValue[])[]): Pick<ServiceMap, 'nodes' | 'edges'> {
  const nodes: MapNode[] = []
  const edges: MapEdge[] = []
  for (const [what, a, b, count, errors, p50, p95, silent] of rows) {
    const name = sqlText(a)
    if (what === 'edge') {
      const times = { p50_ms: millis(p50), p95_ms: millis(p95) }
      edges.push({ from: name, to: sqlText(b), calls: Number(count), errors: Number(errors), ...times })
    } else {
      const component = sqlText(b) === '' ? 'app' : sqlText(b)
      const figures = { requests: Number(count), errors: Number(errors), p95_ms: millis(p95) }
      nodes.push({ service: name, component, ...figures, inferred: silent === true })
    }
  }
  return { nodes, edges }
}

function millis(value: SqlValue | undefined): number | null {
  return typeof value === 'number' ? Number(value.toFixed(3)) : null
}
