/** The tool `logs`: which records match, and which stood around one of them. */
import type { LogRow } from '../../model/api.ts'
import { rowId } from '../../model/log-row.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import type { Answer } from '../answer.ts'
import { foreignLogRow } from '../foreign-rows.ts'
import { logText } from '../log-lines.ts'
import { nothingFound } from '../nothing-found.ts'
import { QuestionError } from '../question-error.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { windowOf } from '../window.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500
/** Source: spec, the table of tools. */
const AROUND = 20

export const logsTool: Tool = {
  name: 'logs',
  description: 'Log records, oldest first: time, service, level letter, message, fields, trace.',
  arguments: {
    ...TIME_ARGUMENTS,
    around: { type: 'string', help: "a record's id: 20 before and after it; or a trace id: around its first error" },
    limit: { type: 'integer', min: 1, max: MAX_LIMIT, help: 'default 50' },
    cursor: { type: 'string' },
  },
  needs: ['logs'],
  answer: async (context) =>
    context.given.text('around') === undefined ? await matching(context) : await around(context),
}

async function matching({ source, given, now, pageOf }: ToolContext): Promise<Answer> {
  const window = windowOf(given, now())
  const q = given.text('q') ?? ''
  const cursor = given.text('cursor')
  const found = await source.logs({
    text: q,
    since: window.since,
    limit: given.integer('limit') ?? DEFAULT_LIMIT,
    ...(window.until === undefined ? {} : { until: window.until }),
    ...(cursor === undefined ? {} : { cursor }),
  })
  const page = pageOf('/logs', { q, since: window.since, until: window.until })
  if (found.logs.length === 0) {
    const { text, notes } = await nothingFound({ source, of: 'logs', q, window, now: now() })
    return { head: `${window.text}: ${text}`, notes, rows: [], objects: [], tail: () => '', page }
  }
  const next = found.next_cursor
  const more = next === null ? '' : ' and more'
  return {
    ...rowsOf(found.logs.toReversed()),
    head: `${window.text}: ${found.logs.length}${more} records, the newest ones`,
    tail: ({ shown, folded }) => {
      const said = folded === 0 ? `shown ${shown}` : `shown ${shown} of ${found.logs.length}; more with budget`
      return `${said}; ${next === null ? 'that is all' : `older: logs(cursor:"${next}")`}`
    },
    page,
  }
}

async function around({ source, given, pageOf }: ToolContext): Promise<Answer> {
  const wanted = given.text('around') ?? ''
  const id = /^[\da-f]{8,32}$/i.test(wanted) ? await firstErrorOf({ source }, wanted) : wanted
  const found = await source.logsAround({ id, before: AROUND, after: AROUND })
  if (found === undefined)
    throw new QuestionError(
      `no record has the id ${JSON.stringify(wanted.slice(0, 40))}; logs(format:"json") tells ids as _id`,
    )
  return {
    ...rowsOf(found.logs, true),
    head: `${found.logs.length} records in order of arrival; ">" marks the one that was asked for`,
    tail: ({ shown, folded }) =>
      folded === 0 ? `shown ${shown}; that is all` : `shown ${shown} of ${found.logs.length}; more with budget`,
    page: pageOf('/logs'),
  }
}

/** Of a trace: its first record that tells an error, else its last one. @throws QuestionError */
async function firstErrorOf({ source }: Pick<ToolContext, 'source'>, trace: string): Promise<string> {
  for (const text of [`trace:${trace} level>=error`, `trace:${trace}`]) {
    // oxlint-disable-next-line no-await-in-loop -- the second is asked only when the first finds none
    const { logs } = await source.logs({ text, limit: 1, order: text.includes('>=') ? 'asc' : 'desc' })
    const [first] = logs
    if (first !== undefined) return rowId(first)
  }
  throw new QuestionError(`no record belongs to a trace that begins with ${JSON.stringify(trace)}`)
}

function rowsOf(found: readonly LogRow[], hasAnchor = false): Pick<Answer, 'rows' | 'notes' | 'objects'> {
  const logs = found.map(foreignLogRow)
  const { shared, rows } = logText(logs, hasAnchor)
  return { rows, notes: shared === '' ? [] : [shared], objects: logs }
}
