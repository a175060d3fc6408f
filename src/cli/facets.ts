/**
 * `tracelog facets`: the most frequent values of some fields, with how often each is there.
 */
import type { Facets } from '../model/api.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { COUNT_FLAGS, countQueryOf, tellCovered } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

const MAX_VALUES = 100
const DEFAULT_VALUES = 10

export const facetsCommand: Command = {
  name: 'facets',
  summary: 'Count the values that some fields have, of the records or requests that match',
  operands: 'FIELD[,FIELD...] [QUERY...]',
  operandCount: { min: 1, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    ...COUNT_FLAGS,
    limit: { type: 'string', value: 'N', short: 'n', help: `values of each at most (default: ${DEFAULT_VALUES})` },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: `The counts of a field are made without the terms of the query on that field, so that the other values are seen too.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog facets service,level --since 15m', 'who writes, and at which level'],
    ["tracelog facets route,error_type --of requests 'status>=500'", 'where requests fail, and with what'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const [list = '', ...text] = operands
  const limit = flags.integer('limit', { min: 1, max: MAX_VALUES }) ?? DEFAULT_VALUES
  const fields = list.split(',').map((field) => field.trim())
  const source = await openSource(invocation)
  const answer = await source.facets({ ...countQueryOf(flags, text.join(' ')), fields, limit })
  if (flags.isSet('json')) writeJson(io.out, answer)
  else for (const line of linesOf(answer, invocation)) writeLine(io.out, line)
  tellCovered(io, 'facets', answer)
  return rowsOf(answer).length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(answer: Facets, { io }: Invocation): string[] {
  const columns = ['field', 'value', 'count'].map((name) => ({ name, type: 'VARCHAR' }))
  const table = { columns, rows: rowsOf(answer), truncated: false }
  return renderTable(table, { paint: createPaint(io.out.colourDepth), columns: io.out.columns })
}

function rowsOf({ facets, other, missing }: Facets): (readonly unknown[])[] {
  return Object.entries(facets).flatMap(([field, values]) => [
    ...values.map(({ value, count }) => [field, value, count]),
    ...(other[field] === undefined || other[field] === 0 ? [] : [[field, '(other)', other[field]]]),
    ...(missing[field] === undefined || missing[field] === 0 ? [] : [[field, '(none)', missing[field]]]),
  ])
}
