/**
 * The logs in a real browser: what a line says, and that what comes never moves what is read.
 */
import { describe, expect, vi } from 'vitest'

import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, shopRequests, shopSpans } from '../support/shop-traffic.ts'

const COUNT = 150
const began = Date.now() - 60_000
const HOSTILE = '<b onclick=alert(1)>\u202eevil\u0007'

const page = usePage(async (backend) => {
  const requests = shopRequests(COUNT, began)
  await backend.send('traces', shopSpans(requests))
  await backend.send('logs', shopLogs(requests))
  await vi.waitFor(
    async () => {
      const { logs } = (await backend.ask('logs?limit=500')) as { logs: unknown[] }
      expect(logs.length).toBeGreaterThan(COUNT)
    },
    { timeout: 20_000 },
  )
})

/** Lines of no request. @param at  milliseconds since the epoch */
function lines(messages: readonly string[], at = Date.now(), service = 'billing'): object {
  return {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeLogs: [
          {
            logRecords: messages.map((message, index) => ({
              timeUnixNano: String(BigInt(at + index) * 1_000_000n),
              severityNumber: 9,
              severityText: 'INFO',
              body: { stringValue: message },
            })),
          },
        ],
      },
    ],
  }
}

const ROWS = '.log'
const hasRows = `document.querySelectorAll('${ROWS}:not([hidden])').length > 3`
const isLive = `document.querySelector('.live').classList.contains('on')`
const has = (text: string) => `document.querySelector('.list').textContent.includes(${JSON.stringify(text)})`
/** Text and place of the row at the top of what is seen. */
const TOP_ROW = `(() => {
  const top = document.querySelector('.list').getBoundingClientRect().top
  const rows = [...document.querySelectorAll('.log:not([hidden])')].filter((each) => each.getBoundingClientRect().bottom > top + 1)
  const row = rows.reduce((a, b) => (a.getBoundingClientRect().top < b.getBoundingClientRect().top ? a : b))
  return row.textContent + ' at ' + Math.round(row.getBoundingClientRect().top - top)
})()`

describe('a line', () => {
  requireBrowser('says when, who, how bad, what, with its error and its own fields', async () => {
    const tab = await page.open('/logs')
    await until(tab, hasRows)
    const rows = await texts(tab, ROWS)
    expect(rows.find((row) => row.includes('cart is undefined'))).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3}webEERROR ?TypeError: cart is undefined ?[0-9a-f]{8}$/,
    )
    expect(rows.find((row) => row.includes('cart looked up'))).toMatch(/cart looked up user=\d+ items=\d+/)
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('marks what was asked for, and shows controls by their names', async () => {
    await page.send('logs', lines([HOSTILE], began))
    await vi.waitFor(
      async () => expect(((await page.ask('logs?q=evil')) as { logs: unknown[] }).logs).toHaveLength(1),
      { timeout: 20_000 },
    )
    const tab = await page.open('/logs?q=evil')
    await until(tab, `document.querySelector('mark') !== null`)
    expect(await texts(tab, '.log .line')).toEqual(['<b onclick=alert(1)>\\u202eevil\\x07'])
    expect(await texts(tab, 'mark')).toEqual(['evil'])
    expect(await tab.$$('.log b')).toEqual([])
  })

  requireBrowser(
    'opens its fields beside the list; a click on one filters by it, Alt and click excludes it',
    async () => {
      const tab = await page.open('/logs?q=evicted')
      await until(tab, hasRows)
      await tab.click('.log .line')
      await until(tab, `document.querySelector('.panel') !== null`)
      expect(await texts(tab, '.panel dt')).toContain('used_mb')
      const value = await tab.$('::-p-xpath(//dt[contains(., "used_mb")]/../dd/button)')
      await value?.click()
      await until(tab, `location.search.includes('used_mb')`)
      expect(new URL(tab.url()).searchParams.get('q')).toBe('evicted used_mb:255')
      await tab.click('.panel [aria-label=Close]')
      await until(tab, `document.querySelector('.panel') === null`)
    },
  )
})

describe('live', () => {
  requireBrowser('shows what comes at the top', async () => {
    const tab = await page.open('/logs')
    await until(tab, `${hasRows} && ${isLive}`)
    await page.send('logs', lines(['a line that comes']))
    await until(tab, has('a line that comes'))
  })

  requireBrowser('moves nothing while the list is scrolled; a pill says how many are above', async () => {
    const tab = await page.open('/logs')
    await until(tab, `${hasRows} && ${isLive}`)
    await tab.$eval('.list', (list) => list.scrollTo(0, 485))
    await until(tab, `document.querySelector('.log[aria-rowindex="30"]:not([hidden])') !== null`)
    const before = await tab.evaluate(TOP_ROW)
    await page.send('logs', lines(['one above', 'two above', 'three above']))
    await until(tab, `document.querySelector('.fresh')?.textContent === '▲ 3 new'`)
    expect(await tab.evaluate(TOP_ROW)).toBe(before)
    await tab.click('.fresh')
    await until(tab, has('three above'))
  })

  requireBrowser('moves nothing under a pointer that rests on the list, and goes on when it leaves', async () => {
    const tab = await page.open('/logs')
    await until(tab, `${hasRows} && ${isLive}`)
    await tab.mouse.move(600, 500)
    // The second of rest is the page's own rule.
    await until(tab, `(globalThis.restedAt ??= performance.now(), performance.now() - globalThis.restedAt > 1_100)`)
    const before = await tab.evaluate(TOP_ROW)
    await page.send('logs', lines(['under the pointer']))
    await until(tab, `document.querySelector('.fresh')?.textContent === '▲ 1 new'`)
    expect(await tab.evaluate(TOP_ROW)).toBe(before)
    await tab.mouse.move(600, 10)
    await until(tab, has('under the pointer'))
    await until(tab, `document.querySelector('.list').scrollTop === 0`)
  })

  requireBrowser('takes thousands at once: few elements, and what is not shown is counted', async () => {
    const tab = await page.open('/logs')
    await until(tab, `${hasRows} && ${isLive}`)
    const many = 5_000
    for (let batch = 0; batch < 5; batch++) {
      // One after the other, as an application sends.
      // oxlint-disable-next-line no-await-in-loop
      await page.send('logs', lines(Array.from({ length: many / 5 }, (_, index) => `burst ${batch} ${index}`)))
    }
    await until(tab, has(`burst 4 ${many / 5 - 1}`))
    await vi.waitFor(
      async () => {
        const shown = Number(await tab.$eval('.list', (list) => list.getAttribute('aria-rowcount')))
        const notes = await tab.evaluate(`[...document.querySelectorAll('.log.note')].map((row) => row.textContent)`)
        expect([shown > 300, (await tab.$$(ROWS)).length <= 80, Array.isArray(notes)]).toEqual([true, true, true])
      },
      { timeout: 20_000 },
    )
    expect(browserComplaints()).toEqual([])
  })
})

describe('how it is shown', () => {
  for (const theme of ['dark', 'light'] as const) {
    requireBrowser(`axe finds nothing against it, with the fields open: ${theme}`, async () => {
      const tab = await page.open('/logs', { theme })
      await until(tab, hasRows)
      await tab.keyboard.press('j')
      await tab.keyboard.press('i')
      await until(tab, `document.querySelector('.panel') !== null`)
      expect(await axeViolations(tab)).toEqual([])
    })
  }

  requireBrowser('no wider than the window, from 320 pixels on', async () => {
    for (const width of [320, 900, 1440]) {
      // oxlint-disable-next-line no-await-in-loop
      const tab = await page.open('/logs', { width })
      // oxlint-disable-next-line no-await-in-loop
      await until(tab, hasRows)
      // oxlint-disable-next-line no-await-in-loop
      expect(await tab.evaluate('document.documentElement.scrollWidth'), String(width)).toBeLessThanOrEqual(width)
      // oxlint-disable-next-line no-await-in-loop
      expect(await tab.$eval('.list', (list) => list.scrollWidth - list.clientWidth), String(width)).toBe(0)
    }
  })
})
