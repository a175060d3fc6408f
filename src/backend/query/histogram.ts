/**
 * How many per step of time: records or requests, by level, service or outcome.
 */
import type { Histogram } from '../../model/api.ts'
import { ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import { floorTo, type Steps, stepsFor, stepsOf } from '../../model/time-step.ts'
import { formatTimestamp } from '../../model/time.ts'
import { usage } from '../../query-text/page-limit.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import type { Subject } from '../../query-text/expression.ts'
import type { SqlValue, Store } from '../store/store.ts'
import { type CountedQuery, countedRange, type CountRequest, DEFAULT_BUDGET_MILLIS } from './count-request.ts'
import { type CountedRows, countedRows } from './counted-rows.ts'
import { tracesOf } from './filters/traces-of.ts'
import { hintsOf } from './key-hints.ts'
import { minuteCounts, type MinutesQuestion } from './minute-counts.ts'
import { type CoveredPart, newestFirst } from './newest-first.ts'
import { sqlText } from './rows/sql-text.ts'
import type { TimeRange } from './time-range.ts'

export interface HistogramRequest extends CountRequest {
  /** 1 to 500; default 120. */
  readonly buckets?: number
  /** The step of an answer that this one is added to; a step of model/time-step.ts. Milliseconds. */
  readonly stepMillis?: number
  /** Default: level, of requests outcome. */
  readonly by?: 'level' | 'service' | 'outcome'
}

export const DEFAULT_BUCKETS = 120
export const MAX_BUCKETS = 500
/** Series that are told apart; the rest is in `other`. */
const MAX_SERIES = 20
const OTHER = 'other'
const NANOS_PER_MILLI = 1_000_000n

const SUBJECTS: Readonly<Record<NonNullable<HistogramRequest['by']>, Subject | 'outcome'>> = {
  level: { kind: 'level' },
  service: { kind: 'resource', attribute: ATTR_SERVICE_NAME },
  outcome: 'outcome',
}

/** @throws QuerySyntaxError; TRACELOG_USAGE for outcomes of records, and steps that would be too many */
export async function histogram(store: Store, request: HistogramRequest): Promise<Histogram> {
  const { q, of = 'logs', by = of === 'logs' ? 'level' : 'outcome', budgetMillis = DEFAULT_BUDGET_MILLIS } = request
  if (of === 'logs' && by === 'outcome') throw usage('by is "outcome", but must be level or service with of=logs')
  const nowMillis = Date.now()
  const expression = parseQueryText(q ?? '')
  const traces = expression === undefined ? undefined : tracesOf(expression)
  const query: CountedQuery = { request, expression, traces, nowMillis }
  const [range, hints] = await Promise.all([countedRange(store, query), hintsOf(store, expression)])
  if (range === undefined) return { ...nothingFrom(request, nowMillis), ...hints }
  const steps = stepsOfRequest(range, request)
  const asked = { of, expression, range, subject: SUBJECTS[by], nowMillis }
  const ofMinutes = minuteCounts(store, { ...asked, stepMillis: steps.stepMillis })
  const covered =
    ofMinutes === undefined
      ? await countRows(store, asked, { steps, budgetMillis })
      : { answer: await perStep(store, { ...ofMinutes, count: 'sum(c)' }, steps), from: range.from, isComplete: true }
  const step = stepNanos(steps)
  return {
    from: formatTimestamp(steps.from),
    to: formatTimestamp(steps.from + step * BigInt(steps.count)),
    step_ms: steps.stepMillis,
    series: seriesOf(covered.answer, steps.count),
    complete: covered.isComplete,
    covered_from: formatTimestamp(floorTo(covered.from, step)),
    ...hints,
  }
}

type Asked = Omit<MinutesQuestion, 'stepMillis'>
type Rows = readonly (readonly SqlValue[])[]

async function countRows(
  store: Store,
  { of, expression, range, subject, nowMillis }: Asked,
  { steps, budgetMillis }: { readonly steps: Steps; readonly budgetMillis: number },
): Promise<CoveredPart<Rows>> {
  const align = (time: bigint): bigint => floorTo(time, stepNanos(steps))
  return await newestFirst(store, { range, budgetMillis, align }, async (part, timeoutMillis) => {
    const rows = countedRows(store, { of, expression, range: part, subjects: [subject], nowMillis })
    return await perStep(store, { ...rows, count: 'count(*)' }, steps, timeoutMillis)
  })
}

function stepsOfRequest(range: TimeRange, { buckets = DEFAULT_BUCKETS, stepMillis }: HistogramRequest): Steps {
  if (stepMillis === undefined) return stepsFor(range, buckets)
  const steps = stepsOf(range, stepMillis)
  if (steps.count <= MAX_BUCKETS) return steps
  throw usage(`step_ms is ${stepMillis}, but must be long enough for at most ${MAX_BUCKETS} steps (${steps.count} now)`)
}

function stepNanos({ stepMillis }: Steps): bigint {
  return BigInt(stepMillis) * NANOS_PER_MILLI
}

/** @param rows  of `t`, `v0` and what `count` is made of */
async function perStep(
  store: Store,
  { sql, parameters, count }: CountedRows & { readonly count: string },
  steps: Steps,
  timeoutMillis?: number,
): Promise<Rows> {
  const { rows } = await store.read(
    `WITH counted AS MATERIALIZED (
       SELECT (t - ${steps.from}) // ${stepNanos(steps)} AS bucket, coalesce(v0, '') AS name, ${count} AS c FROM (${sql}) GROUP BY ALL),
     named AS (SELECT name FROM counted GROUP BY name ORDER BY sum(c) DESC, name LIMIT ${MAX_SERIES})
     SELECT bucket, CASE WHEN name IN (SELECT name FROM named) THEN name ELSE '${OTHER}' END AS shown, sum(c)::BIGINT
     FROM counted GROUP BY ALL ORDER BY shown, bucket`,
    parameters,
    timeoutMillis === undefined ? {} : { timeoutMillis },
  )
  return rows
}

function seriesOf(rows: Rows, count: number): Record<string, number[]> {
  const series = new Map<string, number[]>()
  for (const [bucket, name, counted] of rows) {
    const key = sqlText(name)
    const numbers = series.get(key) ?? Array.from({ length: count }, () => 0)
    series.set(key, numbers)
    const at = Number(bucket)
    numbers[at] = (numbers[at] ?? 0) + Number(counted)
  }
  return Object.fromEntries(series)
}

function nothingFrom({ sinceUnixNano, untilUnixNano }: CountRequest, nowMillis: number): Histogram {
  const to = formatTimestamp(untilUnixNano ?? BigInt(nowMillis) * NANOS_PER_MILLI)
  const from = sinceUnixNano === undefined ? to : formatTimestamp(sinceUnixNano)
  return { from, to, step_ms: 1, series: {}, complete: true, covered_from: from }
}
