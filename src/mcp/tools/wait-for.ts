/** The tool `wait_for`: the first record or request that matches from now on. */
import type { LogRow, RequestRow } from '../../model/api.ts'
import { foreignLogRow, foreignRequest } from '../foreign-rows.ts'
import { logText } from '../log-lines.ts'
import type { Answer } from '../answer.ts'
import { rankedRequest } from '../request-line.ts'
import type { Arguments } from '../arguments.ts'
import type { Tool, ToolContext } from '../tool.ts'

const DEFAULT_SECONDS = 30
const MAX_SECONDS = 120
/** Between two words of progress. Milliseconds. */
const PROGRESS_MILLIS = 5_000
/** Counted of what else came. */
const MAX_COUNTED = 500
/** For the question about what else came, beside the wait. Milliseconds. */
const SLACK_MILLIS = 10_000

export const waitForTool: Tool = {
  name: 'wait_for',
  description: 'Waits for the first record or request that matches q, from now on or since a time.',
  arguments: {
    q: { type: 'string', isRequired: true, help: 'query' },
    timeout: { type: 'integer', min: 1, max: MAX_SECONDS, help: 'seconds, default 30' },
    since: { type: 'string', help: 'what came since then counts too' },
  },
  needs: ['tail', 'logs', 'requests'],
  millisOf: (given) => secondsOf(given) * 1_000 + SLACK_MILLIS,
  async answer(context) {
    const started = context.now()
    const earlier = await firstSince(context)
    const found = earlier ?? (await firstFromNowOn(context, started))
    return found === undefined ? await nothingCame(context, started) : foundAnswer(found, context)
  },
}

type Found = { readonly log: LogRow } | { readonly request: RequestRow }

function secondsOf(given: Arguments): number {
  return given.integer('timeout') ?? DEFAULT_SECONDS
}

async function firstSince({ source, given }: ToolContext): Promise<Found | undefined> {
  const since = given.text('since')
  if (since === undefined) return undefined
  const { logs } = await source.logs({ text: given.text('q') ?? '', since, order: 'asc', limit: 1 })
  return logs[0] === undefined ? undefined : { log: logs[0] }
}

async function firstFromNowOn(context: ToolContext, started: number): Promise<Found | undefined> {
  const { source, given, signal, progress, now } = context
  const seconds = secondsOf(given)
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(), seconds * 1_000)
  const told = setInterval(() => {
    const done = Math.round((now() - started) / 1_000)
    progress(done, seconds, `nothing yet, ${done} of ${seconds} s`)
  }, PROGRESS_MILLIS)
  try {
    const options = { signal: AbortSignal.any([signal, ended.signal]) }
    for await (const event of source.tail(given.text('q') ?? '', options)) {
      if (event.kind === 'request') return { request: event.row }
      if (event.kind === 'log') return { log: event.row }
    }
    return undefined
  } finally {
    clearTimeout(timer)
    clearInterval(told)
    ended.abort()
  }
}

function foundAnswer(found: Found, { pageOf, now }: ToolContext): Answer {
  const [row, object, trace] =
    'log' in found
      ? [logText([foreignLogRow(found.log)]).rows, foreignLogRow(found.log), found.log.trace_id]
      : [[rankedRequest(foreignRequest(found.request), now())], foreignRequest(found.request), found.request.trace_id]
  const hasTrace = typeof trace === 'string' && /^[\da-f]{32}$/.test(trace)
  return {
    head: `the first ${'log' in found ? 'record' : 'request'} that matches`,
    rows: row,
    objects: [object],
    tail: () => (hasTrace ? `all of its request: describe_request(id:"${trace.slice(0, 8)}")` : ''),
    page: hasTrace ? pageOf(`/traces/${trace}`) : pageOf('/logs'),
  }
}

async function nothingCame({ source, given, pageOf }: ToolContext, started: number): Promise<Answer> {
  const { requests, next_cursor: next } = await source.requests({
    since: new Date(started).toISOString(),
    limit: MAX_COUNTED,
  })
  const others = `${requests.length}${next === null ? '' : ' or more'} other requests came`
  return {
    head: `none in ${secondsOf(given)} s; ${others}`,
    rows: [],
    objects: [],
    tail: () => '',
    page: pageOf('/', { since: '15m' }),
  }
}
