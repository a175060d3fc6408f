/**
 * `tracelog histogram`: how many records or requests in each step of time, one line per step.
 */
import type { Histogram } from '../model/api.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { COUNT_FLAGS, countQueryOf, tellCovered } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

const MAX_BUCKETS = 500
/** Lines that fit a terminal. */
const DEFAULT_BUCKETS = 40

export const histogramCommand: Command = {
  name: 'histogram',
  summary: 'Count the records or requests that match, over time',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    ...COUNT_FLAGS,
    by: { type: 'string', value: 'BY', help: 'level (default), service or outcome (default with --of requests)' },
    buckets: { type: 'string', value: 'N', help: `steps at most, up to ${MAX_BUCKETS} (default: ${DEFAULT_BUCKETS})` },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: QUERY_GRAMMAR,
  examples: [
    ['tracelog histogram --since 15m', 'records of the last quarter of an hour, by level'],
    ['tracelog histogram --of requests service:api', 'requests that touched one service, by outcome'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const by = flags.choice('by', ['level', 'service', 'outcome'])
  const buckets = flags.integer('buckets', { min: 1, max: MAX_BUCKETS }) ?? DEFAULT_BUCKETS
  const query = { ...countQueryOf(flags, operands.join(' ')), buckets, ...(by === undefined ? {} : { by }) }
  const answer = await (await openSource(invocation)).histogram(query)
  if (flags.isSet('json')) writeJson(io.out, answer)
  else for (const line of linesOf(answer, invocation)) writeLine(io.out, line)
  tellCovered(io, 'histogram', answer)
  return Object.keys(answer.series).length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(answer: Histogram, { io }: Invocation): string[] {
  const names = Object.keys(answer.series)
  const steps = answer.series[names[0] ?? '']?.length ?? 0
  if (steps === 0) return []
  const from = Date.parse(answer.from)
  const columns = ['time', ...names, 'all'].map((name) => ({ name, type: 'VARCHAR' }))
  const rows = Array.from({ length: steps }, (_, i) => {
    const counts = names.map((name) => answer.series[name]?.[i] ?? 0)
    return [timeText(from + i * answer.step_ms), ...counts, counts.reduce((sum, count) => sum + count, 0)]
  })
  return renderTable(
    { columns, rows, truncated: false },
    { paint: createPaint(io.out.colourDepth), columns: io.out.columns },
  )
}

function timeText(millis: number): string {
  return new Date(millis).toISOString()
}
