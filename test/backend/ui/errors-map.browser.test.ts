/**
 * Errors and the map in a real browser: what they say, what keys and clicks do, and that both are for everybody: axe, both themes, 320 px.
 */
import type { Page } from 'puppeteer-core'
import { describe, expect, vi } from 'vitest'

import type { Errors, ServiceMap } from '../../../src/model/api.ts'
import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopSpans } from '../support/shop-traffic.ts'
import { STORY, story } from '../support/story-traffic.ts'

const HOSTILE = '<img src=x onerror=alert(1)>\u202e"\'&'
const began = Date.now() - 60_000
const NANOS = 1_000_000n

interface Told {
  readonly service: string
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly trace?: string
  readonly at?: number
}

function told({ service, type, message, stack = '', trace = '', at = began }: Told): object {
  const values = { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack }
  const attributes = Object.entries(values).flatMap(([key, value]) =>
    value === '' ? [] : [{ key, value: { stringValue: value } }],
  )
  const record = {
    timeUnixNano: String(BigInt(at) * NANOS),
    severityNumber: 17,
    body: { stringValue: message },
    attributes,
    ...(trace === '' ? {} : { traceId: trace, spanId: '00000000000000aa' }),
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }
}

/** A CLIENT span that nobody answers. */
function silentCall(at: number): object {
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    name: 'SELECT',
    kind: 3,
    startTimeUnixNano: String(BigInt(at) * NANOS),
    endTimeUnixNano: String(BigInt(at + 4) * NANOS),
    status: { code: 2 },
    attributes: [
      { key: 'db.system.name', value: { stringValue: 'postgresql' } },
      { key: 'server.address', value: { stringValue: 'db.internal' } },
      { key: 'server.port', value: { intValue: '5432' } },
    ],
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] }
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }
}

const page = usePage(async (backend) => {
  const { traces, logs } = story(began)
  await backend.send('traces', traces)
  await backend.send('logs', logs)
  await backend.send('traces', silentCall(began))
  await backend.send('traces', shopSpans([{ index: 1, at: began }]))
  for (let i = 0; i < 3; i++) {
    await backend.send(
      'logs',
      told({ service: 'worker', type: 'QueueError', message: `job ${i} is gone`, at: began + i }),
    )
  }
  await backend.send('logs', told({ service: HOSTILE, type: HOSTILE, message: HOSTILE }))
  await vi.waitFor(
    async () => {
      const [{ errors }, { edges }] = (await Promise.all([backend.ask('errors'), backend.ask('map')])) as [
        Errors,
        ServiceMap,
      ]
      expect(errors.length).toBe(3)
      expect(edges.length).toBe(2)
    },
    { timeout: 20_000 },
  )
})

const ROWS = '.err-row:not([hidden])'
const hasErrors = `document.querySelectorAll('${ROWS}').length >= 3`
const hasMap = `document.querySelectorAll('.map .node').length >= 3`
const path = (tab: Page): string => new URL(tab.url()).pathname
const queryOf = (tab: Page): string | null => new URL(tab.url()).searchParams.get('q')

describe('errors', () => {
  requireBrowser('are told by how often, each with its words, its place and its services', async () => {
    const tab = await page.open('/errors')
    await until(tab, hasErrors)
    const rows = await texts(tab, ROWS)
    expect(rows[0]).toMatch(/^3×QueueError ?job 2 is gone/)
    expect(rows[0]).toMatch(/worker/)
    const cart = rows.find((row) => row.includes('TypeError')) ?? ''
    expect(cart).toMatch(/^1×TypeError ?cart is undefined/)
    expect(cart).toMatch(/at getCart \(\/srv\/shop\/src\/cart\.ts\)/)
    expect(rows.find((row) => row.includes('<img'))).toContain('<img src=x onerror=alert(1)>\\u202e"\'&')
    expect(await tab.$$('img')).toEqual([])
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('open their newest request by key and click, and their records by l', async () => {
    const tab = await page.open('/?q=service%3Aweb')
    await until(tab, `document.querySelector('.req:not([hidden])') !== null`)
    await tab.keyboard.press('5')
    await until(tab, `location.pathname === '/errors' && document.querySelectorAll('${ROWS}').length === 1`)
    await tab.keyboard.press('j')
    await until(tab, `document.querySelector('.err-row.current') !== null`)
    await tab.keyboard.press('Enter')
    await until(tab, `location.pathname === '/traces/${STORY}'`)
    await tab.goBack()
    await until(tab, `document.querySelectorAll('${ROWS}').length === 1`)
    await tab.keyboard.press('j')
    await tab.keyboard.press('l')
    await until(tab, `location.pathname === '/logs' && document.querySelectorAll('.log:not([hidden])').length === 1`)
    expect(queryOf(tab)).toMatch(/^pattern:[0-9a-f]{8}$/)
    await tab.goBack()
    await until(tab, `document.querySelectorAll('${ROWS}').length === 1`)
    await tab.click(`${ROWS} .records`)
    await until(tab, `location.pathname === '/logs'`)
    await tab.goBack()
    await until(tab, `document.querySelectorAll('${ROWS}').length === 1`)
    await tab.click(`${ROWS} .struck`)
    await until(tab, `location.pathname === '/traces/${STORY}'`)
  })

  requireBrowser('that come are counted, and the current one stays current', async () => {
    const tab = await page.open('/errors')
    await until(tab, hasErrors)
    await tab.keyboard.press('j')
    await until(tab, `document.querySelector('.err-row.current')?.textContent.includes('QueueError')`)
    for (let i = 0; i < 5; i++) {
      await page.send('logs', told({ service: 'late', type: 'LateError', message: 'late', at: began + i }))
    }
    await until(tab, `document.querySelector('.list').textContent.includes('5×LateError')`)
    expect(await texts(tab, '.err-row.current')).toEqual([expect.stringContaining('QueueError')])
  })

  requireBrowser('say so when there are none, and what is wrong with a query', async () => {
    const tab = await page.open('/errors?q=no-such-word')
    await until(tab, `document.querySelector('.empty')?.textContent === 'No error matches.'`)
    await tab.goto(new URL('/errors?q=a+AND+)', page.ready.api).href)
    await until(tab, `document.querySelector('#problem')?.textContent.includes('column')`)
  })
})

describe('the map', () => {
  requireBrowser('shows who calls whom, and hatches who told nothing', async () => {
    const tab = await page.open('/map')
    await until(tab, hasMap)
    const names = await texts(tab, '.map .name')
    expect(names).toEqual(expect.arrayContaining(['lb', 'web', 'db.internal:5432']))
    expect(await texts(tab, '.map .silent .name')).toContain('db.internal:5432')
    const calls = await texts(tab, '.calls tbody tr')
    expect(calls).toContainEqual(expect.stringMatching(/^lb ?web/))
    expect(calls).toContainEqual(expect.stringMatching(/^web ?db\.internal:5432.*100 %/))
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('filters by a click and by the keyboard', async () => {
    const tab = await page.open('/map')
    await until(tab, hasMap)
    await tab.keyboard.press('j')
    await until(tab, `document.activeElement.classList.contains('node')`)
    await tab.$eval('.map .silent', (node) => (node as unknown as { focus(): void }).focus())
    await tab.keyboard.press('Enter')
    await until(tab, `location.search.includes('server.address')`)
    expect(queryOf(tab)).toBe('server.address:db.internal')
    await until(tab, `document.querySelectorAll('.map .node').length === 2`)
    await tab.click('.map .node:not(.silent)')
    await until(tab, `location.search.includes('service%3Aweb')`)
    await tab.keyboard.press('1')
    await until(tab, `location.pathname === '/'`)
    expect(queryOf(tab)).toBe('server.address:db.internal service:web')
  })

  requireBrowser('says so when nothing was called', async () => {
    const tab = await page.open('/map?q=no-such-word')
    await until(tab, `document.querySelector('.empty')?.textContent === 'Nothing matches.'`)
    expect(path(tab)).toBe('/map')
  })
})

describe('everybody', () => {
  for (const [address, shown] of [
    ['/errors', hasErrors],
    ['/map', hasMap],
  ] as const) {
    for (const theme of ['dark', 'light'] as const) {
      requireBrowser(`can read ${address} in ${theme}, wide and at 320 px`, async () => {
        for (const width of [1440, 320]) {
          const tab = await page.open(address, { theme, width })
          await until(tab, shown)
          await tab.keyboard.press('j')
          expect(await axeViolations(tab)).toEqual([])
          const isWide = await tab.evaluate('document.documentElement.scrollWidth > innerWidth')
          expect(isWide).toBe(false)
        }
      })
    }
  }
})
