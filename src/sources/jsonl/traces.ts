/**
 * Traces out of a file: all of its records and spans of some ids, as the tree wants them.
 */
import type { TraceTree } from '../../model/api.ts'
import { buildTree } from '../../tree/build-tree.ts'
import type { TraceData, TraceLog, TraceSpan } from '../../tree/trace-data.ts'
import { checkTraceId, severalTraces } from '../page-request.ts'
import { readEntries } from './read-entries.ts'

/** Records and spans of one reading: those of the local backend's limit. */
const MAX_RECORDS = 50_000

/** @throws TRACELOG_USAGE when the text is no id or prefix, or more than one trace begins with it */
export async function jsonlTrace(path: string, idOrPrefix: string): Promise<TraceTree | undefined> {
  const digits = checkTraceId(idOrPrefix)
  const found = await readTraces(path, { isWanted: (id) => id.startsWith(digits), needles: [digits] })
  if (found.size > 1) throw severalTraces(digits, found.keys())
  const [data] = found.values()
  return data === undefined ? undefined : buildTree(data)
}

export interface TracesOptions {
  readonly isWanted: (traceId: string) => boolean
  /** Lines without any of these are skipped; empty: none is. */
  readonly needles: readonly string[]
}

/** By trace id, in the order in which they were met; what comes after 50,000 records and spans is left out. */
export async function readTraces(path: string, { isWanted, needles }: TracesOptions): Promise<Map<string, TraceData>> {
  const found = new Map<string, TraceData & { readonly logs: TraceLog[]; readonly spans: TraceSpan[] }>()
  let left = MAX_RECORDS
  const traceOf = (traceId: string) => {
    const known = found.get(traceId) ?? { traceId, logs: [], spans: [] }
    found.set(traceId, known)
    return known
  }
  for await (const { entries, spans } of readEntries(path, needles)) {
    for (const entry of entries) {
      const { traceId } = entry
      if (traceId !== '' && isWanted(traceId) && left-- > 0) traceOf(traceId).logs.push(entry.traceLog())
    }
    for (const span of spans) {
      const { traceId } = span.span
      if (traceId !== '' && isWanted(traceId) && left-- > 0) traceOf(traceId).spans.push(span)
    }
  }
  return found
}
