/**
 * How quick is the page in a real Chromium? The rows of the page's own table of goals, on a backend of this run.
 *
 * Wall time of a browser on a shared machine is noisy: what our script does per frame, what goes over the wire and how many elements there
 * are is not. The time before the first byte is the backend's; from it until rows are seen is the page's.
 */
import type { Page } from 'puppeteer-core'

import { largeStory } from '../backend/support/story-traffic.ts'
import { shopLogs, shopRequests, shopSpans } from '../backend/support/shop-traffic.ts'
import { startDevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'
import { startBrowser } from '../support/servers/start-chromium.ts'
import { announce, median, table } from './support/figures.ts'

const OPENED = 5
const REQUESTS = 2_000
const SIZES = [11, 5_000, 49_000] as const
const TAILED = 20_000
const SCROLLS = 120
const ROWS = '[data-index]:not([hidden])'

announce('How quick is the page in a real Chromium?')
const browser = await startBrowser()
const backend = await startDevBackend()
try {
  if (browser === undefined) throw new Error('Set CHROMIUM to a Chromium: none was found.')
  const now = Date.now()
  const requests = shopRequests(REQUESTS, now - 1_000)
  await postJson(`${backend.endpoint}/v1/traces`, shopSpans(requests))
  await postJson(`${backend.endpoint}/v1/logs`, shopLogs(requests))
  for (const size of SIZES) {
    const { traces, logs } = largeStory(now - 60_000, idOf(size), size)
    // oxlint-disable-next-line no-await-in-loop -- the backend is not what is measured here
    await postJson(`${backend.endpoint}/v1/traces`, traces)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await postJson(`${backend.endpoint}/v1/logs`, logs)
  }
  const largest = Math.max(...SIZES)
  while ((await rowsOf(idOf(largest))) < largest * 0.95) {
    // oxlint-disable-next-line no-await-in-loop -- until the store has it
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  await opened('/?q=status%3E%3D200')
  const paths = [
    ['requests', '/', ''],
    ['logs', '/logs', ''],
    ['request of 11 rows', `/traces/${idOf(11)}`, ''],
    ['request of 5,000 rows', `/traces/${idOf(5_000)}`, '150'],
    ['request of 49,000 rows', `/traces/${idOf(49_000)}`, '800'],
  ] as const
  const rows: (string | number)[][] = []
  for (const [what, path, goal] of paths) {
    const times: Opened[] = []
    // oxlint-disable-next-line no-await-in-loop -- one page at a time is what is measured
    for (let round = 0; round < OPENED; round++) times.push(await opened(path))
    const of = (pick: (one: Opened) => number) => median(times.map(pick))
    rows.push([
      what,
      of(({ first }) => first),
      of(({ seen }) => seen),
      of(({ total }) => total),
      goal,
      of(({ kilobytes }) => kilobytes),
    ])
  }
  table(['opened', 'first byte, ms', 'then to rows, ms', 'in all, ms', 'goal', 'kB'], rows)
  console.log()
  table(['what', 'measured', 'goal'], [...(await scrolled()), ...(await completed()), ...(await tailed())])
} finally {
  await browser?.close()
  await backend.stop()
}

function idOf(size: number): string {
  return size.toString(16).padStart(32, 'b')
}

async function rowsOf(id: string): Promise<number> {
  const answer = await fetch(`${backend.api}/api/v1/traces/${id}`, {
    headers: { authorization: `Bearer ${backend.token}` },
  })
  return ((await answer.json()) as { readonly rows?: readonly unknown[] }).rows?.length ?? 0
}

interface Opened {
  readonly first: number
  readonly seen: number
  readonly total: number
  readonly kilobytes: number
}

async function newTab(path: string): Promise<Page> {
  const tab = await browser!.newPage()
  await tab.setViewport({ width: 1440, height: 900 })
  await tab.evaluateOnNewDocument(`(() => {
    const look = () => document.querySelector('${ROWS}') ? performance.mark('rows') : requestAnimationFrame(look)
    look()
  })()`)
  const url = new URL(path, backend.api)
  url.searchParams.set('token', backend.token)
  await tab.goto(url.href, { waitUntil: 'load' })
  await tab.waitForFunction(`performance.getEntriesByName('rows').length > 0`, { timeout: 60_000, polling: 20 })
  return tab
}

/** From the click on an address to its rows. */
async function opened(path: string): Promise<Opened> {
  const tab = await newTab(path)
  const times = (await tab.evaluate(`(() => {
    const { requestStart, responseStart, encodedBodySize } = performance.getEntriesByType('navigation')[0]
    const rows = performance.getEntriesByName('rows')[0].startTime
    return { first: responseStart - requestStart, seen: rows - responseStart, total: rows - requestStart, kilobytes: encodedBodySize / 1000 }
  })()`)) as Opened
  await tab.close()
  return times
}

async function scriptMillis(tab: Page): Promise<number> {
  return ((await tab.metrics()).ScriptDuration ?? 0) * 1_000
}

/** Frames in which the list of 49,000 rows is moved by half a window. */
async function scrolled(): Promise<(string | number)[][]> {
  const tab = await newTab(`/traces/${idOf(49_000)}`)
  const before = await scriptMillis(tab)
  await tab.evaluate(`new Promise((done) => {
    const list = document.querySelector('.list')
    let left = ${SCROLLS}
    const step = () => { list.scrollTop += 450; if (--left > 0) requestAnimationFrame(step); else done() }
    step()
  })`)
  const perFrame = ((await scriptMillis(tab)) - before) / SCROLLS
  const elements = await tab.$$eval('.list [role=row]', (all) => all.length)
  await tab.close()
  return [
    ['script per frame while 49,000 rows are scrolled, ms', perFrame, '4'],
    ['elements of that list', elements, '80'],
  ]
}

async function completed(): Promise<(string | number)[][]> {
  const tab = await newTab('/')
  const times: number[] = []
  for (let round = 0; round < OPENED; round++) {
    // oxlint-disable-next-line no-await-in-loop -- one keystroke at a time
    await tab.$eval('input[aria-label=Query]', (input) => ((input as unknown as { value: string }).value = ''))
    // oxlint-disable-next-line no-await-in-loop -- as above
    await tab.type('input[aria-label=Query]', 'servi')
    const started = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- as above
    await tab.waitForSelector('.completions:not([hidden]) li', { timeout: 20_000 })
    times.push(performance.now() - started)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await tab.keyboard.press('Escape')
  }
  await tab.close()
  return [['keystroke to completion, 150 ms of waiting with it, ms', median(times), '100']]
}

/** As fast as they can be sent, with the logs open. */
async function tailed(): Promise<(string | number)[][]> {
  const tab = await newTab('/logs')
  await tab.evaluate(`(window.long = 0, new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.long = Math.max(window.long, duration)
  }).observe({ type: 'longtask' }))`)
  const last = TAILED / 500
  for (let part = 0; part < last; part++) {
    const requests = shopRequests(400, Date.now(), 10_000 + part * 400)
    // oxlint-disable-next-line no-await-in-loop -- one sender
    await postJson(`${backend.endpoint}/v1/logs`, shopLogs(requests))
  }
  const counted = `Number(document.querySelector('.count').textContent.replace(/\\D/g, ''))`
  await tab.waitForFunction(`${counted} > 300`, { timeout: 60_000 })
  const heap = ((await tab.metrics()).JSHeapUsedSize ?? 0) / 1e6
  const long = Number(await tab.evaluate('window.long'))
  await tab.close()
  return [
    [`heap after a tail of ${TAILED.toLocaleString('en')} records, MB`, heap, '40'],
    ['longest task meanwhile, ms', long, '50'],
  ]
}
