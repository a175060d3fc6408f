/**
 * Which requests are of the same kind as one, and which of them is the good one to compare it with?
 *
 * Of one kind: the same service took them in, with the same method, and they reached the same route; where no route is known, the
 * same path. The good one is of the newest that went well the one whose time is nearest to the median.
 */
import type { RequestRow, TraceTree, TreeRow } from '../model/api.ts'

/** So many of the newest requests of the kind are looked at. */
const LOOKED_AT = 100

/** What is asked of who has the requests. */
export interface Readable {
  readonly trace: (idOrPrefix: string) => Promise<TraceTree | undefined>
  /** Newest first. */
  readonly requests: (query: string, limit: number) => Promise<readonly RequestRow[]>
}

/** @returns undefined when nothing is stored of it, and when no other of its kind went well */
export async function findBaseline(from: Readable, idOrPrefix: string): Promise<RequestRow | undefined> {
  const tree = await from.trace(idOrPrefix)
  const kind = tree === undefined ? undefined : kindOf(tree)
  if (tree === undefined || kind === undefined) return undefined
  return goodOne(await from.requests(kind.query, LOOKED_AT), kind, tree.trace_id)
}

interface Kind {
  /** Selects traces of the kind, and others that reach the same route. */
  readonly query: string
  readonly service: string
  readonly method: string
  readonly route: string | undefined
  readonly path: string | undefined
}

/** @returns undefined of a trace that is no request with a method: a task, a message */
function kindOf(tree: TraceTree): Kind | undefined {
  const entry = tree.rows.find(({ kind, fields }) => kind === 'span' && typeof fields?.['method'] === 'string')
  const method = textOf(entry, 'method')
  if (entry === undefined || method === undefined) return undefined
  const path = textOf(entry, 'path')
  const routed = tree.rows.find((row) => row.kind === 'span' && textOf(row, 'route') !== undefined)
  const route = textOf(routed, 'route')
  const place = route === undefined ? path : route
  if (place === undefined) return undefined
  const query = `${exactTerm('method', method)} ${exactTerm(route === undefined ? 'path' : 'route', place)}`
  // A balancer knows paths only: what it is asked for has the route of who answers.
  return {
    query,
    service: entry.service ?? '',
    method,
    route: textOf(entry, 'route'),
    path: route === undefined ? path : undefined,
  }
}

/** @param rows  what the kind's query found, newest first. @param traceId  of the one that is compared. @returns undefined: none */
function goodOne(rows: readonly RequestRow[], kind: Kind, traceId: string): RequestRow | undefined {
  const good = rows.filter((row) => row.trace_id !== traceId && row.outcome === 'ok' && isOfKind(row, kind))
  const took = good.map(tookOf).toSorted((a, b) => a - b)
  const median = took[Math.floor((took.length - 1) / 2)] ?? 0
  const distance = (row: RequestRow): number => Math.abs(tookOf(row) - median)
  return good.reduce<RequestRow | undefined>(
    (best, row) => (best === undefined || distance(row) < distance(best) ? row : best),
    undefined,
  )
}

function isOfKind(row: RequestRow, { service, method, route, path }: Kind): boolean {
  if ((row.services[0] ?? '') !== service || row.method !== method) return false
  return (route === undefined || row.route === route) && (path === undefined || row.path === path)
}

const tookOf = ({ duration_ms: millis }: RequestRow): number => millis ?? 0

function textOf(row: TreeRow | undefined, key: string): string | undefined {
  const value = row?.fields?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Quoted: a `*` is itself. */
function exactTerm(key: string, value: string): string {
  return `${key}:"${value.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`
}
