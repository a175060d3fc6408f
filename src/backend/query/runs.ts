/**
 * Which runs there were: what one `tracelog run` started, else one process; each with its services, counts and times. The newest first.
 */
import type { RunRow } from '../../model/api.ts'
import { ATTR_RUN_DIRTY, ATTR_RUN_NAME, ATTR_VCS_REVISION } from '../../model/semconv.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { Store } from '../store/store.ts'
import { attributePath } from './rows/attribute-path.ts'
import { sqlText } from './rows/sql-text.ts'
import { RUN_IDS, RUN_OF_RESOURCE } from './run-resources.ts'
import { SERVING_LOGS, SERVING_SPANS } from './trace-rows.ts'

export const DEFAULT_RUNS = 20
export const MAX_RUNS = 200

/** @param only  ids; default: all of them */
export async function listRuns(store: Store, limit: number, only?: readonly string[]): Promise<RunRow[]> {
  const { rows } = await store.read(runsSql(limit, only?.length), only ?? [])
  return rows.map(([id, name, revision, isDirty, services, first, last, logs, requests, errors]) => ({
    id: sqlText(id),
    name: sqlText(name) || (services as readonly unknown[]).map((service) => String(service)).join(', '),
    ...(sqlText(revision) === '' ? {} : { revision: sqlText(revision) }),
    ...(sqlText(isDirty) === 'true' ? { dirty: true } : {}),
    started_at: formatTimestamp(first as bigint),
    ended_at: formatTimestamp(last as bigint),
    services: (services as readonly unknown[]).map((service) => String(service)),
    logs: Number(logs),
    requests: Number(requests),
    errors: Number(errors),
  }))
}

/** The run that a name or the beginning of an id means. @returns undefined: none */
export async function findRun(store: Store, name: string): Promise<RunRow | undefined> {
  const place = name === 'last' ? 0 : name === 'prev' ? 1 : undefined
  const where = place === undefined ? `WHERE starts_with(lower(id), ?) LIMIT 1` : `LIMIT 1 OFFSET ${place}`
  const { rows } = await store.read(
    `SELECT id FROM (${RUN_IDS}) ${where}`,
    place === undefined ? [name.toLowerCase()] : [],
  )
  const [id] = rows[0] ?? []
  if (id === undefined) return undefined
  const [run] = await listRuns(store, 1, [sqlText(id)])
  return run
}

function textOf(key: string): string {
  return `attributes ->> ${attributePath(key)}`
}

/** Of each run. */
function partOf(table: string, columns: string): string {
  return `SELECT run, ${columns} FROM ${table} JOIN named ON named.res = ${table}.res GROUP BY run`
}

/** Requests of a run: traces in which it served one. */
function runsSql(limit: number, only: number | undefined): string {
  const ids = only === undefined ? '' : `WHERE id IN (${Array.from({ length: only }, () => '?').join(', ')})`
  return `WITH wanted AS MATERIALIZED (SELECT id, first FROM (${RUN_IDS}) ${ids} ORDER BY first DESC LIMIT ${limit}),
    named AS MATERIALIZED (SELECT r.id AS res, w.id AS run FROM resources r JOIN wanted w ON w.id = ${RUN_OF_RESOURCE}),
    described AS (SELECT named.run, max(${textOf(ATTR_RUN_NAME)}) AS name, max(${textOf(ATTR_VCS_REVISION)}) AS revision,
        max(${textOf(ATTR_RUN_DIRTY)}) AS dirty, list_sort(list_distinct(list(service))) AS services
      FROM named JOIN resources r ON r.id = named.res GROUP BY named.run),
    counted AS (
      ${partOf('log_rows', 'min(t) AS first, max(t) AS last, count(*) AS logs, count(*) FILTER (sev >= 17) AS errors')}
      UNION ALL
      ${partOf('span_rows', 'min(t), max(t + took), 0, count(*) FILTER (status = 2)')}),
    summed AS (SELECT run, min(first) AS first, max(last) AS last, sum(logs)::BIGINT AS logs, sum(errors)::BIGINT AS errors
      FROM counted GROUP BY run),
    served AS (SELECT run, count(DISTINCT trace) AS requests FROM (
        SELECT run, trace FROM log_rows JOIN named ON named.res = log_rows.res WHERE ${SERVING_LOGS}
        UNION ALL SELECT run, trace FROM span_rows JOIN named ON named.res = span_rows.res WHERE ${SERVING_SPANS}) GROUP BY run)
    SELECT wanted.id, name, revision, dirty, services, summed.first, summed.last, logs, coalesce(requests, 0), errors
    FROM wanted JOIN described ON described.run = wanted.id JOIN summed ON summed.run = wanted.id
      LEFT JOIN served ON served.run = wanted.id
    ORDER BY wanted.first DESC`
}
