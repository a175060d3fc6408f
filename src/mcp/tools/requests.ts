/** The tool `requests`: which requests were there, one line each. */
import type { RequestRow } from '../../model/api.ts'
import type { LogSource, LogsQuery } from '../../sources/log-source.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import { foreignRequest } from '../foreign-rows.ts'
import { nothingFound } from '../nothing-found.ts'
import { requestTotals } from '../request-totals.ts'
import { rankedRequest } from '../request-line.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { windowOf } from '../window.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 200
/** The slowest are looked for among so many newest ones. */
const COMPARED = 500
/** Pages of requests with an error somewhere, in the search for those that failed themselves. */
const FAILED_PAGES = 10

export const requestsTool: Tool = {
  name: 'requests',
  description: 'Requests that came in, one line each: id, time, what, status, took, services, error.',
  arguments: {
    ...TIME_ARGUMENTS,
    sort: { type: 'string', choices: ['newest', 'slowest', 'failed'] },
    limit: { type: 'integer', min: 1, max: MAX_LIMIT, help: 'default 20' },
    cursor: { type: 'string' },
  },
  needs: ['requests'],
  async answer(context) {
    const { source, given, now, pageOf } = context
    const window = windowOf(given, now())
    const q = given.text('q') ?? ''
    const sort = given.text('sort') ?? 'newest'
    const query = { text: q, since: window.since, ...untilOf(window.until) }
    const [found, totals] = await Promise.all([find(context, query, sort), requestTotals(source, query)])
    const page = pageOf('/', { q, since: window.since, until: window.until })
    if (found.rows.length === 0) {
      const wanted = sort === 'failed' ? `${q} level>=error`.trim() : q
      const { text, notes } = await nothingFound({ source, of: 'requests', q: wanted, window, now: now() })
      return { head: `${window.text}: ${text}`, notes, rows: [], objects: [], tail: () => '', page }
    }
    const rows = found.rows.map(foreignRequest)
    return {
      head: `${window.text}: ${totals === undefined ? '' : `${totals}; `}${found.words}`,
      rows: rows.map((row) => rankedRequest(row, now())),
      objects: rows,
      tail: ({ shown }) => tailText(shown, rows.length, found.cursor),
      page,
    }
  },
}

interface Found {
  readonly rows: readonly RequestRow[]
  readonly words: string
  readonly cursor: string | null
}

function untilOf(until: string | undefined): { until?: string } {
  return until === undefined ? {} : { until }
}

async function find({ source, given }: ToolContext, query: LogsQuery, sort: string): Promise<Found> {
  const limit = given.integer('limit') ?? DEFAULT_LIMIT
  const cursor = given.text('cursor')
  const from = cursor === undefined ? query : { ...query, cursor }
  if (sort === 'failed') return await findFailed(source, from, limit)
  const page = await source.requests({ ...from, limit: sort === 'slowest' ? COMPARED : limit })
  const more = page.next_cursor === null ? '' : ' and more'
  if (sort !== 'slowest')
    return {
      rows: page.requests,
      words: `${page.requests.length}${more} here, newest first`,
      cursor: page.next_cursor,
    }
  const slowest = page.requests.toSorted((a, b) => (b.duration_ms ?? 0) - (a.duration_ms ?? 0)).slice(0, limit)
  return { rows: slowest, words: `the slowest of ${page.requests.length}${more} requests`, cursor: null }
}

/** Most requests with an error somewhere have failed; the others are left out. */
async function findFailed(source: LogSource, query: LogsQuery, limit: number): Promise<Found> {
  const text = `${query.text === '' || query.text === undefined ? '' : `(${query.text}) `}level>=error`
  const rows: RequestRow[] = []
  let cursor: string | null = query.cursor ?? null
  for (let page = 0; page < FAILED_PAGES && rows.length < limit; page++) {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next begins
    const answer = await source.requests({ ...query, text, limit, ...(cursor === null ? {} : { cursor }) })
    rows.push(...answer.requests.filter(({ outcome }) => outcome === 'error'))
    cursor = answer.next_cursor
    if (cursor === null) break
  }
  return { rows, words: `${rows.length}${cursor === null ? '' : ' and more'} failed requests, newest first`, cursor }
}

function tailText(shown: number, found: number, cursor: string | null): string {
  const rest = cursor === null ? 'that is all' : `next: requests(cursor:"${cursor}")`
  const said = shown < found ? `shown ${shown} of ${found}; more with budget or limit` : `shown ${shown}`
  return `${said}; ${rest}; one of them: describe_request(id)`
}
