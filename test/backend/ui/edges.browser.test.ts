/**
 * What a page must bear: much of everything, text that runs the other way, a store that is behind, a clock that is wrong, other ways to look.
 */
import type { Page } from 'puppeteer-core'
import { describe, expect, vi } from 'vitest'

import type { TraceTree } from '../../../src/model/api.ts'
import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, shopRequests, shopSpans } from '../support/shop-traffic.ts'
import { otlp, STORY, story } from '../support/story-traffic.ts'

// Many tabs, and much in them, on a slow machine.
vi.setConfig({ testTimeout: 120_000 })

const began = Date.now() - 60_000
const MANY = 'd'.repeat(32)
const DEEP = 'e'.repeat(32)
const WRONG_CLOCK = 'f'.repeat(32)
const RTL = 'שלום עולם'
const LONG = 'long '.repeat(13_200)
const FRAMES = 2_000
const HOUR = 3_600_000

const line = { span: 1, at: 1, level: 'INFO' as const }
const served = { id: 1, kind: 2 as const, name: 'GET /api/edge', from: 0, to: 500 }
const http = { 'http.request.method': 'GET', 'url.path': '/api/edge', 'http.response.status_code': 200 }

/** One trace through 400 services. */
function manyServices() {
  const senders = Array.from({ length: 400 }, (_, i) => ({
    service: `service-${String(i).padStart(3, '0')}`,
    spans: [
      { ...served, id: i + 1, ...(i === 0 ? {} : { parent: 1 }), from: i, to: i === 0 ? 500 : i + 1, values: http },
    ],
    lines: [],
  }))
  return otlp(began, MANY, senders)
}

/** 300 attributes, a message of 64 KiB, one from right to left, an error whose stack has 2,000 frames. */
function deepTrace() {
  const frames = Array.from({ length: FRAMES }, (_, i) => `    at step${i} (/srv/shop/src/recursion.ts:${i + 1}:7)`)
  const error = {
    'exception.type': 'RangeError',
    'exception.message': 'too deep',
    'exception.stacktrace': ['RangeError: too deep', ...frames].join('\n'),
  }
  const wide = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key_${String(i).padStart(3, '0')}`, i]))
  return otlp(began, DEEP, [
    {
      service: 'edge',
      spans: [{ ...served, values: { ...http, 'http.response.status_code': 500 }, failed: true }],
      lines: [
        { ...line, body: 'wide', values: wide },
        { ...line, at: 2, body: LONG },
        { ...line, at: 3, body: RTL, values: { user: 42 } },
        { ...line, at: 4, level: 'ERROR', body: 'too deep', values: error },
      ],
    },
  ])
}

/** The second service's clock is an hour ahead. */
function wrongClock() {
  const called = {
    id: 3,
    parent: 2,
    kind: 2 as const,
    name: 'GET /api/edge',
    from: HOUR + 12,
    to: HOUR + 88,
    values: http,
  }
  return otlp(began, WRONG_CLOCK, [
    {
      service: 'early',
      spans: [
        { ...served, to: 100, values: http },
        { id: 2, parent: 1, kind: 3, name: 'GET', from: 10, to: 90, values: http },
      ],
      lines: [],
    },
    { service: 'ahead', spans: [called], lines: [{ ...line, span: 3, at: HOUR + 20, body: 'said an hour later' }] },
  ])
}

const empty = usePage()
const page = usePage(async (backend) => {
  const requests = shopRequests(40, began)
  const traffic = [manyServices(), deepTrace(), wrongClock(), story(began)]
  await backend.send('traces', shopSpans(requests))
  await backend.send('logs', shopLogs(requests))
  for (const { traces, logs } of traffic) {
    await backend.send('traces', traces)
    await backend.send('logs', logs)
  }
  await vi.waitFor(
    async () => expect(((await backend.ask(`traces/${STORY}`)) as Partial<TraceTree>).rows?.length).toBeGreaterThan(8),
    { timeout: 30_000, interval: 200 },
  )
})

const hasRows = `document.querySelectorAll('[data-index]:not([hidden])').length > 3`
const isNoWider = `document.documentElement.scrollWidth <= innerWidth`

async function emulate(tab: Page, name: string, value: string): Promise<void> {
  const session = await tab.createCDPSession()
  await session.send('Emulation.setEmulatedMedia', { features: [{ name, value }] })
}

describe('much of everything', () => {
  requireBrowser('400 services: some have a chip, the rest is counted, few elements', async () => {
    const tab = await page.open(`/traces/${MANY}`)
    await until(tab, hasRows)
    expect(await texts(tab, '.lanes .more')).toEqual(['and 376 more'])
    expect((await tab.$$('.list .line')).length).toBeLessThanOrEqual(80)
    await tab.goto(new URL('/', page.ready.api).href)
    await until(tab, `document.querySelector('.list').textContent.includes('and 394 more')`)
    expect((await tab.$$('.req .svc')).length).toBeLessThanOrEqual(80 * 6)
    expect(await tab.evaluate(isNoWider)).toBe(true)
  })

  requireBrowser('300 attributes: few in the row, all in the inspector', async () => {
    const tab = await page.open(`/traces/${DEEP}?insp=fields`)
    await until(tab, hasRows)
    await tab.keyboard.press('j')
    await tab.keyboard.press('j')
    await until(tab, `document.querySelectorAll('.kv dt').length >= 300`)
    expect(await texts(tab, '.line.current .field')).toHaveLength(3)
    expect((await texts(tab, '.line.current .note')).join(' ')).toContain('+297')
  })

  requireBrowser('a message of 64 KiB: one row of the height of all others, all of it beside the list', async () => {
    const tab = await page.open('/logs?q=long')
    await until(tab, `document.querySelectorAll('.log:not([hidden])').length === 1`)
    const box = await (await tab.$('.log:not([hidden])'))?.boundingBox()
    expect(box?.height).toBe(24)
    await tab.keyboard.press('j')
    await tab.keyboard.press('i')
    await until(tab, `document.querySelector('.panel-head b') !== null`)
    expect(await tab.$eval('.panel-head b', (head) => head.textContent?.length ?? 0)).toBeGreaterThanOrEqual(65_000)
    expect(await tab.evaluate(isNoWider)).toBe(true)
  })

  requireBrowser(
    'a stack of 2,000 frames: its first ones, the rest at a click, all of it in the inspector',
    async () => {
      const tab = await page.open(`/traces/${DEEP}?insp=stack`)
      await until(tab, hasRows)
      const rest = `[...document.querySelectorAll('.frames-text')].find((row) => row.textContent === '1,992 frames more of this app')`
      await until(tab, `${rest} !== undefined`)
      await tab.keyboard.press('e')
      await until(tab, `document.querySelectorAll('.stack > div').length === ${FRAMES}`)
      await tab.evaluate(`${rest}.click()`)
      await until(tab, `Number(document.querySelector('.list').getAttribute('aria-rowcount')) > ${FRAMES}`)
      expect((await tab.$$('.list .line')).length).toBeLessThanOrEqual(80)
    },
  )
})

describe('text and time', () => {
  requireBrowser('a message from right to left turns nothing else round', async () => {
    for (const [path, row, parts] of [
      [`/logs?q=${encodeURIComponent(RTL)}`, '.log', '.line'],
      [`/traces/${DEEP}`, '.list .line', '.what'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one tab after the other
      const tab = await page.open(path)
      const at = `[...document.querySelectorAll('${row}')].find((each) => each.textContent.includes('${RTL}'))`
      // oxlint-disable-next-line no-await-in-loop -- as above
      await until(tab, `${at} !== undefined`)
      const left = (what: string) => tab.evaluate(`${what}.getBoundingClientRect().left`) as Promise<number>
      const text = `[...${at}.querySelectorAll('${parts} span, ${parts} mark')].find((each) => each.textContent.includes('שלום'))`
      // oxlint-disable-next-line no-await-in-loop -- as above
      const [told, field] = await Promise.all([left(text), left(`${at}.querySelector('.field')`)])
      expect(told, path).toBeLessThan(field)
    }
  })

  requireBrowser('a clock an hour ahead is told in the head, and the rows are in order', async () => {
    const tab = await page.open(`/traces/${WRONG_CLOCK}`)
    await until(tab, hasRows)
    expect((await texts(tab, '.story-seen'))[0]).toMatch(/The clock of ahead is 3600\.0 s ahead of early's/)
    const times = (await texts(tab, '.list .line .at')).filter((text) => text !== '').map(Number)
    expect(Math.max(...times)).toBeLessThan(200)
    await tab.keyboard.press('r')
    await until(tab, `[...document.querySelectorAll('.list .line .at')].some((at) => Number(at.textContent) > ${HOUR})`)
  })

  requireBrowser('a store that is behind says by how much, and no longer when it has caught up', async () => {
    let lag = 12_400_000
    const tab = await page.open('/')
    await until(tab, hasRows)
    await tab.setRequestInterception(true)
    tab.on('request', (request) => {
      const body = JSON.stringify({ stored: { waiting_bytes: lag } })
      const isStatus = request.url().endsWith('/api/v1/status')
      void (isStatus ? request.respond({ status: 200, contentType: 'application/json', body }) : request.continue())
    })
    await until(tab, `document.querySelector('.behind') !== null`)
    expect(await texts(tab, '.behind')).toEqual(['The store is 12.4 MB behind: the newest are not in the lists yet.'])
    expect(await axeViolations(tab)).toEqual([])
    lag = 3
    await until(tab, `document.querySelector('.behind') === null`)
  })

  requireBrowser('an empty store says how to fill it, and in the logs that there is nothing', async () => {
    const tab = await empty.open('/')
    await until(tab, `document.querySelector('.requests .empty') !== null`)
    expect((await texts(tab, '.requests .empty'))[0]).toContain('npx tracelog run -- npm start')
    expect(await axeViolations(tab)).toEqual([])
    await tab.goto(new URL('/logs', empty.ready.api).href)
    await until(tab, `document.querySelector('.logs .empty')?.textContent === 'No records yet.'`)
    expect(browserComplaints()).toEqual([])
  })
})

describe('other ways to look', () => {
  requireBrowser('nothing moves by itself where less motion is wanted', async () => {
    const open = Date.now()
    const id = '9'.repeat(32)
    await page.send(
      'logs',
      otlp(open, id, [
        {
          service: 'job',
          spans: [],
          lines: [
            { ...line, body: 'still at it' },
            { ...line, at: 400, body: 'and on' },
          ],
        },
      ]).logs,
    )
    await vi.waitFor(
      async () => expect(((await page.ask(`traces/${id}`)) as Partial<TraceTree>).rows?.length).toBe(3),
      {
        timeout: 20_000,
      },
    )
    const tab = await page.open(`/traces/${id}`)
    await until(tab, `document.querySelector('.stretch.open') !== null && document.getAnimations().length > 0`)
    await emulate(tab, 'prefers-reduced-motion', 'reduce')
    await until(tab, `document.getAnimations().length === 0`)
  })

  requireBrowser(
    'with the colours of the system the chosen row, the lanes and the outcome are told apart',
    async () => {
      const tab = await page.open('/')
      await until(tab, hasRows)
      await emulate(tab, 'forced-colors', 'active')
      await tab.keyboard.press('e')
      // In one question: what still arrives may move the row.
      await until(
        tab,
        `(() => {
          const row = document.querySelector('.req.current.error')
          return row?.querySelector('.glyph').textContent === '✖' && getComputedStyle(row).outlineStyle === 'solid'
            && getComputedStyle(row.querySelector('.svc > i')).forcedColorAdjust === 'none'
        })()`,
      )
    },
  )

  requireBrowser('at 200 % nothing is cut off sideways, and axe finds nothing against it', async () => {
    for (const path of ['/?q=status%3E%3D200', '/logs', `/traces/${STORY}?insp=fields`]) {
      // A window of 1,280 pixels has 640 then.
      // oxlint-disable-next-line no-await-in-loop -- one tab after the other
      const tab = await page.open(path, { width: 640, height: 400 })
      // oxlint-disable-next-line no-await-in-loop -- as above
      await tab.setViewport({ width: 640, height: 400, deviceScaleFactor: 2 })
      // oxlint-disable-next-line no-await-in-loop -- as above
      await until(tab, hasRows.replace('> 3', '> 1'))
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await tab.evaluate(isNoWider), path).toBe(true)
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await axeViolations(tab), path).toEqual([])
    }
  })
})
