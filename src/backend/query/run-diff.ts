/**
 * What differs between two runs: kinds of messages that are new or gone, routes whose median moved, errors that are new.
 */
import type { ErrorRow, RunDiff, RunPattern, RunRoute, RunRow } from '../../model/api.ts'
import { patternText } from '../../model/pattern.ts'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_ROUTE, ATTR_SERVICE_NAME, ATTR_URL_PATH } from '../../model/semconv.ts'
import type { Subject } from '../../query-text/expression.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { runDiffSentence } from '../../tree/run-diff-sentence.ts'
import { movedBy } from '../../tree/moved-time.ts'
import type { Store } from '../store/store.ts'
import { countedRows } from './counted-rows.ts'
import { errors } from './errors.ts'
import { LOG_LEVEL } from './filters/value.ts'
import { quoted } from './named-runs.ts'
import { MAX_PATTERNS, readByNumber } from './pattern-groups.ts'
import { sqlText } from './rows/sql-text.ts'
import { RUN_OF_RESOURCE } from './run-resources.ts'

/** Of each list. */
const LISTED = 100
/** Fewer requests have no median that says anything. */
const FEWEST = 3
/** For each question. Milliseconds. */
const BUDGET_MILLIS = 5_000

export async function runDiff(store: Store, a: RunRow, b: RunRow): Promise<RunDiff> {
  const [patterns, routes, found] = await Promise.all([
    changedPatterns(store, a, b),
    movedRoutes(store, a, b),
    newErrors(store, a, b),
  ])
  const diff = { a, b, patterns, routes, errors: found }
  return { ...diff, sentence: runDiffSentence(diff) }
}

async function changedPatterns(store: Store, a: RunRow, b: RunRow): Promise<RunPattern[]> {
  const { rows } = await store.read(
    `WITH named AS MATERIALIZED (SELECT id AS res, ${RUN_OF_RESOURCE} = ? AS is_a, ${RUN_OF_RESOURCE} = ? AS is_b FROM resources WHERE ${RUN_OF_RESOURCE} IN (?, ?)),
      counted AS (SELECT pattern, count(*) FILTER (is_a) AS before, count(*) FILTER (is_b) AS after, max(n) AS newest,
        max(sev) AS worst FROM log_rows JOIN named ON named.res = log_rows.res WHERE pattern IS NOT NULL GROUP BY pattern)
      SELECT pattern, before, after, newest FROM counted WHERE before = 0 OR after = 0
      ORDER BY worst DESC, before + after DESC, pattern LIMIT ${LISTED}`,
    [a.id, b.id, a.id, b.id],
  )
  const examples = await readByNumber(
    store,
    rows.map(([, , , newest]) => newest as bigint),
    ['coalesce(body, event)', LOG_LEVEL, '(SELECT service FROM resources WHERE id = res)'],
  )
  return rows.map(([pattern, before, after, newest]) => {
    const [example, level, service] = examples.get(newest as bigint) ?? []
    return {
      change: Number(before) === 0 ? 'added' : 'gone',
      pattern: patternText(Number(pattern)),
      example: sqlText(example),
      level: sqlText(level),
      service: sqlText(service),
      count: Number(before) + Number(after),
    }
  })
}

const SUBJECTS: readonly Subject[] = [
  { kind: 'resource', attribute: ATTR_SERVICE_NAME },
  { kind: 'attribute', attribute: ATTR_HTTP_REQUEST_METHOD },
  { kind: 'attribute', attribute: ATTR_HTTP_ROUTE },
  { kind: 'attribute', attribute: ATTR_URL_PATH },
  { kind: 'duration' },
]

interface Median {
  readonly count: number
  readonly millis: number
}

async function movedRoutes(store: Store, a: RunRow, b: RunRow): Promise<RunRoute[]> {
  const [before, after] = await Promise.all([mediansOf(store, a), mediansOf(store, b)])
  const moved = [...after].flatMap(([key, { count, millis }]): RunRoute[] => {
    const was = before.get(key)
    const change = was === undefined ? undefined : movedBy(was.millis, millis)
    if (was === undefined || change === undefined || Math.min(count, was.count) < FEWEST) return []
    const [service = '', route = ''] = JSON.parse(key) as string[]
    return [{ change, service, route, before_ms: was.millis, after_ms: millis, before: was.count, after: count }]
  })
  return moved
    .toSorted((one, other) => Math.abs(other.after_ms - other.before_ms) - Math.abs(one.after_ms - one.before_ms))
    .slice(0, LISTED)
}

async function mediansOf(store: Store, { id, started_at: from, ended_at: to }: RunRow): Promise<Map<string, Median>> {
  const requests = countedRows(store, {
    of: 'requests',
    expression: parseQueryText(`run:${quoted(id)}`),
    range: { from: BigInt(Date.parse(from)) * 1_000_000n, to: (BigInt(Date.parse(to)) + 1n) * 1_000_000n },
    subjects: SUBJECTS,
    nowMillis: Date.now(),
  })
  const { rows } = await store.read(
    `SELECT v0, trim(concat_ws(' ', v1, coalesce(v2, v3))) AS route, count(*), median(try_cast(v4 AS DOUBLE))
     FROM (${requests.sql}) WHERE v4 IS NOT NULL GROUP BY 1, 2`,
    requests.parameters,
  )
  return new Map(
    rows.map(([service, route, count, median]) => [
      JSON.stringify([sqlText(service), sqlText(route)]),
      { count: Number(count), millis: Math.round(Number(median) * 1_000) / 1_000 },
    ]),
  )
}

async function newErrors(store: Store, a: RunRow, b: RunRow): Promise<ErrorRow[]> {
  const of = async ({ id }: RunRow): Promise<readonly ErrorRow[]> =>
    (await errors(store, { q: `run:${quoted(id)}`, limit: MAX_PATTERNS, budgetMillis: BUDGET_MILLIS })).errors
  const [before, after] = await Promise.all([of(a), of(b)])
  const known = new Set(before.map(({ key }) => key))
  return after.filter(({ key }) => !known.has(key)).slice(0, LISTED)
}
