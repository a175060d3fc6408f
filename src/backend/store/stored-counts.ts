/**
 * How much is stored, and from when to when? Answered from DuckDB's own statistics as far as they go.
 */
import type { ReaderPool } from './reader-pool.ts'
import type { StoreStats } from './store.ts'

type Counts = Pick<StoreStats, 'logs' | 'spans' | 'traces' | 'oldestUnixNano' | 'newestUnixNano'>

const COUNTS = `SELECT
  (SELECT count(*) FROM log_rows), (SELECT count(*) FROM span_rows),
  (SELECT approx_count_distinct(trace) FROM
    (SELECT trace FROM log_rows WHERE trace IS NOT NULL UNION ALL SELECT trace FROM span_rows WHERE trace IS NOT NULL)),
  least((SELECT min(t) FROM log_rows), (SELECT min(t) FROM span_rows)),
  greatest((SELECT max(t) FROM log_rows), (SELECT max(t + took) FROM span_rows))`

export async function countStored(pool: ReaderPool): Promise<Counts> {
  const { rows } = await pool.read(COUNTS)
  const [logs, spans, traces, oldest, newest] = rows[0] ?? []
  return {
    logs: Number(logs ?? 0),
    spans: Number(spans ?? 0),
    traces: Number(traces ?? 0),
    oldestUnixNano: typeof oldest === 'bigint' ? oldest : undefined,
    newestUnixNano: typeof newest === 'bigint' ? newest : undefined,
  }
}
