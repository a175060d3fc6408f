/**
 * One request as a tree, out of Loki and Tempo; its id may be given by its first digits.
 */
import type { TraceTree } from '../../model/api.ts'
import { buildTree } from '../../tree/build-tree.ts'
import { matchingEntries, usage } from './logs-page.ts'
import { readTrace, type TraceServers } from './read-traces.ts'
import { findTraceIds } from './tempo-client.ts'

const SHORTEST_PREFIX = 8
/** Named in the message when a prefix fits several. */
const MAX_NAMED = 4

/** @throws TRACELOG_USAGE when the text is no id or prefix, or more than one trace begins with it */
export async function lokiTrace(servers: TraceServers, idOrPrefix: string): Promise<TraceTree | undefined> {
  const digits = idOrPrefix.trim().replaceAll('-', '').toLowerCase()
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < SHORTEST_PREFIX || digits.length > 32) {
    const given = idOrPrefix.slice(0, 60)
    throw usage(`the trace id is "${given}", but must be 32 hex digits or at least the first ${SHORTEST_PREFIX}`)
  }
  const traceId = digits.length === 32 ? digits : await completeId(servers, digits)
  const data = traceId === undefined ? undefined : await readTrace(servers, traceId)
  return data === undefined ? undefined : buildTree(data)
}

async function completeId({ loki, tempo }: TraceServers, digits: string): Promise<string | undefined> {
  const found = new Set(tempo === undefined ? [] : await findTraceIds(tempo, digits))
  for await (const { row } of matchingEntries(loki, { text: `trace:${digits}` })) {
    if (typeof row.trace_id === 'string') found.add(row.trace_id)
    if (found.size > MAX_NAMED) break
  }
  if (found.size <= 1) return found.values().next().value
  const names = [...found].slice(0, MAX_NAMED).join(', ')
  throw usage(`the trace id begins with "${digits}", but must name one trace; these begin so: ${names}`)
}
