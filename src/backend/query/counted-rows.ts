/**
 * What is counted, as SQL: one row per record that matches, or one row per request, with the values of some fields as v0, v1 …
 *
 * A request is a trace with a completion record or a SERVER or CONSUMER span, or one that still runs; it is of the time when its
 * trace began. Its values are those of its entry: the span that served first.
 */
import {
  ATTR_ABORTED,
  ATTR_TASK_STATUS,
  EVENT_TASK_END,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_RESPONSE_TIME_MS,
  ATTR_SEQ,
} from '../../model/semconv.ts'
import type { Signal } from '../../model/signal.ts'
import type { Expression, Subject } from '../../query-text/expression.ts'
import type { SqlParameter, Store } from '../store/store.ts'
import type { Counted } from './count-request.ts'
import { compileExpression } from './filters/compile.ts'
import type { FilterContext } from './filters/filter.ts'
import { valueOf } from './filters/value.ts'
import { tableOf } from './known-keys.ts'
import { rangeCondition, type TimeRange } from './time-range.ts'
import { RUNNING_NANOS, SERVING_LOGS, SERVING_SPANS, TASK_LOGS } from './trace-rows.ts'

export interface CountedRows {
  readonly sql: string
  readonly parameters: readonly SqlParameter[]
}

export interface RowsQuestion {
  readonly of: Counted
  readonly expression: Expression | undefined
  readonly range: TimeRange
  /** `outcome`: how the request ended, only of requests. */
  readonly subjects: readonly (Subject | 'outcome')[]
  readonly nowMillis: number
}

/** A SELECT of `t` (nanoseconds since the epoch) and the values. */
export function countedRows(store: Store, question: RowsQuestion): CountedRows {
  return question.of === 'logs' ? recordRows(store, question) : requestRows(store, question)
}

function recordRows(store: Store, { expression, range, subjects, nowMillis }: RowsQuestion): CountedRows {
  const context = contextOf(store, 'logs', nowMillis)
  const { sql, parameters } = compileExpression(expression, nowMillis).condition(context)
  const values = subjects.map(
    (subject, i) => `, ${subject === 'outcome' ? 'NULL' : valueOf(subject, context)} AS v${i}`,
  )
  return { sql: `SELECT t${values.join('')} FROM log_rows WHERE ${rangeCondition(range)} AND ${sql}`, parameters }
}

function requestRows(store: Store, question: RowsQuestion): CountedRows {
  const { expression, range, subjects, nowMillis } = question
  const parameters: SqlParameter[] = []
  const matching = (['logs', 'spans'] as const).map((signal) => {
    const condition = compileExpression(expression, nowMillis).condition(contextOf(store, signal, nowMillis))
    parameters.push(...condition.parameters)
    // No row of a trace is before the trace begins.
    return `SELECT trace FROM ${tableOf(signal)} WHERE t >= ${range.from} AND ${condition.sql}`
  })
  const isAll = expression === undefined
  const values = subjects.map((subject, i) =>
    subject === 'outcome' ? `${OUTCOME} AS v${i}` : `arg_min(v${i}, (rank, began, source)) AS v${i}`,
  )
  const sql = `WITH begun AS MATERIALIZED (
      SELECT trace, min(first) AS t FROM trace_times GROUP BY trace HAVING min(first) BETWEEN ${range.from} AND ${range.to}),
    wanted AS MATERIALIZED (SELECT trace, t FROM begun ${isAll ? '' : `WHERE trace IN (${matching.join(' UNION ALL ')})`}),
    served AS MATERIALIZED (${(['logs', 'spans'] as const).map((signal) => servingRows(store, signal, question)).join(' UNION ALL ')}),
    entry AS (SELECT trace, min(rank) AS rank, arg_min(span, (rank, began, source, n)) AS span FROM served GROUP BY trace)
    SELECT any_value(wanted.t) AS t${values.map((value) => `, ${value}`).join('')}
    FROM served JOIN entry USING (trace, span, rank) JOIN wanted USING (trace) GROUP BY trace`
  return { sql, parameters: isAll ? [] : parameters }
}

/** As tree/summary.ts has it, of the rows of the entry alone. */
const OUTCOME = `CASE WHEN min(rank) = 2 OR (min(rank) = 1 AND NOT bool_or(ended)) THEN 'running' WHEN bool_or(coalesce(aborted, false)) THEN 'aborted'
  WHEN coalesce(max(code), 0) >= 500 OR bool_or(failed) THEN 'error'
  WHEN coalesce(max(code), 0) >= 400 THEN 'client_error' ELSE 'ok' END`

/** Rank 0: the end of a request; 1: a task without one; 2: a line of one of which no end was seen. */
function servingRows(store: Store, signal: Signal, { range, subjects, nowMillis }: RowsQuestion): string {
  const context = contextOf(store, signal, nowMillis)
  const text = (key: string): string => valueOf({ kind: 'attribute', attribute: key }, context)
  const isLogs = signal === 'logs'
  const running = `(span <> 0 AND t >= ${BigInt(nowMillis) * 1_000_000n - RUNNING_NANOS} AND ${text(ATTR_SEQ)} IS NOT NULL)`
  const took = `try_cast(${text(ATTR_RESPONSE_TIME_MS)} AS DOUBLE)`
  const columns = [
    'trace, span, n',
    `${isLogs ? 1 : 0} AS source`,
    // A completion record is written at the end.
    `${isLogs ? `t - coalesce(CASE WHEN ${SERVING_LOGS} AND ${took} BETWEEN 0 AND 1e12 THEN ${took} * 1e6 END, 0)::BIGINT` : 't'} AS began`,
    `${isLogs ? `CASE WHEN ${SERVING_LOGS} THEN 0 WHEN ${TASK_LOGS} THEN 1 ELSE 2 END` : '0'} AS rank`,
    `${isLogs ? `event = '${EVENT_TASK_END}'` : 'true'} AS ended`,
    `(coalesce(${text(ATTR_ABORTED)} = 'true', false) OR coalesce(${text(ATTR_TASK_STATUS)} = 'cancelled', false)) AS aborted`,
    `try_cast(${text(ATTR_HTTP_RESPONSE_STATUS_CODE)} AS BIGINT) AS code`,
    `${isLogs ? `coalesce(${text(ATTR_TASK_STATUS)} = 'failed', false)` : 'status = 2'} AS failed`,
    ...subjects.flatMap((subject, i) => (subject === 'outcome' ? [] : [`${valueOf(subject, context)} AS v${i}`])),
  ]
  return `SELECT ${columns.join(', ')} FROM ${tableOf(signal)} WHERE t >= ${range.from} AND trace IN (SELECT trace FROM wanted)
    AND (${isLogs ? `${SERVING_LOGS} OR ${TASK_LOGS} OR ${running}` : SERVING_SPANS})`
}

function contextOf(store: Store, signal: Signal, nowMillis: number): FilterContext {
  return { signal, columns: store.columns(signal), nowMillis }
}
