/**
 * What the index of traces says of each: from when to when it has rows, how many, and of the request that began first when, how long,
 * how it ended. A row per trace, signal and roll, in the order in which these requests began.
 *
 * A request is told by its completion record or by its SERVER or CONSUMER span; of a trace without one, a task is told by its records.
 * Who reads puts the rows of a trace together: the first beginning, the worst end, the sum of the counts.
 */
import * as key from '../../model/semconv.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import type { Signal } from '../../model/signal.ts'
import { quote } from './schema.ts'
import type { AttributeColumn } from './store.ts'
import { attributeValue } from './views.ts'

/** Of two rows of one request the larger counts. Null: it has not ended. */
const OUTCOME = { ok: 0, clientError: 1, error: 2, aborted: 3 } as const

const listOf = (events: readonly string[]): string => events.map(quote).join(', ')
const IS_SERVED = `l.event IN (${listOf(key.SERVED_EVENTS)})`
const IS_TASK = `l.event IN (${listOf([key.EVENT_TASK_START, key.EVENT_TASK_END])})`
const IS_SERVING_SPAN = `l.kind IN (${SPAN_KIND.server}, ${SPAN_KIND.consumer})`

export interface IndexedTable {
  /** With its database. */
  readonly table: string
  /** In memory: the end of a span is a time there, in the file it is how long the span took. */
  readonly isHot: boolean
  readonly columns: readonly AttributeColumn[]
}

/** `INSERT` of the index's rows of a table. */
export function indexStatement(signal: Signal, source: IndexedTable): string {
  const [last, counts] =
    signal === 'logs'
      ? ['max(l.t)', `count(*) AS logs, 0 AS spans, count(*) FILTER (l.sev >= 17) AS errors`]
      : [
          `max(${source.isHot ? 'l.took' : 'l.t + l.took'})`,
          `0 AS logs, count(*) AS spans, count(*) FILTER (l.status = 2) AS errors`,
        ]
  return `INSERT INTO store.trace_index
    WITH root AS (SELECT trace, arg_min(s, (s.rank, s.began, s.n)) AS r FROM (${servedRows(signal, source)}) s GROUP BY trace),
    whole AS (SELECT l.trace AS trace, min(l.t) AS first, ${last} AS last, ${counts}
      FROM ${source.table} l WHERE l.trace IS NOT NULL GROUP BY l.trace)
    SELECT whole.trace, first, last, r.began, r.took, r.span, r.res, r.method, r.path, r.route, r.status, r.outcome, r.error_type,
      r.cache, logs, spans, errors
    FROM whole LEFT JOIN root ON root.trace = whole.trace ORDER BY coalesce(r.began, first)`
}

/**
 * `CREATE VIEW request_times`: when requests began, and tasks, in several rows of a trace. Memory comes first: see reader-pool.ts.
 */
export function requestTimesView(columns: Readonly<Record<Signal, readonly AttributeColumn[]>>): string {
  const hot = (['logs', 'spans'] as const).flatMap((signal) =>
    [0, 1].map((i) => {
      const table = `live.${signal === 'logs' ? 'log' : 'span'}_hot_${i}`
      return `SELECT trace, began AS t FROM (${servedRows(signal, { table, isHot: true, columns: columns[signal] })})`
    }),
  )
  return `CREATE OR REPLACE VIEW live.request_times AS ${hot.join(' UNION ALL ')}
    UNION ALL SELECT trace, root_t FROM store.trace_index WHERE root_t IS NOT NULL`
}

function servedRows(signal: Signal, { table, isHot, columns }: IndexedTable): string {
  const value = (name: string): string => attributeValue(columns, name)
  const status = `try_cast(${value(key.ATTR_HTTP_RESPONSE_STATUS_CODE)} AS INTEGER)`
  const isLogs = signal === 'logs'
  const took = isLogs ? tookOfLog(value) : isHot ? 'l.took - l.t' : 'l.took'
  const began = isLogs ? `l.t - coalesce(${took}, 0)` : 'l.t'
  return `SELECT l.trace, l.n, l.span, l.res, ${began} AS began, ${took} AS took,
    ${isLogs ? `CASE WHEN ${IS_SERVED} THEN 0 ELSE 1 END` : '0'} AS rank,
    ${value(key.ATTR_HTTP_REQUEST_METHOD)}::VARCHAR AS method, ${value(key.ATTR_URL_PATH)}::VARCHAR AS path,
    ${value(key.ATTR_HTTP_ROUTE)}::VARCHAR AS route, ${status} AS status, ${outcomeOf(signal, status, value)} AS outcome,
    ${value(key.ATTR_ERROR_TYPE)}::VARCHAR AS error_type, try_cast(${value(key.ATTR_CACHE_HIT)} AS BOOLEAN) AS cache
    FROM ${table} l WHERE l.trace IS NOT NULL AND (${isLogs ? `${IS_SERVED} OR ${IS_TASK}` : IS_SERVING_SPAN})`
}

/** Both are written at the end, and say how long it took. */
function tookOfLog(value: (name: string) => string): string {
  const millis = (name: string): string => `try_cast(${value(name)} AS DOUBLE)`
  const told = `CASE WHEN l.event = ${quote(key.EVENT_TASK_END)} THEN ${millis(key.ATTR_ELAPSED_MS)}
    WHEN ${IS_SERVED} THEN ${millis(key.ATTR_RESPONSE_TIME_MS)} END`
  return `CASE WHEN (${told}) BETWEEN 0 AND 1e12 THEN ((${told}) * 1e6)::BIGINT END`
}

/** As tree/summary.ts has it. */
function outcomeOf(signal: Signal, status: string, value: (name: string) => string): string {
  const isAborted = `${value(key.ATTR_ABORTED)}::VARCHAR = 'true'`
  const ofTask = `CASE ${value(key.ATTR_TASK_STATUS)}::VARCHAR WHEN 'failed' THEN ${OUTCOME.error} WHEN 'cancelled' THEN ${OUTCOME.aborted}
    WHEN 'succeeded' THEN ${OUTCOME.ok} END`
  const ofRequest = `CASE WHEN ${isAborted} THEN ${OUTCOME.aborted}
    WHEN ${status} >= 500 ${signal === 'spans' ? 'OR l.status = 2' : ''} THEN ${OUTCOME.error}
    WHEN ${status} >= 400 THEN ${OUTCOME.clientError} ELSE ${OUTCOME.ok} END`
  return signal === 'spans' ? ofRequest : `CASE WHEN ${IS_SERVED} THEN ${ofRequest} ELSE ${ofTask} END`
}
