/**
 * What is exported -> lines, the header first. Pages follow each other by their cursor: no more than one is in memory.
 */
import { TracelogError } from '../../diag/errors.ts'
import { ownKey } from '../../model/log-row.ts'
import type { LogRow } from '../../model/api.ts'
import type { LogSource, LogsQuery } from '../../sources/log-source.ts'
import { type ExportHeader, flatHeader, otlpHeader } from './export-header.ts'

/** One OTLP request a line, or one flat line a record. */
export type ExportFormat = 'otlp' | 'flat'

/** Records of one page, and so of one line of OTLP. */
const PAGE = 1_000
/** A source counts so long at a time, newest first, and says up to where it has come. Milliseconds. */
const COUNT_MILLIS = 10_000

export interface ExportQuestion {
  readonly source: LogSource
  readonly format: ExportFormat
  readonly now: number
}

export interface ExportQuery extends ExportQuestion {
  readonly query: string
  readonly since: string | undefined
  readonly until: string | undefined
}

/** Of one line, how many records and spans it holds. */
export interface ExportedLine {
  readonly text: string
  readonly records: number
  readonly spans: number
}

/**
 * Records that match, the oldest first; none whose time is later than `now`.
 *
 * @yields the header, then pages
 */
export async function* exportedQuery({
  source,
  format,
  now,
  query,
  since,
  until,
}: ExportQuery): AsyncGenerator<ExportedLine> {
  const asked: LogsQuery = {
    text: query,
    order: 'asc',
    limit: PAGE,
    until: until ?? new Date(now).toISOString(),
    ...(since === undefined ? {} : { since }),
  }
  const header = { query, since, until: asked.until, records: await countOf(source, asked) }
  yield headerLine(header, format, now)
  yield* format === 'flat' ? flatPages(source, asked) : otlpPages(source, asked)
}

/** One trace, whole: its records and its spans. @returns undefined when nobody knows it */
export async function exportedTrace(
  { source, format, now }: ExportQuestion,
  id: string,
): Promise<readonly ExportedLine[] | undefined> {
  if (format === 'flat') {
    const lines: ExportedLine[] = []
    for await (const line of flatPages(source, { text: `trace:${id}`, order: 'asc', limit: PAGE })) lines.push(line)
    const header = headerOf(id, lines.length, 0)
    return lines.length === 0 ? undefined : [headerLine(header, format, now), ...lines]
  }
  const trace = await source.traceOtlp(id)
  if (trace === undefined) return undefined
  const { resourceLogs, resourceSpans } = trace
  const [records, spans] = [
    countIn(resourceLogs, 'scopeLogs', 'logRecords'),
    countIn(resourceSpans, 'scopeSpans', 'spans'),
  ]
  return [
    headerLine(headerOf(id, records, spans), format, now),
    ...(records === 0 ? [] : [{ text: JSON.stringify({ resourceLogs }), records, spans: 0 }]),
    ...(spans === 0 ? [] : [{ text: JSON.stringify({ resourceSpans }), records: 0, spans }]),
  ]
}

function headerOf(id: string, records: number, spans: number): ExportHeader {
  return { query: `trace:${id}`, since: undefined, until: undefined, records, spans }
}

function headerLine(header: ExportHeader, format: ExportFormat, now: number): ExportedLine {
  return { text: (format === 'flat' ? flatHeader : otlpHeader)(header, now), records: 0, spans: 0 }
}

async function* otlpPages(source: LogSource, query: LogsQuery): AsyncGenerator<ExportedLine> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next begins
    const page = await source.logsOtlp({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    const records = countIn(page.resourceLogs, 'scopeLogs', 'logRecords')
    if (records > 0) yield { text: JSON.stringify({ resourceLogs: page.resourceLogs }), records, spans: 0 }
    cursor = records === 0 ? null : page.next_cursor
  }
}

async function* flatPages(source: LogSource, query: LogsQuery): AsyncGenerator<ExportedLine> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    // oxlint-disable-next-line no-await-in-loop
    const page = await source.logs({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    for (const row of page.logs) yield { text: JSON.stringify(withoutPlace(row)), records: 1, spans: 0 }
    cursor = page.logs.length === 0 ? null : page.next_cursor
  }
}

/** Where the record stood in its source says nothing in a file. */
function withoutPlace(row: LogRow): Record<string, unknown> {
  const { [ownKey('_id', row)]: _id, [ownKey('observed_ns', row)]: _observed, ...line } = row
  return line
}

async function countOf(source: LogSource, { text, since, until }: LogsQuery): Promise<number | undefined> {
  if (!source.capabilities.has('histogram')) return undefined
  let sum = 0
  for (let end = until; end !== undefined;) {
    // oxlint-disable-next-line no-await-in-loop -- each answer says from where on it is
    const {
      series,
      complete,
      covered_from: from,
    } = await source.histogram({
      budgetMillis: COUNT_MILLIS,
      until: end,
      ...(text === undefined ? {} : { text }),
      ...(since === undefined ? {} : { since }),
    })
    sum += Object.values(series)
      .flat()
      .reduce((a, b) => a + b, 0)
    end = complete || from === end ? undefined : from
  }
  return sum
}

function countIn(resources: readonly unknown[], scopes: string, rows: string): number {
  return resources.flatMap((resource) => listAt(resource, scopes)).flatMap((scope) => listAt(scope, rows)).length
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = (value as Readonly<Record<string, unknown>>)[key]
  return Array.isArray(list) ? list : []
}

/** By the ending of the file: `.jsonl` OTLP, `.ndjson` flat, each also with `.gz`. @throws TRACELOG_USAGE for another one */
export function formatOfFile(path: string): { readonly format: ExportFormat; readonly isGzip: boolean } {
  const [, ending, gzip] = /\.(jsonl|ndjson)(\.gz)?$/.exec(path) ?? []
  if (ending !== undefined) return { format: ending === 'jsonl' ? 'otlp' : 'flat', isGzip: gzip !== undefined }
  throw new TracelogError(`--output is "${path}", but must end in .jsonl, .jsonl.gz, .ndjson or .ndjson.gz`, {
    code: 'TRACELOG_USAGE',
    hint: '.jsonl holds OTLP/JSON, a request a line; .ndjson flat lines, a record each.',
  })
}
