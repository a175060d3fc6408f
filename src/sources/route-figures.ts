/**
 * Requests -> one row per service and route: how many, how fast, how many failed. For `tracelog top` and what agents see first.
 */
import type { RequestRow } from '../model/api.ts'
import { withCauses } from '../model/row-words.ts'

/** Of one service, method and route. */
export interface RouteFigures {
  /** Who took the request in. */
  readonly service: string
  /** `GET /api/cart/:id`; the path where no route is known. */
  readonly route: string
  readonly requests: number
  readonly per_second: number
  readonly errors: number
  /** Milliseconds; null: none of them has ended. */
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  readonly newest_error?: { readonly trace_id: string; readonly started_at: string; readonly text: string }
}

/** @param requests  newest first. @param seconds  in which they came. @returns the most frequent first */
export function routeFigures(requests: readonly RequestRow[], seconds: number): RouteFigures[] {
  const groups = Map.groupBy(requests, (row) => JSON.stringify([row.services[0] ?? '', routeOf(row)]))
  return [...groups.values()]
    .map((rows) => figuresOf(rows, seconds))
    .toSorted((a, b) => b.requests - a.requests || (a.route < b.route ? -1 : 1))
}

function figuresOf(rows: readonly RequestRow[], seconds: number): RouteFigures {
  const [first] = rows as readonly [RequestRow]
  const took = rows.flatMap(({ duration_ms: millis }) => (millis === null ? [] : [millis])).toSorted((a, b) => a - b)
  const failed = rows.filter(({ outcome }) => outcome === 'error')
  const [newest] = failed
  return {
    service: first.services[0] ?? '',
    route: routeOf(first),
    requests: rows.length,
    per_second: rows.length / Math.max(1, seconds),
    errors: failed.length,
    p50_ms: quantile(took, 0.5),
    p95_ms: quantile(took, 0.95),
    ...(newest === undefined
      ? {}
      : { newest_error: { trace_id: newest.trace_id, started_at: newest.started_at, text: requestError(newest) } }),
  }
}

function routeOf({ method = '', route, path }: RequestRow): string {
  return `${method} ${route ?? path ?? ''}`.trim() || 'a request'
}

/** `TypeError: cart is undefined`; the status where that is all that is known. */
export function requestError({ error_type: type = '', error_message: message = '', status }: RequestRow): string {
  if (type === '' && message === '') return status === undefined ? '' : String(status)
  return type === '' || message.startsWith(type) ? message : withCauses(message === '' ? type : `${type}: ${message}`)
}

/** @param sorted  ascending */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
