/**
 * What the map says of a node and of an arrow, and which term of a query a node stands for.
 */
import type { MapEdge, MapNode } from '../../../model/api.ts'
import { shareText } from '../../../model/map-words.ts'

/** A query that finds what a node does: of a peer that told nothing, the calls of it. */
export function nodeTerm({ service, component, inferred }: Pick<MapNode, 'service' | 'component' | 'inferred'>): {
  readonly key: string
  readonly value: string
} {
  if (!inferred) return { key: 'service', value: service }
  if (component === 'queue') return { key: 'messaging.destination.name', value: service }
  const address = /^(.*):\d+$/.exec(service)?.[1]
  if (address === undefined && component === 'database') return { key: 'db.system.name', value: service }
  return { key: 'server.address', value: address ?? service }
}

/** `web calls cart: 120 calls, 3 % failed, p95 41 ms`. @param millis  how milliseconds are written */
export function edgeWords(
  { from, to, calls, errors, p95_ms: p95 }: MapEdge,
  millis: (value: number) => string,
): string {
  const failed = errors === 0 ? '' : `, ${shareText(errors, calls)} failed`
  return `${from} calls ${to}: ${calls} calls${failed}${p95 === null ? '' : `, p95 ${millis(p95)}`}`
}
