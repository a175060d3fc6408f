/**
 * One request in a real browser: what its rows say, folding, keys, the inspector, what is copied, how it grows, how large it may be.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, vi } from 'vitest'

import type { TraceTree } from '../../../src/model/api.ts'
import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { largeStory, otlp, STORY, story } from '../support/story-traffic.ts'

const LARGE = 'a'.repeat(32)
const began = Date.now() - 60_000
const run = promisify(execFile)
const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname

const page = usePage(async (backend) => {
  for (const { traces, logs } of [story(began), largeStory(began, LARGE, 7_000)]) {
    await backend.send('traces', traces)
    await backend.send('logs', logs)
  }
  await vi.waitFor(
    async () => {
      const { rows = [] } = (await backend.ask(`traces/${LARGE}`)) as Partial<TraceTree>
      expect(rows.length).toBeGreaterThan(6_900)
    },
    { timeout: 60_000, interval: 500 },
  )
})

const LINE = '.list .line:not([hidden])'
const hasLines = `document.querySelectorAll('${LINE}').length > 5`
const path = `/traces/${STORY}`

describe('what is told', () => {
  requireBrowser('the head: one sentence, why, what was seen, what all lines share', async () => {
    const tab = await page.open(path)
    await until(tab, hasLines)
    expect(await texts(tab, '.story-title h1')).toEqual(['GET /api/cart→500in 41.2 ms'])
    expect((await texts(tab, '.story-seen'))[0]).toBe(
      'TypeError: cart is undefined in web, 12.5 ms into the request. 3 services, 4 spans (1 inferred), 7 log lines, 2 of them recovered from the flight recorder.',
    )
    expect(await texts(tab, '.shared li')).toEqual(['request_id=r-81f2'])
    expect(await texts(tab, `${LINE} .field`)).not.toContain('request_id=r-81f2')
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser(
    'the rows in the order of the tree, the stack below the row that failed, and only that tinted',
    async () => {
      const tab = await page.open(path)
      await until(tab, hasLines)
      expect(await texts(tab, `${LINE} .what`)).toEqual([
        '▾GET /api/cart500→ web-2 127.0.0.1:3001',
        'Ipicked backendpool=bluelb_routing_ms=0.29',
        '3.1 ms between lb and web, clocks agree within 1.6 ms',
        '▾GET /api/cart500',
        'Dcart lookupuser=42session=[redacted]recovered',
        'GET cart:*missseen from web only: cache sent nothing',
        'Wcache evicted under memory pressurekey=cart:*used_mb=255',
        'ETypeError: cart is undefineduser=42',
        'at getCart src/cart.ts:31:14',
        'at handler src/routes/cart.ts:12:20',
        '▸2 frames in node_modules',
        '▸1 frame in Node',
        'Drendering error pagetemplate=500.htmlrecovered',
        'Erequest failedstatus=500cache_hit=falsebytes=412+1',
        'Eupstream answered 500retries=0order uncertain',
      ])
      expect(await texts(tab, '.line.failed .what')).toHaveLength(5)
      expect(await texts(tab, '.line.above-failed .name')).toContain('GET /api/cart')
      expect(await texts(tab, '.list .line .at.big')).toHaveLength(2)
    },
  )
})

describe('keys', () => {
  requireBrowser(
    'fold and unfold, e goes to the failed row, t and r change times, the address has it all',
    async () => {
      const tab = await page.open(path)
      await until(tab, hasLines)
      const count = (await texts(tab, LINE)).length
      await tab.keyboard.press('j')
      await tab.keyboard.press('ArrowLeft')
      await until(tab, `document.querySelectorAll('${LINE}').length === 1`)
      await until(tab, `[...document.querySelectorAll('${LINE} .note')].at(-1)?.textContent === '7 logs, 3 errors'`)
      expect(await tab.$eval(LINE, (line) => line.getAttribute('aria-expanded'))).toBe('false')
      await tab.keyboard.press('ArrowRight')
      await until(tab, `document.querySelectorAll('${LINE}').length === ${count}`)
      await tab.keyboard.press('e')
      await until(tab, `document.querySelector('.line.current.failed') !== null`)
      await tab.keyboard.press('t')
      await until(tab, `location.search.includes('mode=abs')`)
      const { search } = new URL(tab.url())
      const again = await page.open(`${path}${search}`)
      await until(again, `document.querySelector('.line.current.failed') !== null`)
      expect((await texts(again, '.line.current .at'))[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
    },
  )

  requireBrowser(
    'Enter opens the inspector, Esc closes it and gives the focus back, Esc again leads to the list',
    async () => {
      const tab = await page.open(path)
      await until(tab, hasLines)
      await tab.keyboard.press('e')
      await tab.keyboard.press('Enter')
      await until(tab, `document.querySelector('.inspector') !== null`)
      expect(await texts(tab, '.inspector h2')).toEqual(['TypeError: cart is undefined'])
      expect(await texts(tab, '.kv dt')).toContain('user')
      await tab.keyboard.press('Escape')
      await until(tab, `document.querySelector('.inspector') === null`)
      expect(await tab.evaluate(`document.activeElement?.getAttribute('role')`)).toBe('treegrid')
      await tab.keyboard.press('Escape')
      await until(tab, `location.pathname === '/'`)
    },
  )

  requireBrowser('a click on a value filters by it: what does not match is dimmed', async () => {
    const tab = await page.open(`${path}?insp=fields`)
    await until(tab, hasLines)
    await tab.keyboard.press('e')
    await until(tab, `document.querySelector('.inspector') !== null`)
    const [, value] = await tab.$$('.kv .value')
    await value?.click()
    await until(tab, `location.search.includes('q=')`)
    expect(new URL(tab.url()).searchParams.get('q')).toBe('user:42')
    await until(tab, `document.querySelectorAll('.line.dimmed').length > 5`)
    expect(await texts(tab, '.line.row.is-log:not(.dimmed) .text')).toEqual([
      'cart lookup',
      'TypeError: cart is undefined',
    ])
  })
})

requireBrowser('y copies byte for byte what tracelog trace prints, and the backend answers as text', async () => {
  const tab = await page.open(path)
  await until(tab, hasLines)
  await tab
    .browserContext()
    .overridePermissions(page.ready.api, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write'])
  await tab.bringToFront()
  await tab.keyboard.press('y')
  await until(tab, `document.querySelector('.said').textContent === 'Copied as text.'`)
  const copied = await tab.evaluate('navigator.clipboard.readText()')
  const printed = await run(process.execPath, [CLI, 'trace', STORY, '--data', page.ready.data])
  expect(copied).toBe(printed.stdout)
  const headers = { authorization: `Bearer ${page.ready.token}` }
  const answered = await fetch(`${page.ready.api}/traces/${STORY}?format=text`, { headers })
  expect(await answered.text()).toBe(copied)
})

requireBrowser('a request grows without moving the row that the reader is at', async () => {
  const id = 'c'.repeat(32)
  const open = Date.now()
  const sender = (count: number) => ({
    service: 'job',
    spans: [],
    lines: Array.from({ length: count }, (_, i) => ({
      span: 1,
      at: i,
      level: 'INFO' as const,
      body: `step ${i} done`,
    })),
  })
  await page.send('logs', otlp(open, id, [sender(60)]).logs)
  await vi.waitFor(async () => expect(((await page.ask(`traces/${id}`)) as TraceTree).rows.length).toBe(61), {
    timeout: 20_000,
  })
  const tab = await page.open(`/traces/${id}`)
  await until(tab, hasLines)
  expect((await texts(tab, '.took'))[1]).toMatch(/^running /)
  for (let i = 0; i < 50; i++) await tab.keyboard.press('j')
  await until(tab, `document.querySelector('.line.current')?.dataset.index === '49'`)
  const place = `document.querySelector('.line.current').getBoundingClientRect().top`
  const before = await tab.evaluate(place)
  await page.send(
    'logs',
    otlp(open, id, [{ ...sender(0), lines: [{ span: 1, at: 0.5, level: 'INFO', body: 'came late' }] }]).logs,
  )
  await until(tab, `document.querySelector('.count')?.textContent === '62 rows'`)
  await until(tab, `document.querySelector('.line.current')?.dataset.index === '50'`)
  expect(await tab.evaluate(place)).toBe(before)
  // What came in above is told, until it was seen.
  await until(tab, `document.querySelector('.fresh')?.textContent === '▲ 1 new above'`)
  await tab.click('.fresh')
  await until(tab, `document.querySelector('.fresh') === null`)
  expect((await texts(tab, `${LINE} .text`)).some((text) => text === 'came late')).toBe(true)
})

requireBrowser(
  'a request of thousands of rows: few elements, what failed is open, all of it within reach',
  async () => {
    const tab = await page.open(`/traces/${LARGE}`)
    await until(tab, hasLines)
    expect(await tab.$$eval('.list .line', (lines) => lines.length)).toBeLessThanOrEqual(80)
    await tab.keyboard.press('e')
    await until(tab, `document.querySelector('.line.current.failed') !== null`)
    expect((await texts(tab, '.line.current .text'))[0]).toMatch(/^line 3 of step/)
  },
)

describe('how it is shown', () => {
  for (const theme of ['dark', 'light'] as const) {
    requireBrowser(`axe finds nothing against it, with the inspector too: ${theme}`, async () => {
      for (const width of [1440, 320]) {
        const tab = await page.open(`${path}?insp=fields`, { theme, width })
        await until(tab, hasLines)
        expect(await axeViolations(tab)).toEqual([])
        await tab.keyboard.press('e')
        await until(tab, `document.querySelector('.inspector') !== null`)
        expect(await axeViolations(tab)).toEqual([])
      }
    })
  }

  requireBrowser('no wider than the window, from 320 pixels on', async () => {
    for (const width of [320, 420, 900, 1440]) {
      const tab = await page.open(path, { width })
      await until(tab, `document.querySelectorAll('${LINE}').length > 3`)
      expect(await tab.evaluate('document.documentElement.scrollWidth'), String(width)).toBeLessThanOrEqual(width)
    }
  })
})
