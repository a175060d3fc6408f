/**
 * The views as pictures, to be looked at: each in both themes and three widths. Written to TRACELOG_SCREENSHOTS, or nowhere; what is held
 * here is that each of them is drawn without a complaint of the browser.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, vi } from 'vitest'

import { browserComplaints, requireBrowser, until, usePage } from '../support/browser.ts'
import { otlp, STORY, story } from '../support/story-traffic.ts'
import { shopLogs, shopRequests, shopSpans, traceIdOf } from '../support/shop-traffic.ts'

const COUNT = 200
const page = usePage(async (backend) => {
  const requests = shopRequests(COUNT, Date.now() - 10_000)
  await backend.send('traces', shopSpans(requests))
  const { traces, logs } = story(Date.now() - 60_000)
  await backend.send('traces', traces)
  await backend.send('logs', logs)
  await backend.send('logs', shopLogs(requests))
  await backend.send('logs', tasks(Date.now() - 30_000).logs)
  await vi.waitFor(
    async () => {
      const { requests: found } = (await backend.ask('requests?limit=500')) as { requests: unknown[] }
      // The story, and two tasks without a request above them.
      expect(found.length).toBe(COUNT + 3)
    },
    { timeout: 20_000 },
  )
})

/** Two root tasks that are done. */
function tasks(at: number) {
  const record = (span: number, from: number, event: string, values: Readonly<Record<string, string>>) => ({
    span,
    at: from,
    level: 'INFO' as const,
    body: event,
    event: `tracelog.task.${event}`,
    values: { 'tracelog.task.path': event === 'start' ? '1' : '2', ...values },
  })
  const lines = ['Import the users of the old shop', 'Send the invoices of November'].flatMap((goal, i) => [
    record(i + 1, i * 900, 'start', { 'tracelog.task.goal': goal }),
    record(i + 1, i * 900 + 640, 'end', { 'tracelog.task.status': i === 0 ? 'succeeded' : 'failed' }),
  ])
  return otlp(at, 'c0ffee00'.repeat(4), [{ service: 'jobs', spans: [], lines }])
}

const folder = process.env['TRACELOG_SCREENSHOTS']
// Without a folder nobody looks: other tests hold both themes and the widths.
const THEMES = folder === undefined ? (['light'] as const) : (['dark', 'light'] as const)
const WIDTHS = folder === undefined ? [900] : [1440, 900, 320]
const VIEWS = [
  {
    name: 'requests',
    path: '/?q=status%3E%3D200',
    shown: `document.querySelectorAll('.req:not([hidden])').length > 3`,
    hasFacets: true,
  },
  {
    name: 'logs',
    path: '/logs?q=cart',
    shown: `document.querySelectorAll('.log:not([hidden])').length > 3`,
    hasFacets: true,
    press: 'i' as const,
  },
  { name: 'errors', path: '/errors', shown: `document.querySelectorAll('.err-row:not([hidden])').length > 0` },
  { name: 'map', path: '/map', shown: `document.querySelectorAll('.map .node').length > 2` },
  {
    name: 'request',
    path: `/traces/${STORY}`,
    shown: `document.querySelectorAll('.list .line:not([hidden])').length > 3`,
  },
  {
    name: 'tasks',
    path: '/tasks',
    shown: `document.querySelectorAll('.task:not([hidden])').length > 1`,
  },
  {
    name: 'compare',
    path: `/diff?${new URLSearchParams({ a: traceIdOf(0), b: traceIdOf(3) }).toString()}`,
    shown: `document.querySelectorAll('[data-index]:not([hidden])').length > 1`,
  },
  {
    name: 'differs',
    path: '/',
    shown: `document.querySelectorAll('.req:not([hidden])').length > 3`,
    press: 'd' as const,
  },
]

for (const { name, path, shown, press, hasFacets } of VIEWS) {
  requireBrowser(`${name} in both themes and three widths`, async () => {
    for (const theme of THEMES) {
      for (const width of WIDTHS) {
        const tab = await page.open(path, { theme, width })
        await until(tab, shown)
        if (hasFacets) await until(tab, `document.querySelectorAll('.facet').length > 3`)
        if (width === 1440) await tab.keyboard.press('j')
        if (width === 1440 && press !== undefined) await tab.keyboard.press(press)
        if (folder !== undefined) {
          mkdirSync(folder, { recursive: true })
          await tab.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
        }
      }
    }
    expect(browserComplaints()).toEqual([])
  })
}
