/**
 * `tracelog tail`: records as they arrive, one line each, until Ctrl-C.
 */
import { TracelogError } from '../diag/errors.ts'
import type { LogRow } from '../model/api.ts'
import { rowId } from '../model/log-row.ts'
import type { LogSource } from '../sources/log-source.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { openSource } from './open-source.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson } from './io.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { createTailLines } from './tail-lines.ts'

/** Records from before, as `tail` shows them. */
const DEFAULT_LINES = 10

export const tailCommand: Command = {
  name: 'tail',
  summary: 'Show log records as they arrive, until Ctrl-C',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    trace: { type: 'string', value: 'ID', help: 'only the records of one trace (its id or the beginning of it)' },
    lines: {
      type: 'string',
      value: 'N',
      short: 'n',
      help: `start with the newest N records (default: ${DEFAULT_LINES})`,
    },
    count: { type: 'string', value: 'N', help: 'end after N records' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: QUERY_GRAMMAR,
  examples: [
    ['tracelog tail', 'everything'],
    ["tracelog tail 'service:api level>=warn'", 'warnings and errors of one service'],
    ['tracelog tail --trace 4bf92f35', 'one request, as it goes'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const history = flags.integer('lines', { min: 0, max: 5_000 }) ?? DEFAULT_LINES
  const count = flags.integer('count', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? Number.POSITIVE_INFINITY
  const text = queryText(invocation)
  const source = await openSource(invocation)
  const lines = createTailLines(io)
  const interrupt = createInterrupt()
  const print = (row: LogRow): void => {
    if (flags.isSet('json')) writeJson(io.out, row)
    else lines.record(row)
  }
  try {
    await follow(
      source,
      { text, history, count, signal: interrupt.signal },
      {
        row: print,
        gap: (dropped) =>
          lines.remark(`tracelog tail: ${dropped} records were not shown: they came faster than they could be printed`),
        away: () => lines.remark('tracelog tail: the backend is away, waiting'),
        back: () => lines.remark('tracelog tail: the backend is back'),
      },
    )
  } finally {
    interrupt.stop()
  }
  return EXIT.done
}

function queryText({ flags, operands }: Invocation): string {
  const trace = flags.text('trace')
  if (trace !== undefined && !/^[\da-f-]{1,36}$/i.test(trace)) {
    throw new TracelogError(`--trace is "${trace}", but must be a trace id or the beginning of one`, {
      code: 'TRACELOG_USAGE',
      hint: 'Take the id from a line of `tracelog tail` or from `tracelog query --json`.',
    })
  }
  return [...operands, ...(trace === undefined ? [] : [`trace:${trace}`])].join(' ')
}

interface Following {
  readonly text: string
  readonly history: number
  readonly count: number
  readonly signal: AbortSignal
}

interface Printer {
  row(row: LogRow): void
  gap(dropped: number): void
  away(): void
  back(): void
}

/** Listens first and then asks for what was before, so that nothing falls between; ids tell what is in both. */
async function follow(source: LogSource, { text, history, count, signal }: Following, printer: Printer): Promise<void> {
  let left = count
  const ended = new AbortController()
  const opened = Promise.withResolvers<void>()
  const print = (row: LogRow): void => {
    if (left <= 0) return
    printer.row(row)
    if (--left === 0) ended.abort()
  }
  const before = opened.promise.then(async () => {
    const rows = await readBefore(source, text, history)
    for (const row of rows) print(row)
    return new Set(rows.map(rowId))
  })
  // Its failure is met below, at the first event; without one, the tail itself has failed or ended.
  before.catch(() => ended.abort())
  const options = { signal: AbortSignal.any([signal, ended.signal]), onOpen: () => opened.resolve() }
  for await (const event of source.tail(text, options)) {
    const shown = await before
    if (event.kind === 'gap') printer.gap(event.dropped)
    if (event.kind === 'away') printer.away()
    if (event.kind === 'back') printer.back()
    if (event.kind === 'log' && !shown.has(rowId(event.row))) print(event.row)
  }
  if (ended.signal.aborted) await before
}

async function readBefore(source: LogSource, text: string, limit: number): Promise<readonly LogRow[]> {
  if (limit === 0) return []
  const { logs } = await source.logs({ text, limit, order: 'desc' })
  return logs.toReversed()
}
