/**
 * The page for people, and the files it needs. Rendering is backend/ui's, passed in.
 *
 * A view of the page's script is answered with one document that holds the first answer; the others are rendered here, until their
 * view is there. A trace is there as plain text too, for curl and for where there is no JavaScript.
 */
import type { Failure } from '../../model/api.ts'
import { textOfTrace } from '../../tree/text/render-trace.ts'
import type { Query } from '../query/query.ts'
import { sendText, Unanswered } from './answer.ts'
import { countRequest } from './count-params.ts'
import { choiceOf, readPageRequest, textOf } from './read-params.ts'
import type { Call, Route } from './route.ts'

/** Answers to JSON in, HTML out. MUST escape everything that came from outside. */
export interface PageRenderer {
  /** The document of the page's script, with what it needs first. */
  readonly document: (first: FirstAnswer) => string
  readonly problem: (status: number, message: string) => string
}

/** What a document brings with it. */
export interface FirstAnswer {
  readonly title: string
  readonly first: unknown
  readonly problem?: string | undefined
  readonly theme?: string | undefined
}

/** A static file of the page. */
export interface PageAsset {
  /** `/style.css` */
  readonly path: string
  /** `text/css` */
  readonly type: string
  readonly text: string
}

export interface PageRoutesOptions {
  readonly query: Query
  readonly renderer: PageRenderer
  readonly assets: readonly PageAsset[]
}

/** A view of the page's script: a row here, and one in ui/views.ts. */
interface PageView {
  readonly path: string
  readonly title: string
  /** What it asks first, so that its answer comes with the document; a view without asks by itself. */
  readonly ask?: (query: Query, params: URLSearchParams) => Promise<unknown>
}

/** Rows of a list; the next page has the rest. */
const PAGE_ROWS = 100
const PAGE_ERRORS = 200
const PAGE_RUNS = 50

const VIEWS: readonly PageView[] = [
  { path: '/', title: 'Requests', ask: (query, params) => query.requests(readPageRequest(params, PAGE_ROWS)) },
  { path: '/logs', title: 'Logs', ask: (query, params) => query.logs(readPageRequest(params, PAGE_ROWS)) },
  { path: '/tasks', title: 'Tasks' },
  { path: '/diff', title: 'Compare', ask: firstDiff },
  {
    path: '/errors',
    title: 'Errors',
    ask: (query, params) => query.errors({ ...countRequest(params), limit: PAGE_ERRORS }),
  },
  { path: '/map', title: 'Map', ask: (query, params) => query.map(countRequest(params)) },
  { path: '/runs', title: 'Runs', ask: (query) => query.runs(PAGE_RUNS) },
]

/** Of two that are named; which one a single one is compared with, the page asks. */
async function firstDiff(query: Query, params: URLSearchParams): Promise<unknown> {
  const [a, b] = [textOf(params, 'a'), textOf(params, 'b')]
  return a === undefined || b === undefined ? undefined : await query.diff(a, b)
}

export function pageRoutes({ query, renderer, assets }: PageRoutesOptions): readonly Route[] {
  return [
    ...VIEWS.map(({ path, title, ask }) =>
      page(path, (call) =>
        answerDocument(call, { query, renderer }, title, () => ask?.(query, call.params) ?? Promise.resolve(undefined)),
      ),
    ),
    page('/traces/:id', (call) => answerTraceDocument(call, { query, renderer })),
    ...assets.map(assetRoute),
  ]
}

function page(path: string, handle: Route['handle']): Route {
  return { method: 'GET', path, kind: 'page', handle }
}

/** The page, with the answer of its view's first question; a query that cannot be read is shown beside its input. */
async function answerDocument(
  { response, params }: Call,
  { query, renderer }: Pick<PageRoutesOptions, 'query' | 'renderer'>,
  title: string,
  ask: () => Promise<unknown>,
): Promise<void> {
  const theme = textOf(params, 'theme')
  const services = await query.services()
  try {
    const answer = await ask()
    sendText(response, 'text/html', renderer.document({ title, theme, first: { services, answer } }))
  } catch (error) {
    const { code, message, at } = error as { readonly code?: unknown; readonly message: string; readonly at?: number }
    if (code !== 'TRACELOG_QUERY_SYNTAX') throw error
    const failure: Failure = { error: { code, message, ...(at === undefined ? {} : { at }) } }
    const first = { services, failure }
    sendText(response, 'text/html', renderer.document({ title, theme, first, problem: message }), 400)
  }
}

/** One request; as plain text for curl and for where there is no JavaScript. */
async function answerTraceDocument(
  call: Call,
  { query, renderer }: Pick<PageRoutesOptions, 'query' | 'renderer'>,
): Promise<void> {
  const { response, params, id } = call
  const isText = choiceOf(params, 'format', ['html', 'text'] as const) === 'text'
  const tree = await query.trace(id)
  if (tree === undefined) throw new Unanswered(404, 'Nothing of this trace is stored.')
  if (isText) sendText(response, 'text/plain', textOfTrace(tree))
  else await answerDocument(call, { query, renderer }, tree.sentence, () => Promise.resolve(tree))
}

function assetRoute({ path, type, text }: PageAsset): Route {
  return { method: 'GET', path, kind: 'asset', handle: ({ response }) => sendText(response, type, text) }
}
