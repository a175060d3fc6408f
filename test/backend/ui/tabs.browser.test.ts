/**
 * The page in many tabs and windows of one browser, which allows six connections per host: none of them hangs, all hear what comes.
 */
import { expect, vi } from 'vitest'

import { requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, shopRequests, shopSpans } from '../support/shop-traffic.ts'

// Many tabs, and much in them, on a slow machine.
vi.setConfig({ testTimeout: 120_000 })

const COUNT = 60
const page = usePage(async (backend) => {
  const requests = shopRequests(COUNT, Date.now() - 60_000)
  await backend.send('traces', shopSpans(requests))
  await backend.send('logs', shopLogs(requests))
  await vi.waitFor(
    async () => {
      const { requests: found } = (await backend.ask('requests?limit=500')) as { requests: unknown[] }
      expect(found.length).toBe(COUNT)
    },
    { timeout: 20_000 },
  )
})

const hasRows = `document.querySelectorAll('[data-index]:not([hidden])').length > 3`
const isLive = `document.querySelector('.live').classList.contains('on')`
const has = (text: string) => `document.querySelector('.list').textContent.includes(${JSON.stringify(text)})`

/** @param index  of a request that nobody has sent */
async function sendOne(index: number, path: string): Promise<void> {
  const request = { index, at: Date.now(), path, status: 500, error: { type: 'Error', message: `no ${path}` } }
  await page.send('traces', shopSpans([request]))
  await page.send('logs', shopLogs([request]))
}

requireBrowser(
  'eight tabs: each has rows, and what came while it was hidden is there when it is looked at',
  async () => {
    const first = await page.open('/')
    const second = await page.open('/logs')
    await until(second, `${hasRows} && ${isLive}`)
    expect(await first.evaluate('document.hidden')).toBe(true)
    for (const path of ['/', '/logs', '/?q=status%3A500', '/logs?q=cart', '/']) {
      // oxlint-disable-next-line no-await-in-loop -- a reader opens one after the other
      await until(await page.open(path), hasRows)
    }
    const last = await page.open('/')
    await until(last, `${hasRows} && ${isLive}`)
    await sendOne(5_000, '/api/meanwhile')
    await until(last, has('/api/meanwhile'))
    for (const tab of [first, second]) {
      // oxlint-disable-next-line no-await-in-loop -- only one is looked at
      await tab.bringToFront()
      // oxlint-disable-next-line no-await-in-loop -- as above
      await until(tab, `${has('/api/meanwhile')} && ${isLive}`)
    }
  },
)

requireBrowser('a tab that comes back does not move what is read', async () => {
  const tab = await page.open('/')
  await until(tab, `${hasRows} && ${isLive}`)
  await tab.$eval('.list', (list) => list.scrollTo(0, 340))
  const anchor = `[...document.querySelectorAll('.req')].find((row) => Math.abs(row.getBoundingClientRect().top
    - document.querySelector('.list').getBoundingClientRect().top) < 2)?.textContent`
  await until(tab, `(${anchor}) !== undefined`)
  const before = await tab.evaluate(anchor)
  const other = await page.open('/')
  await until(other, `${hasRows} && ${isLive}`)
  await sendOne(5_100, '/api/behind')
  await until(other, has('/api/behind'))
  await tab.bringToFront()
  await until(tab, `document.querySelector('.fresh')?.textContent === '▲ 1 new'`)
  expect(await tab.evaluate(anchor)).toBe(before)
})

requireBrowser('eight windows, all seen at once: each has rows and hears what comes', async () => {
  const tabs = []
  for (let index = 0; index < 8; index++) {
    // oxlint-disable-next-line no-await-in-loop -- a reader opens one after the other
    const tab = await page.open(index % 2 === 0 ? '/' : '/logs', { isWindow: true })
    // oxlint-disable-next-line no-await-in-loop -- as above
    await until(tab, `${hasRows} && ${isLive}`)
    tabs.push(tab)
  }
  expect(await Promise.all(tabs.map((tab) => tab.evaluate('document.hidden')))).toEqual(tabs.map(() => false))
  await sendOne(5_200, '/api/everywhere')
  await Promise.all(tabs.map((tab) => until(tab, has('/api/everywhere'))))
  expect((await texts(tabs[0] as NonNullable<(typeof tabs)[0]>, '.req'))[0]).toContain('/api/everywhere')
})
