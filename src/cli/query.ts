/**
 * `tracelog query`: the stored records that match, oldest of them first, as a log reads.
 */
import type { LogRow } from '../model/api.ts'
import { visibleLine } from '../model/visible-text.ts'
import type { LogSource, LogsQuery, OtlpLogsPage } from '../sources/log-source.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, TIME_FLAGS, type Command, type Invocation } from './command.ts'
import { isFileHere, sampleOf, tellNothingFound } from './empty-answer.ts'
import { EXIT } from './exit-code.ts'
import { openSource } from './open-source.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { createLogLines } from '../tree/text/log-line.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'

/** What one page of the API holds at most. */
const MAX_PAGE = 5_000
/** What is printed without --limit. */
const DEFAULT_LIMIT = 200
const MAX_LIMIT = 1_000_000

export const queryCommand: Command = {
  name: 'query',
  summary: 'Search the stored log records: the newest that match, oldest of them first',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    ...TIME_FLAGS,
    limit: { type: 'string', value: 'N', short: 'n', help: `records at most (default: ${DEFAULT_LIMIT})` },
    order: { type: 'string', value: 'ORDER', help: 'newest (default) or oldest: which ones, when there are more' },
    format: { type: 'string', value: 'FORMAT', help: 'flat (default) or otlp: OTLP/JSON, value types intact' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: QUERY_GRAMMAR,
  examples: [
    ["tracelog query 'level>=warn since:15m'", 'warnings and errors of the last quarter of an hour'],
    ["tracelog query service:api 'status>=500'", 'failed requests of one service'],
    ['tracelog query --json trace:4bf92f35 | jq .message', 'one flat JSON line per record'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const limit = flags.integer('limit', { min: 1, max: MAX_LIMIT }) ?? DEFAULT_LIMIT
  const order = flags.choice('order', ['newest', 'oldest']) === 'oldest' ? 'asc' : 'desc'
  const asOtlp = flags.choice('format', ['flat', 'otlp']) === 'otlp'
  const source = await openSource(invocation)
  const since = flags.text('since')
  const until = flags.text('until')
  const query = {
    text: operands.join(' '),
    order,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  } as const
  if (asOtlp) return await printOtlp(source, { ...query, limit }, io)
  const { rows, hasMore } = await readRows(source, limit, query)
  if (order === 'desc') rows.reverse()

  const lines = createLogLines({ paint: createPaint(io.out.colourDepth), columns: io.out.columns })
  for (const row of rows) {
    if (flags.isSet('json')) writeJson(io.out, row)
    else writeLine(io.out, lines.line(row))
  }
  if (rows.length === 0) await tellEmpty(source, operands, io)
  else if (hasMore)
    writeLine(io.err, `tracelog query: the ${order === 'desc' ? 'newest' : 'oldest'} ${limit}; more with --limit`)
  return rows.length === 0 ? EXIT.failed : EXIT.done
}

/** `tracelog query all.jsonl` looks for that word. */
async function tellEmpty(source: LogSource, operands: readonly string[], io: Io): Promise<void> {
  const text = operands.join(' ')
  tellNothingFound(io, { command: 'query', text, sample: await sampleOf(source, text) })
  const file = operands.find((operand) => isFileHere(operand, io))
  if (file !== undefined) writeLine(io.err, `  To search the file: tracelog query --source ${visibleLine(file)}`)
}

async function readRows(
  source: LogSource,
  limit: number,
  query: LogsQuery,
): Promise<{ rows: LogRow[]; hasMore: boolean }> {
  const rows: LogRow[] = []
  let cursor: string | null = null
  do {
    const page = await source.logs({
      ...query,
      limit: Math.min(MAX_PAGE, limit - rows.length),
      ...(cursor === null ? {} : { cursor }),
    })
    for (const row of page.logs) rows.push(row)
    cursor = page.logs.length === 0 ? null : page.next_cursor
  } while (cursor !== null && rows.length < limit)
  return { rows, hasMore: cursor !== null }
}

/** One request of OTLP/JSON per page, in the order of reading. */
async function printOtlp(source: LogSource, query: LogsQuery & { readonly limit: number }, io: Io): Promise<number> {
  let left = query.limit
  let cursor: string | null = null
  let found = 0
  do {
    const page: OtlpLogsPage = await source.logsOtlp({
      ...query,
      limit: Math.min(MAX_PAGE, left),
      ...(cursor === null ? {} : { cursor }),
    })
    if (page.resourceLogs.length > 0) writeJson(io.out, { resourceLogs: page.resourceLogs })
    found += page.resourceLogs.length
    left -= MAX_PAGE
    cursor = page.next_cursor
  } while (cursor !== null && left > 0)
  return found === 0 ? EXIT.failed : EXIT.done
}
