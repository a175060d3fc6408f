/**
 * `tracelog export`: one trace, or the records that match a query, as a file that others can read.
 */
import { resolve } from 'node:path'

import { SOURCE_FLAGS, TIME_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import {
  exportedQuery,
  exportedTrace,
  formatOfFile,
  type ExportedLine,
  type ExportFormat,
} from './export/exported-lines.ts'
import { writeFileOfLines } from './export/write-file.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write one trace, or the records that match a query, to a file',
  operands: '[ID | QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    output: {
      type: 'string',
      value: 'FILE',
      short: 'o',
      help: 'FILE.jsonl (OTLP/JSON) or FILE.ndjson (flat lines), also with .gz (default: standard output)',
    },
    format: { type: 'string', value: 'FORMAT', help: 'on standard output: otlp (default) or flat' },
    ...TIME_FLAGS,
    json: { type: 'boolean', help: 'tell at the end what was written as JSON, on standard error' },
    ...SOURCE_FLAGS,
  },
  details: `ID is a trace id or its first 8 characters or more: all of its records and spans. A query gives its records, the oldest first.
The first line is a record "tracelog.export" with what was asked for, when, and how much was there. What is written can be read with
--source FILE, by tracelog grep, and sent to any OTLP endpoint line by line.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog export 4bf92f35 -o failed.jsonl.gz', 'one request, to be sent to somebody'],
    ["tracelog export -o errors.ndjson 'level>=error since:1d'", 'records as flat lines'],
    ['tracelog trace 4bf92f35 --source failed.jsonl.gz', 'and to be looked at there'],
  ],
  exitCodes: { '1': 'nothing found: no file is written' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const output = flags.text('output')
  const onOutput = { format: flags.choice('format', ['otlp', 'flat']) ?? 'otlp', isGzip: false } as const
  const { format, isGzip } = output === undefined ? onOutput : formatOfFile(output)
  const counts = { records: 0, spans: 0 }
  const lines = counting(await linesOf(invocation, format), counts)
  // Nothing is written before there is something to write.
  const first = await lines.next()
  const second = first.done === true ? first : await lines.next()
  if (second.done === true || first.done === true) {
    writeLine(io.err, 'tracelog export: nothing found')
    return EXIT.failed
  }
  const all = joined([first.value, second.value], lines)
  if (output === undefined) await writeToOutput(io, all)
  else await writeFileOfLines({ path: resolve(io.cwd, output), typed: output, isGzip }, all)
  if (flags.isSet('json')) writeJson(io.err, counts)
  else writeLine(io.err, `tracelog export: ${counts.records} records, ${counts.spans} spans`)
  return EXIT.done
}

async function linesOf(
  invocation: Invocation,
  format: ExportFormat,
): Promise<AsyncIterable<ExportedLine> | readonly ExportedLine[]> {
  const { flags, operands } = invocation
  const source = await openSource(invocation)
  const question = { source, format, now: Date.now() }
  const [id] = operands
  if (operands.length === 1 && id !== undefined && /^[\da-f]{8,32}$/i.test(id)) {
    return (await exportedTrace(question, id)) ?? []
  }
  return exportedQuery({
    ...question,
    query: operands.join(' '),
    since: flags.text('since'),
    until: flags.text('until'),
  })
}

async function* counting(
  lines: AsyncIterable<ExportedLine> | readonly ExportedLine[],
  counts: { records: number; spans: number },
): AsyncGenerator<string> {
  for await (const { text, records, spans } of lines) {
    counts.records += records
    counts.spans += spans
    yield `${text}\n`
  }
}

async function* joined(first: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* first
  yield* rest
}

async function writeToOutput(io: Io, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    io.out.write(line)
    await io.out.drained()
  }
}
