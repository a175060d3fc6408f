/**
 * The routes below /api/v1: each asks the query core one question and answers JSON (types: model/api.ts).
 */
import { textOfDiff } from '../../tree/text/render-diff.ts'
import { textOfRunDiff } from '../../tree/text/render-run-diff.ts'
import { textOfTrace } from '../../tree/text/render-trace.ts'
import type { Query } from '../query/query.ts'
import { DEFAULT_RUNS, MAX_RUNS } from '../query/runs.ts'
import { sendJson, sendText, Unanswered } from './answer.ts'
import { countRequest, facetsRequest, fieldsRequest, histogramRequest, patternsRequest } from './count-params.ts'
import { choiceOf, countOf, fieldsOf, readPageRequest, textOf, timeOf } from './read-params.ts'
import type { Call, Route } from './route.ts'
import { serveTail, type TailClients } from './tail.ts'

export const API_PREFIX = '/api/v1'
/** Records around one, on each side: without being asked, and at most. */
const AROUND = 20
const MOST_AROUND = 500

export interface ApiRoutesOptions {
  readonly query: Query
  readonly tails: TailClients
  /** The answer of `GET status`. */
  readonly status: () => Promise<unknown>
}

export function apiRoutes(options: ApiRoutesOptions): readonly Route[] {
  const { query, tails, status } = options
  const get = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path: `${API_PREFIX}/${path}`,
    kind: 'api',
    handle,
  })
  return [
    get('status', async ({ response }) => sendJson(response, await status())),
    get('logs', (call) => answerLogs(call, query)),
    get('logs/:id', async ({ response, id }) => sendJson(response, found(await query.log(id)))),
    get('logs/:id/around', (call) => answerAround(call, query)),
    get('requests', async ({ response, params }) => sendJson(response, await query.requests(readPageRequest(params)))),
    get('traces/:id', (call) => answerTrace(call, query)),
    get('traces/:id/baseline', (call) => answerBaseline(call, query)),
    get('diff', (call) => answerDiff(call, query)),
    get('histogram', async ({ response, params }) =>
      sendJson(response, await query.histogram(histogramRequest(params))),
    ),
    get('facets', async ({ response, params }) => sendJson(response, await query.facets(facetsRequest(params)))),
    get('map', async ({ response, params }) => sendJson(response, await query.map(countRequest(params)))),
    get('patterns', async ({ response, params }) =>
      sendJson(response, await query.patterns(patternsRequest(await withRunStart(params, query)))),
    ),
    get('errors', async ({ response, params }) =>
      sendJson(response, await query.errors(patternsRequest(await withRunStart(params, query)))),
    ),
    get('fields', async ({ response, params }) => sendJson(response, await query.fields(fieldsRequest(params)))),
    get('services', async ({ response }) => sendJson(response, await query.services())),
    get('runs', async ({ response, params }) =>
      sendJson(response, await query.runs(countOf(params, 'limit', MAX_RUNS, 1) ?? DEFAULT_RUNS)),
    ),
    get('tail', async ({ request, response, params }) => {
      // A browser that comes back by itself says it in the header, where it has heard more than the address knows.
      const afterId = request.headers['last-event-id']
      serveTail(response, tails, {
        query,
        q: await query.withRunIds(textOf(params, 'q')),
        afterId: typeof afterId === 'string' ? afterId : textOf(params, 'after'),
      })
    }),
    {
      method: 'DELETE',
      path: `${API_PREFIX}/data`,
      kind: 'api',
      handle: (call) => answerClear(call, query),
    },
    { method: 'POST', path: `${API_PREFIX}/sql`, kind: 'api', handle: (call) => answerSql(call, query) },
  ]
}

/** @throws Unanswered for parameters that say nothing: without any, everything goes */
async function answerClear({ response, params }: Call, query: Query): Promise<void> {
  const before = timeOf(params, 'before')
  if (before === undefined && params.size > 0)
    throw new Unanswered(400, 'DELETE data takes before with a time, or nothing at all: then everything goes')
  sendJson(response, await query.clear(before))
}

async function answerLogs({ response, params }: Call, query: Query): Promise<void> {
  const page = readPageRequest(params)
  const isOtlp = choiceOf(params, 'format', ['flat', 'otlp'] as const) === 'otlp'
  const fields = fieldsOf(params)
  if (fields === undefined) return sendJson(response, isOtlp ? await query.logsOtlp(page) : await query.logs(page))
  if (isOtlp) throw new Unanswered(400, 'fields is for format=flat, OTLP has whole records')
  sendJson(response, await query.listedLogs(page, fields))
}

async function answerAround({ response, params, id }: Call, query: Query): Promise<void> {
  const before = countOf(params, 'before', MOST_AROUND) ?? AROUND
  const after = countOf(params, 'after', MOST_AROUND) ?? AROUND
  const same = choiceOf(params, 'same', ['all', 'service', 'trace'] as const) ?? 'all'
  sendJson(response, found(await query.logsAround({ id, before, after, same })))
}

function found<T>(answer: T | undefined, nothing = 'no record of that id is stored'): T {
  if (answer === undefined) throw new Unanswered(404, nothing)
  return answer
}

async function answerTrace({ response, params, id }: Call, query: Query): Promise<void> {
  const format = choiceOf(params, 'format', ['tree', 'text', 'otlp'] as const)
  const otlp = format === 'otlp' ? await query.traceOtlp(id) : undefined
  const tree = format === 'otlp' ? undefined : await query.trace(id)
  if (format === 'text' && tree !== undefined) return sendText(response, 'text/plain', textOfTrace(tree))
  const trace = otlp ?? tree
  if (trace === undefined) throw new Unanswered(404, 'no record or span of that trace is stored')
  sendJson(response, trace)
}

async function answerBaseline({ response, id }: Call, query: Query): Promise<void> {
  sendJson(response, found(await query.baseline(id), 'no other request of that kind went well'))
}

/** Of two traces or of two runs, the first the one that is compared with. */
async function answerDiff({ response, params }: Call, query: Query): Promise<void> {
  const format = choiceOf(params, 'format', ['tree', 'text'] as const)
  const [a, b, runA, runB] = ['a', 'b', 'run_a', 'run_b'].map((name) => textOf(params, name))
  if (runA !== undefined && runB !== undefined) {
    const runs = found(await query.diffRuns(runA, runB), 'no such run is stored')
    return format === 'text' ? sendText(response, 'text/plain', textOfRunDiff(runs)) : sendJson(response, runs)
  }
  if (a === undefined || b === undefined) throw new Unanswered(400, NO_DIFF)
  const diff = found(await query.diff(a, b), 'no record or span of one of these traces is stored')
  if (format === 'text') sendText(response, 'text/plain', textOfDiff(diff))
  else sendJson(response, diff)
}

const NO_DIFF = 'diff needs a and b, the ids of two traces, or run_a and run_b'

/** `new_since=run:last`: since that run began. */
async function withRunStart(params: URLSearchParams, query: Query): Promise<URLSearchParams> {
  const [, name] = /^run:(.+)$/s.exec(textOf(params, 'new_since') ?? '') ?? []
  if (name === undefined) return params
  const { started_at: startedAt } = found(await query.run(name), 'no such run is stored')
  const next = new URLSearchParams(params)
  next.set('new_since', startedAt)
  return next
}

async function answerSql({ response, body }: Call, query: Query): Promise<void> {
  const sql = (body as { sql?: unknown } | null)?.sql
  if (typeof sql !== 'string' || sql.trim() === '') {
    throw new Unanswered(400, 'the body must be {"sql":"select …"}')
  }
  sendJson(response, await query.sql(sql))
}
