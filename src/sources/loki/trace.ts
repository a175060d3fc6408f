/**
 * One request as a tree, out of Loki and Tempo; its id may be given by its first digits.
 */
import type { TraceTree } from '../../model/api.ts'
import { buildTree } from '../../tree/build-tree.ts'
import { checkTraceId, severalTraces } from '../page-request.ts'
import { matchingEntries } from './logs-page.ts'
import { readTrace, type TraceServers } from './read-traces.ts'
import { findTraceIds } from './tempo-client.ts'

/** Enough for the message. */
const MAX_NAMED = 4

/** @throws TRACELOG_USAGE when the text is no id or prefix, or more than one trace begins with it */
export async function lokiTrace(servers: TraceServers, idOrPrefix: string): Promise<TraceTree | undefined> {
  const digits = checkTraceId(idOrPrefix)
  const traceId = digits.length === 32 ? digits : await completeId(servers, digits)
  const data = traceId === undefined ? undefined : await readTrace(servers, traceId)
  return data === undefined ? undefined : buildTree(data)
}

/** Newest hours first: an older trace that begins so too is not looked for once there is one. */
const BACK = ['2h', '24h', '30d'] as const

async function completeId({ loki, tempo }: TraceServers, digits: string): Promise<string | undefined> {
  const found = new Set(tempo === undefined ? [] : await findTraceIds(tempo, digits))
  for (const since of BACK) {
    for await (const { row } of matchingEntries(loki, { text: `trace:${digits}`, since })) {
      if (typeof row.trace_id === 'string') found.add(row.trace_id)
      if (found.size > MAX_NAMED) break
    }
    if (found.size > 0) break
  }
  if (found.size <= 1) return found.values().next().value
  throw severalTraces(digits, found)
}
