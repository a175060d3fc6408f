/**
 * Does the tree of one of the demo's requests show what happened? Load balancer, below it the API server, below that its
 * look-ups in the cache, every line in between, and the error with its stack.
 */
import type { LogRow, TraceTree, TreeRow } from '../../model/api.ts'
import type { BalancerName } from './balancer.ts'
import type { TrafficAnswer } from './seen.ts'

export interface TreeEvidence {
  readonly tree: TraceTree
  /** All stored records of the trace. */
  readonly records: readonly LogRow[]
  readonly balancer: BalancerName
}

/** @returns one sentence per fault */
export function verifyTree(answer: TrafficAnswer, { tree, records, balancer }: TreeEvidence): string[] {
  const name = `tree of ${answer.method} ${answer.path} (${tree.trace_id.slice(0, 8)})`
  const spans = tree.rows.filter((row) => row.kind === 'span')
  const balancers = spans.filter(hasComponent('load_balancer'))
  const servers = spans.filter(hasComponent('http_server'))
  const lookUps = spans.filter(hasComponent('cache'))
  const reads = lookUps.filter((row) => typeof row.fields?.['cache_hit'] === 'boolean')
  const expectedReads = records.filter(isRead).length
  const lines = tree.rows.filter((row) => row.kind === 'log' && row.fields?.['request_id'] === answer.request_id)
  const expectedLines = records.filter((row) => row['request_id'] === answer.request_id).length
  return [
    ...(balancers.length === 1 ? [] : [`${balancers.length} load balancer rows`]),
    ...(servers.length === 1 ? [] : [`${servers.length} API server rows`]),
    ...([...(balancer === 'http-proxy-3' ? balancers : []), ...servers].some((row) => row.inferred === true)
      ? ['an inferred hop of a service that sends spans']
      : []),
    ...(reads.length === expectedReads ? [] : [`${reads.length} cache reads, not ${expectedReads}`]),
    ...(reads.every((row) => typeof row.fields?.['cache_name'] === 'string')
      ? []
      : ['a cache read without cache_name']),
    ...(isBelow(servers, balancers) && isBelow(lookUps, servers) ? [] : ['hops are not below their callers']),
    ...(lines.length === expectedLines ? [] : [`${lines.length} lines, not ${expectedLines}`]),
    ...(tree.rows[0]?.component === 'load_balancer' ? [] : ['it does not begin with the load balancer']),
    ...(answer.status < 500 || tree.rows.some(hasStack) ? [] : ['no error with a stack']),
  ].map((fault) => `${name}: ${fault}`)
}

/** A write has a span and no result of its own. */
function isRead(row: LogRow): boolean {
  return row['event'] === 'tracelog.cache.end' && typeof row['cache_hit'] === 'boolean'
}

function hasComponent(component: TreeRow['component']): (row: TreeRow) => boolean {
  return (row) => row.component === component
}

function isBelow(inner: readonly TreeRow[], outer: readonly TreeRow[]): boolean {
  const depth = Math.max(-1, ...outer.map((row) => row.depth))
  return inner.every((row) => row.depth > depth)
}

function hasStack(row: TreeRow): boolean {
  return row.error?.stack?.includes('\n    at ') === true
}
