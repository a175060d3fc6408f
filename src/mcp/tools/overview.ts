/** The tool `overview`: what is there at all, in a few lines: the first call. */
import type { RequestRow, RunRow, ServiceRow } from '../../model/api.ts'
import { visibleLine } from '../../model/visible-text.ts'
import type { RankedRow } from '../../tree/text/fit-rows.ts'
import { runWords } from '../../tree/text/render-run-diff.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import { foreignRequest, foreignRun, shortText } from '../foreign-rows.ts'
import { nothingFound } from '../nothing-found.ts'
import { requestTotals, totalsText } from '../request-totals.ts'
import { requestLine } from '../request-line.ts'
import { routeFigures } from '../../sources/route-figures.ts'
import type { Tool } from '../tool.ts'
import { windowOf } from '../window.ts'

/** Newest requests that are looked at. */
const LOOKED_AT = 500
/** Lines of each kind. */
const ROUTES = 3
const FAILED = 3
const MAX_SERVICES = 12
const RUNS = 2

export const overviewTool: Tool = {
  name: 'overview',
  description: 'Services, runs, requests, errors, slowest routes: call it first.',
  arguments: { since: TIME_ARGUMENTS['since'] ?? { type: 'string' }, until: { type: 'string' } },
  needs: ['requests'],
  defaultBudget: 400,
  async answer({ source, given, now, pageOf }) {
    const window = windowOf(given, now())
    const until = window.until === undefined ? {} : { until: window.until }
    const [services, runs, totals, found] = await Promise.all([
      source.capabilities.has('services') ? source.services() : [],
      source.capabilities.has('runs') ? source.runs(RUNS) : [],
      requestTotals(source, { since: window.since, ...until }),
      source.requests({ since: window.since, ...until, limit: LOOKED_AT }),
    ])
    const page = pageOf('/', { since: window.since, until: window.until })
    const known = [...serviceRows(services), ...runs.map((run) => runRow(foreignRun(run), now()))]
    if (found.requests.length === 0) {
      const { text } = await nothingFound({ source, of: 'requests', q: '', window, now: now() })
      return { head: `${window.text}: ${text}`, rows: known, objects: services, tail: () => '', page }
    }
    const requests = found.requests.map(foreignRequest)
    const failed = requests.filter(({ outcome }) => outcome === 'error')
    const rows = [...failedRows(failed, now()), ...routeRows(requests), ...known]
    const more = found.next_cursor === null ? '' : `; below, the newest ${requests.length} of them`
    return {
      head: `${window.text}: ${totals ?? totalsText(requests.length, failed.length)}${more}`,
      rows,
      objects: rows.map(({ text }) => ({ text })),
      tail: () => 'next: requests(sort:"failed"), describe_request(id), logs(q:"level>=warn")',
      page,
    }
  },
}

function failedRows(failed: readonly RequestRow[], now: number): RankedRow[] {
  return failed
    .slice(0, FAILED)
    .map((row) => ({ rank: 0, text: `failed: ${requestLine(row, now)}`, noun: 'failed request' }))
}

/** The slowest ones. */
function routeRows(requests: readonly RequestRow[]): RankedRow[] {
  return routeFigures(requests, 1)
    .filter(({ p95_ms: slow }) => slow !== null)
    .toSorted((a, b) => (b.p95_ms ?? 0) - (a.p95_ms ?? 0))
    .slice(0, ROUTES)
    .map(({ service, route, requests: count, p50_ms: middle, p95_ms: slow }) => {
      const figures = `${count} requests  p50 ${(middle ?? 0).toFixed(1)} ms  p95 ${(slow ?? 0).toFixed(1)} ms`
      return { rank: 1, text: visibleLine(`slow: ${service} ${route}  ${figures}`), noun: 'route' }
    })
}

function runRow(run: RunRow, now: number): RankedRow {
  return { rank: 2, text: visibleLine(`run: ${runWords(run, new Date(now))}`), noun: 'run' }
}

function serviceRows(services: readonly ServiceRow[]): RankedRow[] {
  const named = services
    .slice(0, MAX_SERVICES)
    .map(({ name, errors }) => `${shortText(name)}${errors > 0 ? ` (${errors} errors)` : ''}`)
  if (named.length === 0) return []
  const more = services.length > MAX_SERVICES ? `, ${services.length - MAX_SERVICES} more` : ''
  const since = services.map(({ first_at: first }) => first).toSorted()[0] ?? ''
  return [
    { rank: 2, text: visibleLine(`services since ${since.slice(0, 19)}Z: ${named.join(', ')}${more}`), noun: 'line' },
  ]
}
