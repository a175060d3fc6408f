/**
 * A page of root requests out of a file: read once to find the traces of the page, and once for all that they are made of.
 */
import type { RequestsPage } from '../../model/api.ts'
import { SERVED_EVENTS } from '../../model/semconv.ts'
import { roundedMillis } from '../../model/time.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import { buildRequests } from '../../tree/build-tree.ts'
import type { LogsQuery } from '../log-source.ts'
import { checkLimit } from '../../query-text/page-limit.ts'
import { createEntryFilter } from './find-entries.ts'
import { cursorOf, orderOf, parseCursor, type PageKey } from './page-order.ts'
import { type FileBatch, type FileEntry, readEntries } from './read-entries.ts'
import { readTraces } from './traces.ts'

/** More ids than this cost more to look for in a line than to read it. */
const MAX_NEEDLES = 4

/** @throws QuerySyntaxError, TRACELOG_USAGE; the file system's error when the file cannot be read */
export async function jsonlRequestsPage(path: string, query: LogsQuery): Promise<RequestsPage> {
  const started = performance.now()
  const limit = checkLimit(query.limit)
  const order = orderOf(query)
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  const met = [...(await findTraces(path, query))]
    .filter(([, key]) => after === undefined || order(after, key) < 0)
    .toSorted(([, a], [, b]) => order(a, b))
  const page = met.slice(0, limit)
  const ids = new Set(page.map(([traceId]) => traceId))
  const traces = await readTraces(path, {
    isWanted: (traceId) => ids.has(traceId),
    needles: ids.size > 0 && ids.size <= MAX_NEEDLES ? [...ids] : [],
  })
  const last = page.at(-1)
  return {
    requests: page.flatMap(([traceId]) => {
      const trace = traces.get(traceId)
      return trace === undefined ? [] : buildRequests(trace)
    }),
    next_cursor: met.length > page.length && last !== undefined ? cursorOf(last[1]) : null,
    took_ms: roundedMillis(performance.now() - started),
  }
}

/** The traces of what was asked for, each with the first of its records in the order of the page. */
async function findTraces(path: string, query: LogsQuery): Promise<Map<string, PageKey>> {
  const filter = createEntryFilter(query)
  const order = orderOf(query)
  const met = new Map<string, PageKey>()
  const meet = (traceId: string, key: PageKey): void => {
    const known = met.get(traceId)
    if (known === undefined || order(key, known) < 0) met.set(traceId, key)
  }
  for await (const batch of readEntries(path)) {
    for (const entry of batch.entries) {
      const { traceId, time, seq } = entry
      if (traceId !== '' && (filter.hasText || isServed(entry)) && filter.matches(entry)) meet(traceId, { time, seq })
    }
    if (!filter.hasText) {
      for (const { traceId, time } of servedSpans(batch)) if (filter.isInTime(time)) meet(traceId, { time, seq: 0 })
    }
  }
  return met
}

function isServed({ fields }: FileEntry): boolean {
  return SERVED_EVENTS.includes(fields['event'] as string)
}

/** A service may send spans and no completion records. */
function servedSpans({ spans }: FileBatch): { readonly traceId: string; readonly time: bigint }[] {
  return spans.flatMap(({ span: { kind, traceId, endTimeUnixNano: time } }) =>
    kind === SPAN_KIND.server || kind === SPAN_KIND.consumer ? [{ traceId, time }] : [],
  )
}
