/**
 * `tracelog patterns`: the kinds of messages, with how often each was written: what says the same in other words is one line.
 */
import type { PatternRow } from '../model/api.ts'
import { createPaint } from './colour.ts'
import type { Command, Invocation } from './command.ts'
import { groupFlags, groupsQueryOf, tellCovered } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

const DEFAULT_PATTERNS = 50

export const patternsCommand: Command = {
  name: 'patterns',
  summary: 'List the kinds of messages that match, by how often each was written',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: groupFlags('patterns', DEFAULT_PATTERNS),
  details: `Words that hold a digit do not count; of a record with a stack its error's type and first own frame count alone.
pattern:1a2b3c4d in a query finds the records of one, -pattern:1a2b3c4d hides them.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog patterns level>=warn --since 1h', 'kinds of warnings and errors of the last hour'],
    ['tracelog patterns --new-since 15m', 'all kinds, with those marked that were never written before'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const source = await openSource(invocation)
  const answer = await source.patterns(groupsQueryOf(invocation, DEFAULT_PATTERNS))
  if (flags.isSet('json')) writeJson(io.out, answer)
  else for (const line of linesOf(answer.patterns, invocation)) writeLine(io.out, line)
  tellCovered(io, 'patterns', answer)
  return answer.patterns.length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(patterns: readonly PatternRow[], { io }: Invocation): string[] {
  if (patterns.length === 0) return []
  const columns = ['pattern', 'count', 'new', 'level', 'service', 'example'].map((name) => ({ name, type: 'VARCHAR' }))
  const rows = patterns.map((row) => [
    row.pattern,
    row.count,
    row.new === true ? 'new' : '',
    row.level,
    row.service,
    row.example,
  ])
  const table = { columns, rows, truncated: false }
  return renderTable(table, { paint: createPaint(io.out.colourDepth), columns: io.out.columns })
}
