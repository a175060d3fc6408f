/**
 * The records and spans of a log file, and of those that it was rotated to, in the order in which they were written.
 */
import { say } from '../../diag/events.ts'
import type { LogRow } from '../../model/api.ts'
import { decodeTracesRequestJson } from '../../model/otlp-json-decode.ts'
import { timeOfRow } from '../../query-text/match.ts'
import { senderOf, type TraceLog, type TraceSpan } from '../../tree/trace-data.ts'
import { createRowReader, type FlatRow, isSpansRequest, logRowOf, type RowReader } from '../files/flat-rows.ts'
import { fileBytes, type LineGroup, readLines } from '../files/read-lines.ts'
import { logFilesOf } from '../files/rotated-files.ts'

/** What came out of one piece of a file. */
export interface FileBatch {
  readonly entries: readonly FileEntry[]
  readonly spans: readonly TraceSpan[]
}

/** One record. What is not asked for is not read. */
export class FileEntry {
  /** Its place in the order of all files, from 0. */
  readonly seq: number
  readonly #row: FlatRow
  readonly #place: string

  constructor(row: FlatRow, place: string, seq: number) {
    this.#row = row
    this.#place = place
    this.seq = seq
  }

  /** What a query is held against. */
  get fields(): Readonly<Record<string, unknown>> {
    return this.#row.fields
  }

  /** Nanoseconds; 0 for a line without a time. */
  get time(): bigint {
    return timeOfRow(this.fields)
  }

  /** 32 hex digits, or `''`. */
  get traceId(): string {
    const { trace_id: id } = this.fields
    return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : ''
  }

  /** Its id is the place in the file: the same whoever reads it. */
  row(): LogRow {
    return logRowOf(this.#row, this.#place)
  }

  traceLog(): TraceLog {
    const { record, resource, scope } = this.#row.record()
    return { ...senderOf(resource.attributes), id: String(this.seq), record, scope }
  }
}

export interface EntryReader {
  /** @param inode  of the file that the lines are of */
  read(inode: number, group: LineGroup): FileBatch
  /** What a file that ended was in the midst of. */
  end(): FileBatch
}

/** @param needles  lines without any of these are skipped; empty: none is */
export function createEntryReader(name: string, needles: readonly string[] = []): EntryReader {
  let place = name
  let seq = 0
  const onBad = (reason: string): void => void say('jsonl', `${place} cannot be read: ${reason}`)
  const reader: RowReader = createRowReader({ needles, onBad })
  return {
    read(inode, { lines, number, offset: start, isUnfinished }) {
      const entries: FileEntry[] = []
      const spans: TraceSpan[] = []
      let offset = start
      for (const [at, line] of lines.entries()) {
        if (line === undefined) continue
        place = `${name}, line ${number + at},`
        if (isSpansRequest(line)) spans.push(...spansOf(line, needles, onBad))
        else
          for (const [n, row] of reader.rows(line, isUnfinished).entries())
            entries.push(new FileEntry(row, `${inode}.${offset}.${n}`, seq++))
        offset += Buffer.byteLength(line) + 1
      }
      return { entries, spans }
    },
    end: () => ({ entries: reader.end().map((row) => new FileEntry(row, `end.${seq}`, seq++)), spans: [] }),
  }
}

/** @yields everything in the file and in those that it was rotated to */
export async function* readEntries(path: string, needles: readonly string[] = []): AsyncGenerator<FileBatch> {
  const reader = createEntryReader(path, needles)
  for (const file of logFilesOf(path)) {
    for await (const group of readLines(fileBytes(file.path))) yield reader.read(file.inode, group)
    yield reader.end()
  }
}

function spansOf(line: string, needles: readonly string[], onBad: (reason: string) => void): TraceSpan[] {
  if (needles.length > 0 && !needles.some((needle) => line.includes(needle))) return []
  try {
    return decodeTracesRequestJson(line).flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ spans }) => spans.map((span) => ({ ...senderOf(resource.attributes), span }))),
    )
  } catch (error) {
    onBad((error as Error).message)
    return []
  }
}
