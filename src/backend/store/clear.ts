/**
 * Forgets what happened before a time: records, spans, and what was counted of them. Pins stay, and a tombstone says what is gone.
 *
 * Of the file alone: whoever calls has rolled what is in memory, and no roll is running.
 */
import type { Cleared } from '../../model/api.ts'
import { SIGNALS, tableStem } from './schema.ts'
import type { SerialConnection } from './serial-connection.ts'
import { countMinutes } from './views.ts'

const MINUTE = 60_000_000_000n
const NANOS_PER_MILLI = 1_000_000n

/** @param before  nanoseconds since the epoch */
export async function clearBefore(connection: SerialConnection, before: bigint): Promise<Cleared> {
  const [[logs, spans, traces] = []] = await connection.query(
    `SELECT (SELECT count(*) FROM store.log_cold WHERE t < ${before}), (SELECT count(*) FROM store.span_cold WHERE t < ${before}),
      (SELECT count(DISTINCT trace) FROM store.trace_index WHERE first < ${before})`,
  )
  const cleared = { logs: Number(logs), spans: Number(spans), traces: Number(traces) }
  await connection.run(...statements(before, cleared))
  return cleared
}

/** In one transaction: a reader sees all of it or nothing. */
function statements(before: bigint, { logs, spans, traces }: Cleared): string[] {
  const minute = before >= 0n ? before / MINUTE : -1n
  const left = SIGNALS.map((signal) => `SELECT trace FROM store.${tableStem(signal)}_cold WHERE trace IS NOT NULL`)
  return [
    ...SIGNALS.map((signal) => `DELETE FROM store.${tableStem(signal)}_cold WHERE t < ${before}`),
    `DELETE FROM store.trace_index WHERE last < ${before}
      OR (first < ${before} AND trace NOT IN (${left.join(' UNION ALL ')}))`,
    `UPDATE store.trace_index SET first = ${before}, root_t = CASE WHEN root_t < ${before} THEN ${before} ELSE root_t END
      WHERE first < ${before}`,
    // The minute in which the time lies is counted anew.
    `DELETE FROM store.log_minute WHERE m <= ${minute}`,
    countMinutes(`(SELECT * FROM store.log_cold WHERE t < ${(minute + 1n) * MINUTE})`),
    `INSERT INTO store.tombstone VALUES (${before}, ${BigInt(Date.now()) * NANOS_PER_MILLI}, 'cleared', ${traces}, ${logs}, ${spans})`,
  ]
}
