/**
 * `tracelog errors`: what failed, with how often, since when and where: errors of one type from one place in the code are one.
 */
import type { ErrorRow } from '../model/api.ts'
import { errorPlace, errorTitle, sparkText } from '../model/error-words.ts'
import { fit, padStart } from '../model/text-width.ts'
import { visibleLine } from '../model/visible-text.ts'
import type { Paint } from '../tree/text/paint.ts'
import { createPaint } from './colour.ts'
import type { Command, Invocation } from './command.ts'
import { groupFlags, groupsQueryOf, tellCovered } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'

const DEFAULT_ERRORS = 20

export const errorsCommand: Command = {
  name: 'errors',
  summary: 'List what failed, by how often: errors of one type and place in the code are one',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: groupFlags('errors', DEFAULT_ERRORS),
  details: `An error is a record with an error's type; a trace counts once for each. The first word of each is for a query:
pattern:1a2b3c4d finds its records. The last line of each ends with the newest trace, for tracelog trace.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog errors --since 1h', 'what failed in the last hour'],
    ['tracelog errors service:api --new-since 15m', 'of one service, with those marked that never were before'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const source = await openSource(invocation)
  const answer = await source.errors(groupsQueryOf(invocation, DEFAULT_ERRORS))
  const paint = createPaint(io.out.colourDepth)
  if (flags.isSet('json')) writeJson(io.out, answer)
  else for (const row of answer.errors) for (const line of linesOf(row, paint, io.out.columns)) writeLine(io.out, line)
  tellCovered(io, 'errors', answer)
  return answer.errors.length === 0 ? EXIT.failed : EXIT.done
}

/** Cells of `1a2b3c4d 12345×  `, so that lines of one error stand below each other. */
const INDENT = 17
const COUNT = 7

function linesOf(row: ErrorRow, paint: Paint, columns: number | undefined): string[] {
  const width = columns === undefined ? undefined : Math.max(20, columns - INDENT)
  const text = (value: string): string => (width === undefined ? visibleLine(value) : fit(visibleLine(value), width))
  const below = (value: string): string => `${' '.repeat(INDENT)}${paint.tone('dim', value)}`
  const isNew = row.new === true ? ', new' : ''
  const newest = row.newest_trace === undefined ? '' : `  newest ${row.newest_trace.slice(0, 8)}`
  const place = errorPlace(row)
  return [
    `${row.key} ${padStart(`${row.count}×`, COUNT)} ${paint.tone('bold', text(errorTitle(row)))}`,
    ...(place === '' ? [] : [below(text(place))]),
    below(text(`${row.first_at} to ${row.last_at}${isNew}  [${sparkText(row.spark)}]${newest}`)),
  ]
}
