/**
 * Who has sent anything: services with their instances, times and counts.
 */
import type { ServiceRow } from '../../model/api.ts'
import { formatTimestamp } from '../../model/time.ts'
import { sqlText } from './rows/sql-text.ts'
import type { Store } from '../store/store.ts'

const SERVICES = `WITH parts AS (
    SELECT res, min(t) AS first, max(t) AS last, count(*) AS logs, 0 AS spans, count(*) FILTER (sev >= 17) AS errors
    FROM log_rows GROUP BY res
    UNION ALL
    SELECT res, min(t), max(t + took), 0, count(*), count(*) FILTER (status = 2) FROM span_rows GROUP BY res)
  SELECT r.service, count(DISTINCT r.instance), min(first), max(last), sum(logs)::BIGINT, sum(spans)::BIGINT, sum(errors)::BIGINT, s.id
  FROM parts JOIN resources r ON r.id = parts.res LEFT JOIN services s ON s.name = r.service
  GROUP BY r.service, s.id ORDER BY r.service`
/** Colours that services are told apart by. */
const LANES = 12

export async function listServices(store: Store): Promise<ServiceRow[]> {
  const { rows } = await store.read(SERVICES)
  return rows.map(([name, instances, first, last, logs, spans, errors, number]) => ({
    name: sqlText(name),
    instances: Number(instances),
    first_at: formatTimestamp(first as bigint),
    last_at: formatTimestamp(last as bigint),
    logs: Number(logs),
    spans: Number(spans),
    errors: Number(errors),
    ...(number === null ? {} : { lane: Number(number) % LANES }),
  }))
}
