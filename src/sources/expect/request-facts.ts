/**
 * What is known of one request, as a row that a query can be held against: the request itself, and what its hops counted.
 */
import type { RequestRow, TraceTree } from '../../model/api.ts'

/** What each hop counts of its own; of a request the sum, and 0 where nobody counted. */
const COUNTED = ['db_calls', 'cache_reads', 'cache_hits'] as const

/** Keys as a flat line has them: those of the request win over those of its entry. */
export function requestFacts(row: RequestRow, tree: TraceTree | undefined): Readonly<Record<string, unknown>> {
  const hops = (tree?.rows ?? []).filter(({ kind }) => kind === 'span')
  const entry = hops.find(({ span_id: id }) => id === row.span_id)
  const counted = COUNTED.map((key) => [key, sumOf(hops.map(({ fields }) => fields?.[key]))] as const)
  const { counts, services, strip: _, ...own } = row
  return {
    ...entry?.fields,
    ...Object.fromEntries(counted),
    ...own,
    ...counts,
    service: services[0],
    response_time_ms: row.duration_ms ?? undefined,
    message: tree?.sentence ?? '',
    level: row.outcome === 'error' ? 'ERROR' : row.outcome === 'client_error' ? 'WARN' : 'INFO',
  }
}

function sumOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0)
}
