/**
 * `tracelog top`: requests by service and route, as a table that is drawn anew each second; piped or with `--once` one table.
 */
import type { RequestRow } from '../model/api.ts'
import type { LogSource, SqlAnswer } from '../sources/log-source.ts'
import { pause } from '../sources/pause.ts'
import { routeFigures, type RouteFigures } from '../sources/route-figures.ts'
import { clockTimeOfDay } from '../tree/text/clock-time.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

/** Newest requests that are looked at: each of them costs a source a tree. */
const LOOKED_AT = 500
const DEFAULT_SINCE = '5m'
const DEFAULT_ROWS = 20
/** Between two tables. Milliseconds. */
const EACH_MILLIS = 1_000
/** To the first cell, and all that stood there goes. */
const CLEAR = '\u001b[H\u001b[J'

export const topCommand: Command = {
  name: 'top',
  summary: 'Show requests by service and route: how many, how fast, how many failed, until Ctrl-C',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    since: { type: 'string', value: 'WHEN', help: `of which time: 15m, 2h or a date (default: ${DEFAULT_SINCE})` },
    limit: { type: 'string', value: 'N', short: 'n', help: `routes at most (default: ${DEFAULT_ROWS})` },
    once: { type: 'boolean', help: 'one table; so it is in a pipe, and with --json' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: `Figures are those of the newest ${LOOKED_AT} requests of that time; the first line says from when they are.
The service is the one that took the request in.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog top', 'all routes, each second'],
    ['tracelog top --once service:api', 'one table of one service'],
    ["tracelog top --json 'status>=500' | jq .route", 'for scripts: one route a line'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const limit = flags.integer('limit', { min: 1, max: 1_000 }) ?? DEFAULT_ROWS
  const question = { text: operands.join(' '), since: flags.text('since') ?? DEFAULT_SINCE }
  const source = await openSource(invocation)
  if (flags.isSet('once') || flags.isSet('json') || !io.out.isTerminal) {
    const seen = await look(source, question)
    if (flags.isSet('json')) for (const row of seen.rows.slice(0, limit)) writeJson(io.out, row)
    else for (const line of tableLines(seen, { limit, io })) writeLine(io.out, line)
    return seen.rows.length === 0 ? EXIT.failed : EXIT.done
  }
  const interrupt = createInterrupt()
  try {
    while (!interrupt.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one table after the other
      const lines = tableLines(await look(source, question), { limit, io })
      io.out.write(`${CLEAR}${lines.join('\n')}\n`)
      // oxlint-disable-next-line no-await-in-loop
      await pause(EACH_MILLIS, interrupt.signal)
    }
  } finally {
    interrupt.stop()
  }
  return EXIT.done
}

interface Seen {
  readonly rows: readonly RouteFigures[]
  readonly requests: number
  /** Of the oldest request; undefined: there is none. */
  readonly from: string | undefined
}

async function look(source: LogSource, question: { readonly text: string; readonly since: string }): Promise<Seen> {
  const { requests } = await source.requests({ ...question, limit: LOOKED_AT })
  const from = requests.reduce<RequestRow | undefined>(
    (oldest, row) => (oldest === undefined || row.started_at < oldest.started_at ? row : oldest),
    undefined,
  )?.started_at
  const seconds = from === undefined ? 1 : (Date.now() - Date.parse(from)) / 1_000
  return { rows: routeFigures(requests, seconds), requests: requests.length, from }
}

function tableLines({ rows, requests, from }: Seen, { limit, io }: { limit: number; io: Io }): string[] {
  if (from === undefined) return ['no request came in that time']
  const more = rows.length > limit ? `, ${rows.length - limit} routes more with --limit` : ''
  const head = `${requests} requests since ${clockTimeOfDay(from)}${more}`
  return [
    head,
    ...renderTable(tableOf(rows.slice(0, limit)), { paint: createPaint(io.out.colourDepth), columns: io.out.columns }),
  ]
}

const COLUMNS = ['service', 'route', 'requests', 'per s', 'errors', 'p50 ms', 'p95 ms', 'newest error']

function tableOf(rows: readonly RouteFigures[]): SqlAnswer {
  return {
    columns: COLUMNS.map((name) => ({ name, type: '' })),
    rows: rows.map((row) => [
      row.service,
      row.route,
      row.requests,
      rounded(row.per_second),
      row.errors,
      rounded(row.p50_ms),
      rounded(row.p95_ms),
      row.newest_error === undefined ? '' : `${row.newest_error.trace_id.slice(0, 8)} ${row.newest_error.text}`,
    ]),
    truncated: false,
  }
}

function rounded(value: number | null): number | string {
  return value === null ? '…' : Number(value.toFixed(1))
}
