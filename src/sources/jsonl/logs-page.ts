/**
 * A page of records out of a file: it is read from its beginning, and the first of the page's order are kept.
 */
import type { LogsPage } from '../../model/api.ts'
import { roundedMillis } from '../../model/time.ts'
import type { LogsQuery } from '../log-source.ts'
import { checkLimit } from '../../query-text/page-limit.ts'
import { createEntryFilter } from './find-entries.ts'
import { cursorOf, FirstOf, orderOf, parseCursor } from './page-order.ts'
import { type FileEntry, readEntries } from './read-entries.ts'

/** @throws QuerySyntaxError, TRACELOG_USAGE; the file system's error when the file cannot be read */
export async function jsonlLogsPage(path: string, query: LogsQuery): Promise<LogsPage> {
  const started = performance.now()
  const limit = checkLimit(query.limit)
  const filter = createEntryFilter(query)
  const order = orderOf(query)
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  const first = new FirstOf<FileEntry>(limit + 1, order)
  for await (const { entries } of readEntries(path)) {
    for (const entry of entries) {
      if ((after === undefined || order(after, entry) < 0) && filter.matches(entry)) first.add(entry)
    }
  }
  const found = first.sorted()
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    logs: page.map((entry) => entry.row()),
    next_cursor: found.length > limit && last !== undefined ? cursorOf(last) : null,
    took_ms: roundedMillis(performance.now() - started),
  }
}
