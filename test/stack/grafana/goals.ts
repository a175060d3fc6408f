/**
 * A request with goals that failed: the dashboard shows its lines below the level as recovered, why they are there, and what became of
 * each goal.
 */
import { expect, vi, type test } from 'vitest'

import { askLines, askRange, type Line } from './ask.ts'
import { dashboardsOf, type BuiltPanel } from './built-queries.ts'
import type { Stage } from './stage.ts'
import { substituted } from './substitute.ts'

/** Panels that are about such requests alone. */
export const GOALS_PANELS: ReadonlySet<string> = new Set(['Its recovered lines', 'Its goals'])

export interface GoalsTests {
  readonly withLoki: typeof test
  readonly stage: () => Stage
  readonly goalsTrace: () => string
}

const dashboard = dashboardsOf('dashboards').find(({ title }) => title === 'Follow one request')!
const panelOf = (title: string): BuiltPanel => dashboard.panels.find((panel) => panel.title === title)!

/** Its trace. @param lokiApi  as in `ask.ts` */
export async function findGoalsTrace(lokiApi: string): Promise<string> {
  const failed = '{service_name="goals"} | event_name="tracelog.http.server.end" | http_response_status_code=500'
  const row = await vi.waitUntil(async () => (await askRange(lokiApi, failed))[0] ?? false, { timeout: 60_000 })
  return row.labels['trace_id']!
}

export function testGoals({ withLoki, stage, goalsTrace }: GoalsTests): void {
  const linesOf = (title: string): Promise<readonly Line[]> => {
    const chosen = { service: '$__all', environment: '$__all', level: '.*', trace_id: goalsTrace(), span_id: '' }
    return askLines(`${stage().loki.url}/loki/api/v1`, substituted(panelOf(title).targets[0]!, dashboard, chosen))
  }

  withLoki('what was kept below the level is marked among its lines, in its place', async () => {
    const texts = (await linesOf('Its lines, in order')).map(({ text }) => text)
    const recovered = texts.filter((text) => text.includes('(recovered)'))
    expect(recovered.map((text) => text.replace(/^goals +[\d/]+ /, ''))).toEqual([
      '(recovered) looking at the shelf',
      '(recovered) three are there',
      '(recovered) asking the bank',
    ])
    expect(texts.findIndex((text) => text.includes('looking at the shelf'))).toBeLessThan(
      texts.findIndex((text) => text.includes('reserve 3 items')),
    )
  })

  withLoki('why it was sent, how many lines there are and whether one is missing', async () => {
    const rows = (await linesOf('Its recovered lines')).map(({ labels }) => labels)
    expect(rows).toMatchObject([
      { service_name: 'goals', tracelog_dump_buffered: '3', tracelog_dump_evicted_records: '0' },
    ])
    expect(rows[0]?.['tracelog_dump_reason']).toMatch(/^(level|status)$/)
  })

  withLoki('each goal is one row: what it was, its place, and what became of it', async () => {
    const rows = Map.groupBy(await linesOf('Its goals'), ({ labels }) => labels['span_id'])
    const tasks = [...rows.values()].map((lines) => Object.assign({}, ...lines.map(({ labels }) => labels)))
    expect(tasks).toMatchObject([
      { tracelog_task_goal: 'tell the customer' },
      { tracelog_task_goal: 'order', tracelog_task_status: 'failed', exception_message: 'the bank said no' },
      { tracelog_task_goal: 'reserve 3 items', tracelog_task_status: 'succeeded' },
      { tracelog_task_goal: 'pay', tracelog_task_status: 'failed', exception_message: 'the bank said no' },
    ])
    expect(tasks[0]).not.toHaveProperty('tracelog_task_status')
    for (const { tracelog_elapsed_ms: millis } of tasks.slice(1)) expect(Number(millis)).toBeGreaterThanOrEqual(0)
    const [, order, reserve, pay] = tasks.map(({ task }) => task as string)
    for (const path of [reserve, pay]) expect(path).toMatch(new RegExp(`^${order}/\\d+$`))
    // Start and end of a goal have the same place.
    for (const lines of rows.values()) expect(new Set(lines.map(({ labels }) => labels['task'])).size).toBe(1)
  })
}
