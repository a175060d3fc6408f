/**
 * The routes below /api/v1: each asks the query core one question and answers JSON (types: model/api.ts).
 */
import { textOfDiff } from '../../tree/text/render-diff.ts'
import { textOfTrace } from '../../tree/text/render-trace.ts'
import type { Query } from '../query/query.ts'
import { sendJson, sendText, Unanswered } from './answer.ts'
import { countRequest, facetsRequest, fieldsRequest, histogramRequest, patternsRequest } from './count-params.ts'
import { choiceOf, countOf, fieldsOf, readPageRequest, textOf } from './read-params.ts'
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
    get('patterns', async ({ response, params }) => sendJson(response, await query.patterns(patternsRequest(params)))),
    get('errors', async ({ response, params }) => sendJson(response, await query.errors(patternsRequest(params)))),
    get('map', async ({ response, params }) => sendJson(response, await query.map(countRequest(params)))),
    get('fields', async ({ response, params }) => sendJson(response, await query.fields(fieldsRequest(params)))),
    get('services', async ({ response }) => sendJson(response, await query.services())),
    get('tail', ({ request, response, params }) => {
      const afterId = request.headers['last-event-id']
      serveTail(response, tails, {
        query,
        q: textOf(params, 'q'),
        afterId: typeof afterId === 'string' ? afterId : undefined,
      })
    }),
    { method: 'POST', path: `${API_PREFIX}/sql`, kind: 'api', handle: (call) => answerSql(call, query) },
  ]
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

function found<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Unanswered(404, 'no record of that id is stored')
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
  const baseline = await query.baseline(id)
  if (baseline === undefined) throw new Unanswered(404, 'no other request of that kind went well')
  sendJson(response, baseline)
}

/** Of two traces, the first the one that is compared with. */
async function answerDiff({ response, params }: Call, query: Query): Promise<void> {
  const format = choiceOf(params, 'format', ['tree', 'text'] as const)
  const [a, b] = [textOf(params, 'a'), textOf(params, 'b')]
  if (a === undefined || b === undefined) throw new Unanswered(400, 'diff needs a and b, the ids of two traces')
  const diff = await query.diff(a, b)
  if (diff === undefined) throw new Unanswered(404, 'no record or span of one of these traces is stored')
  if (format === 'text') sendText(response, 'text/plain', textOfDiff(diff))
  else sendJson(response, diff)
}

async function answerSql({ response, body }: Call, query: Query): Promise<void> {
  const sql = (body as { sql?: unknown } | null)?.sql
  if (typeof sql !== 'string' || sql.trim() === '') {
    throw new Unanswered(400, 'the body must be {"sql":"select …"}')
  }
  sendJson(response, await query.sql(sql))
}
