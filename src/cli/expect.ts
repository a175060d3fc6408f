/**
 * `tracelog expect`: an assertion for tests and CI: do the requests that match keep what is expected of them? 0 or 1.
 */
import { TracelogError } from '../diag/errors.ts'
import type { RequestRow } from '../model/api.ts'
import { parseDuration } from '../model/page-request.ts'
import { judgeOf, type Verdict } from '../sources/expect/judge-requests.ts'
import type { LogSource } from '../sources/log-source.ts'
import { renderTrace } from '../tree/text/render-trace.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Flags, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'

const DEFAULT_WITHIN = '10s'
const MAX_WITHIN_MILLIS = 3_600_000
const MOST = 5_000

export const expectCommand: Command = {
  name: 'expect',
  summary: 'Check the requests that match, for tests and CI: 0 if they are as expected, 1 if not',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    where: {
      type: 'string',
      value: 'EXPR',
      help: 'what must hold for each, as in a query; may be given several times',
    },
    min: { type: 'string', value: 'N', help: 'so many must come (default: 1, or 0 with --max 0)' },
    max: { type: 'string', value: 'N', help: 'no more may come; waits for all of the time' },
    within: { type: 'string', value: 'TIME', help: `how long is waited: 500ms, 10s, 2m (default: ${DEFAULT_WITHIN})` },
    since: { type: 'string', value: 'WHEN', help: 'only requests from here on: 15m, 2h or a date (default: all)' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: `QUERY finds requests: those with at least one record or span that matches. --where is held against the request itself:
route, path, method, status, outcome, took, service, error_type, what its entry recorded, and db_calls, cache_reads and
cache_hits of all its hops together (0 where there were none). A request that breaks it ends the wait, and is printed.
${QUERY_GRAMMAR}`,
  examples: [
    ["tracelog expect route:/feed --where 'db_calls<=2'", 'no request of that route asks the database more than twice'],
    [
      "tracelog expect 'route:/pay' --where 'outcome:ok' --where 'took<200ms' --min 10 --within 30s",
      'ten of them, all well',
    ],
    ['tracelog expect level:error --max 0 --within 2s', 'nothing fails'],
  ],
  exitCodes: { 1: 'a request broke it, or too few or too many came' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const max = flags.integer('max', { min: 0, max: MOST - 1 })
  const min = flags.integer('min', { min: 0, max: MOST }) ?? (max === 0 ? 0 : 1)
  const text = operands.join(' ')
  const judge = judgeOf({ text, since: flags.text('since'), where: flags.texts('where'), min, max })
  const until = performance.now() + withinOf(flags)
  const source = await openSource(invocation)
  const verdict = await judge(source, () => performance.now() >= until)
  if (flags.isSet('json')) writeJson(io.out, verdict)
  else writeLine(verdict.kind === 'kept' ? io.out : io.err, `tracelog expect: ${wordsOf(verdict, { min, max })}`)
  if (verdict.kind === 'kept') return EXIT.done
  if (!flags.isSet('json') && 'request' in verdict) await printRequest(invocation, source, verdict.request)
  return EXIT.failed
}

function withinOf(flags: Flags): number {
  const text = flags.text('within') ?? DEFAULT_WITHIN
  const millis = /[a-z]$/.test(text) || text === '0' ? parseDuration(text) : undefined
  if (millis !== undefined && millis <= MAX_WITHIN_MILLIS) return millis
  throw new TracelogError(`--within is "${text}", but must be a time up to 1h, as 500ms, 10s or 2m`, {
    code: 'TRACELOG_USAGE',
    hint: 'Correct --within.',
  })
}

function wordsOf(verdict: Verdict, { min, max }: { readonly min: number; readonly max: number | undefined }): string {
  switch (verdict.kind) {
    case 'kept':
      return `${requestsText(verdict.requests)}, as expected`
    case 'few':
      return `${requestsText(verdict.requests)} came, but at least ${min} must`
    case 'many':
      return `${requestsText(verdict.requests)} came, but at most ${max} may; the last one:`
    case 'runs':
      return 'a request has not ended:'
    default:
      return `${JSON.stringify(verdict.rule)} does not hold for this request:`
  }
}

function requestsText(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`
}

/** As `tracelog trace` prints it. */
async function printRequest({ io }: Invocation, source: LogSource, request: RequestRow): Promise<void> {
  const tree = await source.trace(request.trace_id)
  if (tree === undefined) return
  const lines = renderTrace(tree, { paint: createPaint(io.out.colourDepth), columns: io.out.columns, cwd: io.cwd })
  for (const line of lines) writeLine(io.out, line)
}
