/**
 * One request as one line, and as a row with a rank: `4bf92f35  14:32:06.981  GET /api/cart → 500  41.2 ms  lb web cache  TypeError: …`.
 */
import type { RequestRow } from '../model/api.ts'
import { visibleLine } from '../model/visible-text.ts'
import { requestError } from '../sources/route-figures.ts'
import { clockTimeOfDay } from '../tree/text/clock-time.ts'
import type { RankedRow } from '../tree/text/fit-rows.ts'

/** Services that are named. */
const MAX_SERVICES = 6

export function requestLine(row: RequestRow, now: number): string {
  const error = requestError(row)
  const parts = [
    row.trace_id.slice(0, 8),
    clockTimeOfDay(row.started_at, new Date(now)),
    `${titleOf(row)} → ${row.status ?? row.outcome}${row.outcome === 'aborted' ? ' (aborted)' : ''}`,
    row.duration_ms === null ? 'running' : `${row.duration_ms.toFixed(1)} ms`,
    servicesText(row.services),
    error === row.status?.toString() ? '' : error,
  ]
  return visibleLine(parts.filter((part) => part !== '').join('  '))
}

/** `GET /api/cart/:id`, the route where it is known: requests of one kind read alike. */
export function titleOf({ method = '', route, path }: RequestRow): string {
  const target = path ?? route ?? ''
  return `${method} ${target}`.trim() || 'a request'
}

function servicesText(services: readonly string[]): string {
  const named = services.slice(0, MAX_SERVICES).join(' > ')
  return services.length > MAX_SERVICES ? `${named} > +${services.length - MAX_SERVICES}` : named
}

export function rankedRequest(row: RequestRow, now: number): RankedRow {
  const rank = { error: 0, client_error: 1, aborted: 1, running: 2, ok: 3 }[row.outcome]
  return {
    rank,
    text: requestLine(row, now),
    noun: row.outcome === 'error' ? 'failed request' : `${row.outcome.replace('_', ' ')} request`,
    tookMillis: row.duration_ms ?? undefined,
  }
}
