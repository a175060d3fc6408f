/**
 * From one row to others: lines around it, lines that say the same, what failed requests share, files, tasks.
 */
import { describe, expect, vi } from 'vitest'

import type { LogsPage } from '../../../src/model/api.ts'
import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, shopRequests, shopSpans } from '../support/shop-traffic.ts'
import { otlp, STORY, story } from '../support/story-traffic.ts'

const COUNT = 150
const began = Date.now() - 60_000
const TASK = 'c0ffee00'.repeat(4)

/** A root task that is done, one that failed, and one that runs. */
function tasks() {
  const task = (
    span: number,
    at: number,
    [event, path]: readonly [string, string],
    values: Readonly<Record<string, string | number>>,
  ) => ({
    span,
    at,
    level: 'INFO' as const,
    body: `${event} of ${span}`,
    event: `tracelog.task.${event}`,
    values: { 'tracelog.task.path': path, ...values },
  })
  return otlp(began, TASK, [
    {
      service: 'importer',
      spans: [],
      lines: [
        task(1, 0, ['start', '1'], { 'tracelog.task.goal': 'Import the users' }),
        task(2, 5, ['start', '2/1'], { 'tracelog.task.goal': 'Within another one' }),
        task(1, 10, ['progress', '3'], { 'tracelog.task.done': 7, 'tracelog.task.total': 9 }),
        task(1, 41, ['end', '4'], { 'tracelog.task.status': 'succeeded', 'tracelog.task.last': 4 }),
        task(5, 50, ['start', '1'], { 'tracelog.task.goal': 'Send the invoices' }),
        task(5, 60, ['end', '2'], { 'tracelog.task.status': 'failed', 'tracelog.task.last': 2 }),
        task(6, 70, ['start', '1'], { 'tracelog.task.goal': 'Still at it' }),
      ],
    },
  ])
}

const page = usePage(async (backend) => {
  const requests = shopRequests(COUNT, began)
  await backend.send('traces', shopSpans(requests))
  for (const { traces, logs } of [story(began), tasks()]) {
    await backend.send('traces', traces)
    await backend.send('logs', logs)
  }
  await backend.send('logs', shopLogs(requests))
  await vi.waitFor(
    async () => {
      const { logs } = (await backend.ask('logs?limit=500&q=cart')) as LogsPage
      expect(logs.length).toBeGreaterThan(COUNT)
    },
    { timeout: 30_000, interval: 200 },
  )
})

const hasRows = `document.querySelectorAll('[data-index]:not([hidden])').length > 2`
const rowCount = `Number(document.querySelector('.list').getAttribute('aria-rowcount'))`
const q = `new URLSearchParams(location.search).get('q')`

describe('from a line', () => {
  requireBrowser('c shows the lines around it, whatever the query asks, and Esc leads back', async () => {
    const tab = await page.open('/logs?q=%22cart%20is%20undefined%22')
    await until(tab, hasRows)
    const before = await tab.evaluate(rowCount)
    await tab.keyboard.press('j')
    await tab.keyboard.press('c')
    await until(tab, `document.querySelector('.around') !== null && ${rowCount} > ${String(before)}`)
    await until(tab, `document.querySelector('.log.current')?.textContent.includes('cart is undefined')`)
    expect((await texts(tab, '.log')).some((text) => text.includes('cart looked up'))).toBe(true)
    expect(await axeViolations(tab)).toEqual([])
    await tab.keyboard.press('Escape')
    await until(tab, `document.querySelector('.around') === null && ${rowCount} === ${String(before)}`)
  })

  requireBrowser('p shows those that say the same, h hides them', async () => {
    const tab = await page.open('/logs?q=%22cart%20looked%20up%22')
    await until(tab, hasRows)
    await tab.keyboard.press('j')
    await tab.keyboard.press('p')
    await until(tab, `/pattern:[0-9a-f]{8}$/.test(${q})`)
    await until(tab, hasRows)
    expect((await texts(tab, '.log')).every((text) => text.includes('cart looked up'))).toBe(true)
    await tab.goto(new URL('/logs?q=%22cart%20looked%20up%22', page.ready.api).href)
    await until(tab, hasRows)
    await tab.keyboard.press('j')
    await tab.keyboard.press('h')
    await until(tab, `/-pattern:[0-9a-f]{8}$/.test(${q})`)
    await until(tab, `document.querySelector('.logs .empty')?.textContent === 'No record matches.'`)
  })

  requireBrowser(
    'of a request: its pattern finds it among the logs, and its record is there as it was sent',
    async () => {
      const tab = await page.open(`/traces/${STORY}?insp=otlp`)
      await until(tab, hasRows)
      await tab.keyboard.press('e')
      await until(tab, `document.querySelector('#insp-body pre')?.textContent.includes('severityNumber')`)
      expect((await texts(tab, '#insp-body pre'))[0]).toContain('cart is undefined')
      await tab.keyboard.press('p')
      await until(
        tab,
        `location.pathname === '/logs' && document.querySelector('.list').textContent.includes('cart is undefined')`,
      )
      await tab.goBack()
      await until(tab, `document.querySelector('.insp-links a') !== null`)
      await tab.click('.insp-links a')
      await until(tab, `document.querySelector('.around') !== null && ${rowCount} > 3`)
    },
  )

  requireBrowser('all that is shown becomes a file', async () => {
    const tab = await page.open('/logs?q=%22cart%20looked%20up%22')
    await until(tab, hasRows)
    await tab.evaluate(
      `URL.createObjectURL = (blob) => (blob.text().then((text) => (window.saved = text)), 'blob:none')`,
    )
    await tab.click('.export')
    await until(tab, `document.querySelector('dialog.export-as').open`)
    expect(await axeViolations(tab)).toEqual([])
    await (await tab.waitForSelector('::-p-xpath(//dialog//button[contains(., "CSV")])'))?.click()
    await until(tab, `window.saved?.startsWith('timestamp,level,service,message')`)
    expect(String(await tab.evaluate('window.saved')).split('\r\n').length).toBeGreaterThan(10)
  })
})

describe('from the requests', () => {
  requireBrowser('d says what those that failed have in common, and a click asks for it', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    await tab.keyboard.press('d')
    await until(tab, `document.querySelectorAll('.differs li').length > 0`)
    const said = await texts(tab, '.differs li')
    expect(said.join(' ')).toMatch(/error ?TypeError\d\d %0 %/)
    expect(await axeViolations(tab)).toEqual([])
    await tab.click('.differs li button')
    await until(tab, `(${q} ?? '') !== ''`)
    await until(tab, `!document.querySelector('dialog.differs').open`)
  })

  requireBrowser('y copies the request that the reader is at as text', async () => {
    const tab = await page.open('/?q=status%3A500')
    await until(tab, hasRows)
    await tab
      .browserContext()
      .overridePermissions(page.ready.api, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write'])
    await tab.bringToFront()
    await tab.keyboard.press('j')
    await tab.keyboard.press('y')
    await until(tab, `document.querySelector('.said').textContent === 'Copied as text.'`)
    expect(await tab.evaluate('navigator.clipboard.readText()')).toMatch(/^GET \/api\/cart → 500/)
  })
})

describe('tasks', () => {
  requireBrowser(
    'are rows of their own: goal, how it ended, how far, how long; those within others are not',
    async () => {
      const tab = await page.open('/tasks')
      await until(tab, `document.querySelectorAll('.task:not([hidden])').length === 3`)
      const [running, failed, done] = await texts(tab, '.task')
      expect(done).toMatch(/^\d\d:\d\d:\d\d\.\d{3}·succeeded ?Import the users→succeeded.*7 of 9importer41\.0 ms$/)
      expect(failed).toMatch(/✖failed ?Send the invoices→failed/)
      expect(running).toMatch(/◌unfinished ?Still at it→unfinished.*…$/)
      expect(await axeViolations(tab)).toEqual([])
      expect(browserComplaints()).toEqual([])
      await tab.keyboard.press('j')
      await tab.keyboard.press('Enter')
      await until(tab, `location.pathname === '/traces/${TASK}'`)
    },
  )
})
