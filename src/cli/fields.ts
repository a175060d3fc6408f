/**
 * `tracelog fields`: the keys that a query can name, with their types and most frequent values.
 */
import type { FieldRow } from '../model/api.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { tellHints } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

/** Values of a key in its line. */
const SHOWN_VALUES = 5

export const fieldsCommand: Command = {
  name: 'fields',
  summary: 'List the keys that a query can name, as the newest records have them',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    prefix: { type: 'string', value: 'TEXT', help: 'only keys that begin with it, in any case' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: QUERY_GRAMMAR,
  examples: [
    ['tracelog fields', 'all keys, by how many records have them'],
    ['tracelog fields --prefix user service:api', 'keys that begin with user, of one service'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const prefix = flags.text('prefix')
  const source = await openSource(invocation)
  const answer = await source.fields({ text: operands.join(' '), ...(prefix === undefined ? {} : { prefix }) })
  if (flags.isSet('json')) writeJson(io.out, answer)
  else for (const line of linesOf(answer.fields, invocation)) writeLine(io.out, line)
  tellHints(io, 'fields', answer)
  return answer.fields.length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(fields: readonly FieldRow[], { io }: Invocation): string[] {
  if (fields.length === 0) return []
  const columns = ['key', 'type', 'records', 'values'].map((name) => ({ name, type: 'VARCHAR' }))
  const rows = fields.map(({ key, type, records, values }) => [
    key,
    type,
    records,
    values.slice(0, SHOWN_VALUES).join(', '),
  ])
  const table = { columns, rows, truncated: false }
  return renderTable(table, { paint: createPaint(io.out.colourDepth), columns: io.out.columns })
}
