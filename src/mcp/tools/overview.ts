/** The tool `overview`: what is there at all, in a few lines: the first call. */
import type { RequestRow, ServiceRow } from '../../model/api.ts'
import { visibleLine } from '../../model/visible-text.ts'
import type { RankedRow } from '../../tree/text/fit-rows.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import { foreignRequest, shortText } from '../foreign-rows.ts'
import { nothingFound } from '../nothing-found.ts'
import { requestLine, titleOf } from '../request-line.ts'
import type { Tool } from '../tool.ts'
import { windowOf } from '../window.ts'

/** Newest requests that are looked at. */
const LOOKED_AT = 500
/** Lines of each kind. */
const ROUTES = 3
const FAILED = 3
const MAX_SERVICES = 12

export const overviewTool: Tool = {
  name: 'overview',
  description: 'Services, requests, errors, slowest routes: call it first.',
  arguments: { since: TIME_ARGUMENTS['since'] ?? { type: 'string' }, until: { type: 'string' } },
  needs: ['requests'],
  defaultBudget: 400,
  async answer({ source, given, now, pageOf }) {
    const window = windowOf(given, now())
    const until = window.until === undefined ? {} : { until: window.until }
    const [services, found] = await Promise.all([
      source.capabilities.has('services') ? source.services() : [],
      source.requests({ since: window.since, ...until, limit: LOOKED_AT }),
    ])
    const page = pageOf('/', { since: window.since, until: window.until })
    const known = serviceRows(services)
    if (found.requests.length === 0) {
      const { text } = await nothingFound({ source, of: 'requests', q: '', window, now: now() })
      return { head: `${window.text}: ${text}`, rows: known, objects: services, tail: () => '', page }
    }
    const requests = found.requests.map(foreignRequest)
    const failed = requests.filter(({ outcome }) => outcome === 'error')
    const rows = [...failedRows(failed, now()), ...routeRows(requests), ...known]
    const more = found.next_cursor === null ? '' : `, the newest ${requests.length} of more`
    return {
      head: `${window.text}: ${requests.length} requests, ${failed.length} failed${more}`,
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

/** By the slowest of them; those of one service, method and route are one. */
function routeRows(requests: readonly RequestRow[]): RankedRow[] {
  const routes = new Map<string, number[]>()
  for (const row of requests) {
    const route = row.route === undefined ? titleOf(row) : `${row.method ?? ''} ${row.route}`.trim()
    const took = routes.get(route) ?? []
    routes.set(route, took)
    if (row.duration_ms !== null) took.push(row.duration_ms)
  }
  return [...routes]
    .map(([route, took]) => ({ route, took: took.toSorted((a, b) => a - b) }))
    .filter(({ took }) => took.length > 0)
    .toSorted((a, b) => shareOf(b.took, 0.95) - shareOf(a.took, 0.95))
    .slice(0, ROUTES)
    .map(({ route, took }) => ({
      rank: 1,
      text: visibleLine(
        `slow: ${route}  ${took.length} requests  p50 ${shareOf(took, 0.5).toFixed(1)} ms  p95 ${shareOf(took, 0.95).toFixed(1)} ms`,
      ),
      noun: 'route',
    }))
}

/** @param sorted  not empty */
function shareOf(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
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
