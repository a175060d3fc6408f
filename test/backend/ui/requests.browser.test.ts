/**
 * The requests in a real browser: what a row says, what a query shows, what the keys do, and that nothing of a row is ever obeyed.
 */
import { describe, expect, vi } from 'vitest'

import { axeViolations, browserComplaints, requireBrowser, texts, until, usePage } from '../support/browser.ts'
import { shopLogs, shopRequests, shopSpans } from '../support/shop-traffic.ts'

const COUNT = 250
const HOSTILE = '/<img src=x onerror=alert(1)>\u202e"\'&'
const began = Date.now() - 60_000

const page = usePage(async (backend) => {
  const requests = shopRequests(COUNT, began)
  const hostile = { index: COUNT, at: began, path: HOSTILE, status: 502, error: { type: HOSTILE, message: HOSTILE } }
  await backend.send('traces', shopSpans([...requests, hostile]))
  await backend.send('logs', shopLogs([...requests, hostile]))
  await vi.waitFor(
    async () => {
      const { requests: found } = (await backend.ask('requests?limit=500')) as { requests: unknown[] }
      expect(found.length).toBe(COUNT + 1)
    },
    { timeout: 20_000 },
  )
})

const ROWS = '.req'
const hasRows = `document.querySelectorAll('${ROWS}:not([hidden])').length > 3`

describe('the list', () => {
  requireBrowser('shows the newest first, each in a sentence with its error in its own words', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    const rows = await texts(tab, ROWS)
    expect(rows[0]).toContain('502')
    const failed = rows.find((row) => row.includes('→500')) ?? ''
    expect(failed).toMatch(/^\d\d:\d\d:\d\d\.\d{3}✖error ?GET \/api\/cart→500TypeError: cart is undefined/)
    expect(failed).toMatch(/lb›web›cache ?miss/)
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('needs no second question for its first rows', async () => {
    const tab = await page.open('/?q=status%3A500')
    await until(tab, hasRows)
    const asked = await tab.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    expect(asked.filter((name) => name.includes('/api/v1/requests'))).toEqual([])
  })

  requireBrowser('shows text from outside as text, and controls by their names', async () => {
    const tab = await page.open('/?q=status%3A502')
    await until(tab, hasRows.replace('> 3', '> 0'))
    const [row] = await texts(tab, ROWS)
    expect(row).toContain('<img src=x onerror=alert(1)>\\u202e"\'&')
    expect(await tab.$$('img')).toEqual([])
    expect(browserComplaints()).toEqual([])
  })

  requireBrowser('has few elements, and all requests when it is scrolled', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    for (let scroll = 0; scroll < 3; scroll++) {
      await tab.$eval('.list', (list) => list.scrollTo(0, 1e9))
      const length = Math.min(COUNT + 1, 100 * (scroll + 2))
      await until(tab, `document.querySelector('.list').getAttribute('aria-rowcount') === '${length}'`)
    }
    await until(
      tab,
      `[...document.querySelectorAll('.req')].some((row) => row.getAttribute('aria-rowindex') === '${COUNT + 1}')`,
    )
    expect((await tab.$$(ROWS)).length).toBeLessThanOrEqual(80)
  })

  requireBrowser('the other way round when its head is clicked, and back with the browser', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    await tab.click('.sort')
    await until(tab, `document.querySelector('.sort').textContent.includes('↑')`)
    expect(new URL(tab.url()).searchParams.get('order')).toBe('asc')
    const last = new Date(began - COUNT * 40).toISOString().slice(11, 21)
    await until(tab, `document.querySelector('.list').textContent.includes('${last}')`)
    await tab.goBack()
    await until(tab, `document.querySelector('.sort').textContent.includes('↓')`)
  })

  requireBrowser('shows a request that begins, at the top, and does not move what is read below it', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    await until(tab, `document.querySelector('.live').classList.contains('on')`)
    await page.send('traces', shopSpans([{ index: 1_000, at: Date.now(), path: '/api/first' }]))
    await until(tab, `document.querySelector('.list').textContent.includes('/api/first')`)

    await tab.$eval('.list', (list) => list.scrollTo(0, 340))
    // The row at the top of what is seen.
    const anchor = () =>
      tab.evaluate(`[...document.querySelectorAll('.req')].find((row) => Math.abs(row.getBoundingClientRect().top
        - document.querySelector('.list').getBoundingClientRect().top) < 2)?.textContent`)
    await vi.waitFor(async () => expect(await anchor()).toBeTruthy(), { timeout: 10_000 })
    const before = await anchor()
    await page.send('traces', shopSpans([{ index: 1_001, at: Date.now(), path: '/api/second' }]))
    await until(tab, `document.querySelector('.fresh')?.textContent === '▲ 1 new'`)
    expect(await anchor()).toBe(before)
    await tab.click('.fresh')
    await until(tab, `document.querySelector('.list').textContent.includes('/api/second')`)
  })
})

describe('the query', () => {
  requireBrowser('that is wrong is marked where it is wrong, and the last good rows stay', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    const before = await texts(tab, ROWS)
    await tab.type('input[aria-label=Query]', 'status>=500 AND )')
    await tab.keyboard.press('Enter')
    await until(tab, `document.querySelector('#problem') !== null`)
    expect(await texts(tab, '#problem')).toEqual([
      'The query has ")" at column 17, but expected a word, a quoted text or key:value',
    ])
    expect(await texts(tab, '.query-paint .wrong')).toEqual([')'])
    expect((await texts(tab, ROWS)).slice(0, 20)).toEqual(before.slice(0, 20))
  })

  requireBrowser('has a colour for each part, and a chip for each term that a click switches off and on', async () => {
    const tab = await page.open(`/?q=${encodeURIComponent('status>=500 "cart is undefined"')}`)
    await until(tab, `document.querySelectorAll('.chip').length === 2`)
    expect(await texts(tab, '.t-key')).toEqual(['status'])
    expect(await texts(tab, '.t-quoted')).toEqual(['"cart is undefined"'])
    expect(await texts(tab, '.chip button:first-child')).toEqual(['status>=500', '"cart is undefined"'])
    await tab.click('.chip button')
    await until(tab, `document.querySelector('.chip.off') !== null`)
    expect(new URL(tab.url()).searchParams.get('q')).toBe('"cart is undefined"')
    await tab.click('.chip.off button')
    await until(tab, `document.querySelector('.chip.off') === null`)
    await tab.click('.chip button:last-child')
    await until(tab, `document.querySelectorAll('.chip').length === 1`)
  })

  requireBrowser(
    'is completed with keys and values that there are, and asked when Enter finds none chosen',
    async () => {
      const tab = await page.open('/')
      await tab.type('input[aria-label=Query]', 'servi')
      await until(tab, `document.querySelector('.completions li')?.textContent === 'service'`)
      await tab.keyboard.press('Tab')
      await until(tab, `document.querySelector('input[aria-label=Query]').value === 'service:'`)
      await tab.keyboard.type('we')
      await until(tab, `document.querySelector('.completions li')?.textContent === 'web'`)
      expect(await axeViolations(tab)).toEqual([])
      await tab.keyboard.press('ArrowDown')
      await tab.keyboard.press('Enter')
      await until(tab, `document.querySelector('input[aria-label=Query]').value === 'service:web '`)
      await tab.keyboard.press('Enter')
      await until(tab, `location.search.includes('service')`)
      expect(new URL(tab.url()).searchParams.get('q')).toBe('service:web')
    },
  )

  requireBrowser('remembers what was asked', async () => {
    const tab = await page.open('/')
    await tab.type('input[aria-label=Query]', 'status:404')
    await tab.keyboard.press('Enter')
    await until(tab, `location.search.includes('status')`)
    await tab.goto(new URL('/', page.ready.api).href)
    await tab.focus('input[aria-label=Query]')
    await tab.keyboard.press('ArrowUp')
    await until(tab, `document.querySelector('input[aria-label=Query]').value === 'status:404'`)
  })
})

describe('what is counted', () => {
  requireBrowser(
    'is beside the list: a click chooses a value, another one as well, Alt and click excludes',
    async () => {
      const tab = await page.open('/')
      await until(tab, `document.querySelectorAll('.facet').length > 3`)
      const facets = await texts(tab, '.facets section[aria-label=status] .facet')
      expect(facets.some((facet) => /^404\d+$/.test(facet))).toBe(true)
      const value = (text: string) => `::-p-xpath(//section[@aria-label="status"]//button[contains(., "${text}")])`
      await (await tab.waitForSelector(value('404')))?.click()
      await until(tab, `location.search.includes('status')`)
      expect(new URL(tab.url()).searchParams.get('q')).toBe('status:404')
      await until(
        tab,
        `[...document.querySelectorAll('.req:not([hidden])')].every((row) => row.textContent.includes('→404'))`,
      )
      await (await tab.waitForSelector(value('500')))?.click()
      await until(tab, `location.search.includes('500')`)
      expect(new URL(tab.url()).searchParams.get('q')).toBe('(status:404 OR status:500)')
      await tab.keyboard.down('Alt')
      await (await tab.waitForSelector(value('201')))?.click()
      await tab.keyboard.up('Alt')
      await until(tab, `location.search.includes('201')`)
      expect(new URL(tab.url()).searchParams.get('q')).toBe('(status:404 OR status:500) -status:201')
    },
  )

  requireBrowser('is above the list over time: a drag chooses a range, a double click takes it away', async () => {
    const tab = await page.open('/')
    await until(tab, `document.querySelectorAll('.histogram rect').length > 3`)
    const box = await (await tab.$('.histogram svg'))?.boundingBox()
    if (box === null || box === undefined) throw new Error('there is no histogram')
    await tab.mouse.move(box.x + 20, box.y + 20)
    await until(tab, `document.querySelector('.told') !== null`)
    await tab.mouse.down()
    await tab.mouse.move(box.x + box.width / 2, box.y + 20)
    await until(tab, `document.querySelector('.dragged') !== null`)
    await tab.mouse.up()
    await until(tab, `location.search.includes('since') && location.search.includes('until')`)
    await until(tab, `document.querySelector('select').value === 'range'`)
    await until(tab, hasRows)
    await tab.mouse.click(box.x + 20, box.y + 20, { count: 2 })
    await until(tab, `!location.search.includes('since')`)
  })
})

describe('keys', () => {
  requireBrowser('are shown by ?', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    await tab.keyboard.type('?')
    await until(tab, `document.querySelector('dialog.keys').open`)
    expect((await texts(tab, 'dialog.keys dd')).slice(0, 3)).toEqual(['next row', 'row before', 'open'])
    await tab.keyboard.press('Escape')
    await until(tab, `!document.querySelector('dialog.keys').open`)
  })

  requireBrowser('are heard as soon as the list of keys was closed, and as soon as it was asked for', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    const isOpen = `document.querySelector('dialog.keys').open`
    // As fast as keys can come: nothing is awaited between them.
    for (let round = 0; round < 6; round++) {
      await tab.keyboard.press('?')
      await tab.keyboard.press('Escape')
      await tab.keyboard.press(round % 2 === 0 ? 'e' : 'E')
      await until(tab, `!${isOpen}`)
    }
    await until(tab, `document.querySelector('.req.current.error') !== null`)
    await tab.keyboard.press('?')
    await tab.keyboard.press('Escape')
    await tab.keyboard.press('?')
    await until(tab, isOpen)
    const before = await texts(tab, '.req.current')
    await tab.keyboard.press('j')
    await tab.keyboard.press('Escape')
    await until(tab, `!${isOpen}`)
    expect(await texts(tab, '.req.current')).toEqual(before)
    await tab.keyboard.press('Enter')
    await until(tab, `location.pathname.startsWith('/traces/')`)
  })

  requireBrowser('move, find the next error and open it', async () => {
    const tab = await page.open('/')
    await until(tab, hasRows)
    await tab.keyboard.press('j')
    await until(tab, `document.querySelector('.req.current')?.getAttribute('aria-rowindex') === '1'`)
    await tab.keyboard.press('j')
    await tab.keyboard.press('k')
    await tab.keyboard.press('e')
    await until(tab, `document.querySelector('.req.current.error') !== null`)
    await tab.keyboard.press('Enter')
    await until(tab, `location.pathname.startsWith('/traces/')`)
    expect(tab.url()).toMatch(/\/traces\/[0-9a-f]{32}/)
  })
})

describe('how it is shown', () => {
  for (const theme of ['dark', 'light'] as const) {
    requireBrowser(`axe finds nothing against it: ${theme}`, async () => {
      const tab = await page.open('/?q=status%3E%3D200', { theme })
      await until(tab, `${hasRows} && document.querySelector('.facet') !== null`)
      await tab.keyboard.press('j')
      await until(tab, `document.querySelector('.req.current') !== null`)
      expect(await axeViolations(tab)).toEqual([])
    })
  }

  requireBrowser('no wider than the window, from 320 pixels on', async () => {
    for (const width of [320, 420, 900, 1440]) {
      const tab = await page.open('/?q=status%3E%3D200', { width })
      await until(tab, hasRows)
      expect(await tab.evaluate('document.documentElement.scrollWidth'), String(width)).toBeLessThanOrEqual(width)
      expect(await tab.$eval('.list', (list) => list.scrollWidth - list.clientWidth), String(width)).toBe(0)
    }
  })

  requireBrowser('L changes the theme, and it stays', async () => {
    const tab = await page.open('/', { theme: 'light' })
    await until(tab, hasRows)
    await tab.keyboard.press('L')
    await until(tab, `document.documentElement.dataset.theme === 'dark'`)
    expect(new URL(tab.url()).searchParams.get('theme')).toBe('dark')
  })
})

requireBrowser('a backend that is gone is said and asked again; what is shown stays', async () => {
  const tab = await page.open('/')
  await until(tab, hasRows)
  const before = await texts(tab, ROWS)
  await page.restart(async () => {
    await until(tab, `document.querySelector('.gone') !== null`)
    expect((await texts(tab, ROWS)).slice(0, 20)).toEqual(before.slice(0, 20))
  })
  await until(tab, `document.querySelector('.gone') === null`)
  await page.send('traces', shopSpans([{ index: 2_000, at: Date.now(), path: '/api/back' }]))
  await until(tab, `document.querySelector('.list').textContent.includes('/api/back')`)
})
