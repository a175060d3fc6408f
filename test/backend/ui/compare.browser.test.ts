/**
 * Two requests side by side in a real browser: ways there, what is told, folding, keys, what is copied, narrow screens, axe.
 */
import { describe, expect, vi } from 'vitest'

import type { RequestsPage } from '../../../src/model/api.ts'
import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, type ShopRequest, shopSpans, traceIdOf } from '../support/shop-traffic.ts'
import { largeStory } from '../support/story-traffic.ts'

const AT = Date.now() - 60_000
const REQUESTS: readonly ShopRequest[] = [
  ...Array.from({ length: 5 }, (_, i) => ({ index: i + 1, at: AT + i * 40, tookMillis: 18 + i, cacheHit: true })),
  {
    index: 11,
    at: AT + 1_000,
    tookMillis: 80,
    cacheHit: false,
    status: 500,
    error: { type: 'TypeError', message: 'cart is undefined' },
  },
  { index: 12, at: AT + 2_000, path: '/api/alone' },
]
const [good, failed, alone] = [traceIdOf(1), traceIdOf(11), traceIdOf(12)]
const [LARGE, LARGER] = ['a'.repeat(32), 'b'.repeat(32)]

const page = usePage(async (backend) => {
  await backend.send('traces', shopSpans(REQUESTS))
  await backend.send('logs', shopLogs(REQUESTS))
  for (const story of [largeStory(AT, LARGE, 1_200), largeStory(AT + 100, LARGER, 1_800)]) {
    await backend.send('traces', story.traces)
    await backend.send('logs', story.logs)
  }
  await vi.waitFor(
    async () => expect(((await backend.ask('requests')) as RequestsPage).requests.length).toBe(REQUESTS.length + 2),
    { timeout: 60_000, interval: 500 },
  )
})

const LINE = '.compare .list .line:not([hidden])'
const hasLines = `document.querySelectorAll('${LINE}').length > 1`

describe('ways to a comparison', () => {
  requireBrowser('D on a request compares it with the good one of its kind; Escape goes back', async () => {
    const tab = await page.open(`/traces/${failed}`)
    await until(tab, `document.querySelectorAll('.story .list .line:not([hidden])').length > 3`)
    await tab.keyboard.press('D')
    await until(tab, hasLines)
    expect(new URL(tab.url()).pathname).toBe('/diff')
    expect((await texts(tab, '.story-title h1'))[0]).toMatch(/^60\.0 ms slower: .*new: ERROR cart is undefined/)
    await tab.keyboard.press('Escape')
    await until(tab, `location.pathname === '/traces/${failed}'`)
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('its button does the same', async () => {
    const tab = await page.open(`/traces/${failed}`)
    await until(tab, `document.querySelector('.tools .compare-this') !== null`)
    await tab.click('.tools .compare-this')
    await until(tab, hasLines)
    expect(await texts(tab, '.sides dt')).toEqual(['before', 'after'])
  })

  requireBrowser('two that are marked in the list', async () => {
    const tab = await page.open('/?q=path:/api/cart')
    await until(tab, `document.querySelectorAll('.list .req:not([hidden])').length === 6`)
    await tab.keyboard.press('j')
    await tab.keyboard.press('x')
    await until(tab, `document.querySelectorAll('.req.marked').length === 1`)
    await tab.keyboard.press('j')
    await tab.keyboard.press('x')
    await until(tab, `document.querySelectorAll('.req.marked').length === 2`)
    await tab.keyboard.press('D')
    await until(tab, hasLines)
    const { searchParams } = new URL(tab.url())
    expect([searchParams.get('a'), searchParams.get('b')]).toEqual([failed, traceIdOf(5)])
  })

  requireBrowser('without a good one of its kind it says so', async () => {
    const tab = await page.open(`/diff?b=${alone}`)
    await until(tab, `document.querySelector('.empty h1') !== null`)
    expect((await texts(tab, '.empty'))[0]).toContain('no other request of that kind went well')
  })
})

describe('what is told', () => {
  requireBrowser('what changed of each row, with both times and both bars; what did not is folded', async () => {
    const tab = await page.open(`/diff?a=${good}&b=${failed}`)
    await until(tab, hasLines)
    expect(await texts(tab, `${LINE} .change`)).toEqual([
      'status 200 -> 500',
      'status 200 -> 500',
      '',
      'slower 18 x',
      '+ added',
    ])
    expect(await texts(tab, `${LINE} .took.before`)).toEqual(['18.0', '15.3', '', '1.8', ''])
    expect(await texts(tab, `${LINE} .took.after`)).toEqual(['80.0', '68.0', '', '32.0', ''])
    expect(await tab.$$eval(LINE, ([first]) => first?.querySelectorAll('.bar .stretch').length)).toBe(2)
    expect(await texts(tab, `${LINE} .svc`)).toEqual(['lb', 'web', 'web', 'cache', 'web'])
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('the same text as `GET diff?format=text`', async () => {
    const tab = await page.open(`/diff?a=${good}&b=${failed}`)
    await until(tab, hasLines)
    await tab.evaluate(() => {
      const clipboard = {
        writeText: (text: string) => Promise.resolve(((globalThis as { copied?: string }).copied = text)),
      }
      Object.defineProperty(navigator, 'clipboard', { value: clipboard })
    })
    await tab.keyboard.press('y')
    await until(tab, `globalThis.copied !== undefined`)
    const headers = { authorization: `Bearer ${page.ready.token}` }
    const answer = await fetch(`${page.ready.api}/api/v1/diff?a=${good}&b=${failed}&format=text`, { headers })
    const lines = (text: string): string[] => text.split('\n').filter((line) => !/^(?:before|after) /.test(line))
    expect(lines(String(await tab.evaluate('globalThis.copied')))).toEqual(lines(await answer.text()))
  })
})

describe('a large one', () => {
  requireBrowser('opens what is as before, e goes to what differs, few elements are in use', async () => {
    const tab = await page.open(`/diff?a=${LARGE}&b=${LARGER}`)
    await until(tab, hasLines)
    await until(tab, `document.querySelector('.compare .line.run') !== null`)
    const before = await tab.$eval('.compare .list', (list) => Number(list.getAttribute('aria-rowcount')))
    await tab.click('.compare .line.run .frames-text')
    await until(tab, `Number(document.querySelector('.compare .list').getAttribute('aria-rowcount')) > ${before}`)
    expect(new URL(tab.url()).searchParams.get('fold')).not.toBeNull()
    await tab.keyboard.press('End')
    await tab.keyboard.press('E')
    await until(tab, `document.querySelector('.line.current .mark')?.textContent !== ''`)
    expect(await tab.$$eval('.compare .list .line', (lines) => lines.length)).toBeLessThanOrEqual(80)
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (theme) => {
  requireBrowser.each([1440, 900, 320])('axe finds nothing, and nothing is cut off, at %i px', async (width) => {
    const tab = await page.open(`/diff?a=${good}&b=${failed}`, { theme, width })
    await until(tab, hasLines)
    await tab.keyboard.press('j')
    await until(tab, `document.querySelector('.line.current') !== null`)
    expect(await axeViolations(tab)).toEqual([])
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
