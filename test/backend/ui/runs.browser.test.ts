/**
 * Runs in a real browser: the list, one as a term, two compared, keys, narrow screens, axe.
 */
import { describe, expect, vi } from 'vitest'

import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, type ShopRequest, shopSpans } from '../support/shop-traffic.ts'

const AT = Date.now() - 120_000
const requests = (from: number, more: Partial<ShopRequest>): ShopRequest[] =>
  Array.from({ length: 4 }, (_, i) => ({ index: from + i, at: AT + (from + i) * 100, cacheHit: true, ...more }))
const FAILED = { status: 500, error: { type: 'RangeError', message: 'cart is too large' } }
const [BEFORE, LAST] = ['aaaa1111bbbb2222', 'cccc3333dddd4444']

function ofRun(body: object, id: string, name: string): object {
  const added = Object.entries({ 'tracelog.run.id': id, 'tracelog.run.name': name, 'service.instance.id': `${id}-1` })
  const parts = Object.values(body as Record<string, { readonly resource: { readonly attributes: object[] } }[]>).flat()
  for (const { resource } of parts)
    resource.attributes.push(...added.map(([key, value]) => ({ key, value: { stringValue: value } })))
  return body
}

const page = usePage(async (backend) => {
  for (const [sent, id, name] of [
    [requests(1, { tookMillis: 20 }), BEFORE, 'before the change'],
    [requests(101, { tookMillis: 90, ...FAILED }), LAST, 'after\u202E the change'],
  ] as const) {
    await backend.send('traces', ofRun(shopSpans(sent), id, name))
    await backend.send('logs', ofRun(shopLogs(sent), id, name))
  }
  await vi.waitFor(async () => expect(await backend.ask('runs')).toHaveLength(2), { timeout: 60_000, interval: 500 })
})

const hasRuns = `document.querySelectorAll('.runs tbody tr').length === 2`

requireBrowser('the newest first, as it is written and not obeyed; one is a term of the query', async () => {
  const tab = await page.open('/runs')
  await until(tab, hasRuns)
  expect(await texts(tab, '.runs a.run')).toEqual([
    String.raw`after\u202e the change cccc3333`,
    'before the change aaaa1111',
  ])
  expect(await texts(tab, '.runs tbody .right')).toEqual(['4', '8', '4', '0'])
  await tab.click('.runs a.run')
  await until(tab, `document.querySelectorAll('.list .req:not([hidden])').length === 4`)
  expect(new URL(tab.url()).searchParams.get('q')).toBe(`run:${LAST}`)
  expect(browserComplaints()).toEqual([])
})

requireBrowser('two are compared by keys, and by the button', async () => {
  const tab = await page.open('/runs')
  await until(tab, hasRuns)
  await tab.keyboard.press('j')
  await tab.keyboard.press('D')
  await until(tab, `document.querySelector('.run-diff li') !== null`)
  expect((await texts(tab, '.run-diff h2'))[0]).toBe(
    'slower: GET /api/cart 20.0 -> 90.0 ms; 1 new kind of messages; new errors: RangeError',
  )
  expect(await texts(tab, '.run-diff li b')).toEqual(['new error', 'slower', '+ new'])
  await tab.keyboard.press('Escape')
  await until(tab, `document.querySelector('.run-diff') === null`)
  await tab.keyboard.press('x')
  await tab.keyboard.press('j')
  await tab.keyboard.press('x')
  await until(tab, `document.querySelectorAll('.runs tr.marked').length === 2`)
  await tab.click('.runs > .runs-tools button')
  await until(tab, `document.querySelector('.run-diff li') !== null`)
  const { searchParams } = new URL(tab.url())
  expect([searchParams.get('a'), searchParams.get('b')]).toEqual([BEFORE, LAST])
})

requireBrowser('is reached from the menu of times in every view, and by its key', async () => {
  const tab = await page.open('/logs')
  await until(tab, `document.querySelector('select[aria-label="Time"]') !== null`)
  await tab.select('select[aria-label="Time"]', '/runs')
  await until(tab, hasRuns)
  await tab.keyboard.press('2')
  await until(tab, `location.pathname === '/logs'`)
  await tab.keyboard.press('R')
  await until(tab, hasRuns)
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (theme) => {
  requireBrowser.each([1440, 320])('axe finds nothing, and nothing is cut off, at %i px', async (width) => {
    const tab = await page.open(`/runs?a=${BEFORE}&b=${LAST}`, { theme, width })
    await until(tab, `document.querySelector('.run-diff li') !== null`)
    expect(await axeViolations(tab)).toEqual([])
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
