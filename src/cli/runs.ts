/**
 * `tracelog runs`: which runs there were, the newest first: what was started when, of which code, and what came of it.
 */
import type { RunRow } from '../model/api.ts'
import { clockTimeOfDay } from '../tree/text/clock-time.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { renderTable } from './table.ts'

const MAX_RUNS = 200
const DEFAULT_RUNS = 20

export const runsCommand: Command = {
  name: 'runs',
  summary: 'List the runs of applications, the newest first',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    limit: { type: 'string', value: 'N', short: 'n', help: `runs at most (default: ${DEFAULT_RUNS})` },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: `A run is one \`tracelog run\` with all that it started; of a process that was started otherwise, that process.
run:last, run:prev and run:4f2a91c0 in a query are of one run, \`tracelog diff run:prev run:last\` says what differs between two.`,
  examples: [
    ['tracelog runs', 'what was run, of which code, how many requests, how many errors'],
    ['tracelog query run:last level>=warn', 'warnings and errors of the last run'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const limit = flags.integer('limit', { min: 1, max: MAX_RUNS }) ?? DEFAULT_RUNS
  const source = await openSource(invocation)
  const runs = await source.runs(limit)
  if (flags.isSet('json')) writeJson(io.out, runs)
  else if (runs.length > 0) for (const line of linesOf(runs, invocation)) writeLine(io.out, line)
  else writeLine(io.err, 'tracelog runs: nothing has run yet')
  return runs.length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(runs: readonly RunRow[], { io }: Invocation): string[] {
  const columns = ['run', 'began', 'name', 'code', 'requests', 'errors', 'records', 'services'].map((name) => ({
    name,
    type: 'VARCHAR',
  }))
  const rows = runs.map((row) => [
    row.id.slice(0, 8),
    clockTimeOfDay(row.started_at),
    row.name,
    row.revision === undefined ? '' : `${row.revision.slice(0, 7)}${row.dirty === true ? '+' : ''}`,
    row.requests,
    row.errors,
    row.logs,
    row.services.join(', '),
  ])
  const table = { columns, rows, truncated: false }
  return renderTable(table, { paint: createPaint(io.out.colourDepth), columns: io.out.columns })
}
