/**
 * All that Loki and Tempo have of some traces: the input of the tree.
 */
import { senderOf, type TraceData, type TraceLog, type TraceSpan } from '../../tree/trace-data.ts'
import type { StackServer } from '../stack-client.ts'
import { oneOf, toLogql } from './logql.ts'
import { readEntries } from './read-entries.ts'
import type { LokiEntry } from './loki-client.ts'
import { readEntry } from './read-entry.ts'
import { readSpans } from './tempo-client.ts'

export interface TraceServers {
  readonly loki: StackServer
  /** Undefined: there is none, trees are made of records alone. */
  readonly tempo: StackServer | undefined
}

const SECOND = 1_000_000_000n
/** Records of a trace are looked for so long before and after what is known of it. Nanoseconds. */
const AROUND = 3_600n * SECOND
/** Where nothing is known: further and further back. Loki has no index of trace ids. */
const BACK = [3_600n * SECOND, 86_400n * SECOND, 30n * 86_400n * SECOND] as const
/** Records of one reading: those of the local backend's limit. */
const MAX_TRACE_RECORDS = 50_000
/** Traces asked of Tempo at a time. */
const AT_A_TIME = 8

export interface TimeSpan {
  readonly from: bigint
  /** Excluded. */
  readonly to: bigint
}

/** A trace with the entries that its records were. */
export interface FoundTrace extends TraceData {
  readonly entries: readonly LokiEntry[]
}

/** @returns undefined when neither knows it */
export async function readTrace(servers: TraceServers, traceId: string): Promise<TraceData | undefined> {
  const spans = servers.tempo === undefined ? [] : await readSpans(servers.tempo, traceId)
  const entries = await findEntries(servers.loki, traceId, spans)
  return spans.length + entries.length === 0 ? undefined : { traceId, spans, logs: entries.map(toTraceLog) }
}

async function findEntries(loki: StackServer, traceId: string, spans: readonly TraceSpan[]): Promise<LokiEntry[]> {
  if (spans.length > 0) return await entriesOfTraces(loki, [traceId], around(spans.map(({ span }) => span)))
  const now = BigInt(Date.now()) * 1_000_000n
  for (const back of BACK) {
    // oxlint-disable-next-line no-await-in-loop -- the longer search only follows one that found nothing
    const found = await entriesOfTraces(loki, [traceId], { from: now - back, to: now + AROUND })
    if (found.length > 0) {
      // It may have begun before what was looked at.
      return await entriesOfTraces(loki, [traceId], aroundEntries(found))
    }
  }
  return []
}

/** Several traces whose records lie in this time, or an hour around it. In the order of the ids. */
export async function readTraces(
  servers: TraceServers,
  ids: readonly string[],
  { from, to }: TimeSpan,
): Promise<FoundTrace[]> {
  if (ids.length === 0) return []
  const entries = await entriesOfTraces(servers.loki, ids, { from: from - AROUND, to: to + AROUND })
  const entriesOf = Map.groupBy(entries, ({ fields }) => fields['trace_id'] ?? '')
  const traces: FoundTrace[] = []
  for (let i = 0; i < ids.length; i += AT_A_TIME) {
    const some = ids.slice(i, i + AT_A_TIME).map(async (traceId) => {
      const spans = servers.tempo === undefined ? [] : await readSpans(servers.tempo, traceId)
      const own = entriesOf.get(traceId) ?? []
      return { traceId, spans, entries: own, logs: own.map(toTraceLog) }
    })
    // oxlint-disable-next-line no-await-in-loop -- a few at a time: Tempo is shared
    traces.push(...(await Promise.all(some)))
  }
  return traces
}

async function entriesOfTraces(
  loki: StackServer,
  ids: readonly string[],
  { from, to }: TimeSpan,
): Promise<LokiEntry[]> {
  const entries: LokiEntry[] = []
  const logql = toLogql(undefined, oneOf('trace_id', ids))
  for await (const entry of readEntries(loki, { logql, from: from < 0n ? 0n : from, to, order: 'asc' })) {
    if (entries.push(entry) >= MAX_TRACE_RECORDS) break
  }
  return entries
}

function around(spans: readonly { readonly startTimeUnixNano: bigint; readonly endTimeUnixNano: bigint }[]): TimeSpan {
  const times = spans.flatMap(({ startTimeUnixNano, endTimeUnixNano }) => [startTimeUnixNano, endTimeUnixNano])
  return widened(times)
}

function aroundEntries(entries: readonly LokiEntry[]): TimeSpan {
  return widened(entries.map(({ time }) => time))
}

function widened(times: readonly bigint[]): TimeSpan {
  const first = times.reduce((a, b) => (b < a ? b : a))
  const last = times.reduce((a, b) => (b > a ? b : a))
  return { from: first - AROUND, to: last + AROUND }
}

/** @param index  where it stands in the order of reading: the tree orders by it what has one time */
function toTraceLog(entry: LokiEntry, index: number): TraceLog {
  const { record, resource, scope, service } = readEntry(entry)
  return { ...senderOf(resource), id: String(index), service, record, scope }
}
