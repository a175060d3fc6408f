/** The tool `compare`: what differs between two requests, two runs, or between one and the good one of its kind, as page and terminal say it. */
import type { TreeDiff } from '../../model/api.ts'
import type { LogSource } from '../../sources/log-source.ts'
import { rankedDiff } from '../../tree/text/diff-rank.ts'
import { PLAIN_PAINT } from '../../tree/text/paint.ts'
import { runDiffText } from '../../tree/text/render-run-diff.ts'
import type { Answer } from '../answer.ts'
import { foreignDiff, foreignRunDiff } from '../foreign-rows.ts'
import { QuestionError } from '../question-error.ts'
import type { Tool, ToolContext } from '../tool.ts'

export const compareTool: Tool = {
  name: 'compare',
  description:
    'What is slower, added or gone in request b, seen from a; with a alone: in a, seen from a good one of its kind. Of runs: a:"run:prev" b:"run:last".',
  arguments: {
    a: { type: 'string', isRequired: true, help: 'trace id, 8 characters suffice' },
    b: { type: 'string' },
  },
  needs: ['diff', 'baseline', 'trace'],
  defaultBudget: 1_000,
  async answer(context) {
    const runs = [context.given.text('a') ?? '', context.given.text('b') ?? ''].filter((name) => name.startsWith(RUN))
    return runs.length > 0 ? await answerRuns(context) : await answerRequests(context)
  },
}

const RUN = 'run:'

async function answerRequests({ source, given, pageOf, now }: ToolContext): Promise<Answer> {
  const diff = foreignDiff(await compare(source, given.text('a') ?? '', given.text('b')))
  const { head, rows } = rankedDiff(diff, {
    paint: PLAIN_PAINT,
    columns: undefined,
    now: new Date(now()),
    isDense: true,
  })
  const changed = diff.rows.filter(({ change }) => change !== 'same').length
  return {
    head: `request ${diff.b.trace_id.slice(0, 8)} compared with ${diff.a.trace_id.slice(0, 8)}: ${changed} of ${diff.rows.length} rows differ`,
    notes: head,
    rows,
    objects: diff.rows.filter(({ change }) => change !== 'same'),
    tail: ({ shown, folded }) =>
      folded === 0 && shown === rows.length
        ? `all that differs is shown`
        : `shown ${shown} of ${rows.length} lines; more with budget`,
    page: pageOf('/diff', { a: diff.a.trace_id, b: diff.b.trace_id }),
  }
}

async function answerRuns({ source, given, pageOf, now }: ToolContext): Promise<Answer> {
  const [a = '', b = ''] = [given.text('a') ?? '', given.text('b') ?? 'run:last'].map((name) =>
    name.startsWith(RUN) ? name.slice(RUN.length) : '',
  )
  if (a === '' || b === '') throw new QuestionError('two runs are a:"run:prev" b:"run:last", or their ids as run:…')
  if (!source.capabilities.has('diffRuns')) throw new QuestionError('this source knows no runs; the local backend does')
  const found = await source.diffRuns(a, b)
  if (found === undefined) throw new QuestionError('there is no such run; overview() lists the newest ones')
  const diff = foreignRunDiff(found)
  const { head, rows } = runDiffText(diff, { paint: PLAIN_PAINT, columns: undefined, now: new Date(now()) })
  return {
    head: `run ${b.slice(0, 8)} compared with ${a.slice(0, 8)}: ${rows.length} differences`,
    notes: head,
    rows,
    objects: [...diff.errors, ...diff.routes, ...diff.patterns],
    tail: ({ shown }) => `shown ${shown} of ${rows.length}; records: logs(q:"pattern:…", run:"${b.slice(0, 8)}")`,
    page: pageOf('/runs', { a: diff.a.id, b: diff.b.id }),
  }
}

async function compare(source: LogSource, a: string, b: string | undefined): Promise<TreeDiff> {
  const first = b === undefined ? (await source.baseline(a))?.trace_id : a
  const found = first === undefined ? undefined : await source.diff(first, b ?? a)
  if (found !== undefined) return found
  for (const id of b === undefined ? [a] : [a, b]) {
    // oxlint-disable-next-line no-await-in-loop -- the second only matters where the first one is there
    if ((await source.trace(id)) === undefined)
      throw new QuestionError(`no trace begins with ${JSON.stringify(id.slice(0, 40))}; requests() lists ids`)
  }
  throw new QuestionError(
    'no other request of its kind went well; name b, the one to look at, and a, the one to compare with',
  )
}
