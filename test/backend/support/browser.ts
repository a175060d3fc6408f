/**
 * The page in a real Chromium, against a real backend: both started once per file.
 *
 *   const page = usePage()                         // beforeAll and afterAll of the file
 *   requireBrowser('opens', async () => { const tab = await page.open('/') … })
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import axe from 'axe-core'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

import type { ReadyLine } from '../../../src/cli/find-backend.ts'
import { startBrowser } from '../../support/servers/start-chromium.ts'
import { startServer, type ServerProcess } from '../../support/servers/server-process.ts'

export { requireBrowser } from '../../support/servers/chromium.ts'

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname
export type Theme = 'dark' | 'light'

export interface OpenOptions {
  readonly theme?: Theme
  readonly width?: number
  readonly height?: number
  /** A window of its own: it is seen beside the others, a tab hides the one before it. */
  readonly isWindow?: boolean
}

export interface PageUnderTest {
  readonly ready: ReadyLine
  /** A tab with the address, as a reader with the token's cookie sees it. Closed with the test. */
  open(path: string, options?: OpenOptions): Promise<Page>
  /** OTLP/JSON to the backend: `logs`, `traces`. */
  send(signal: 'logs' | 'traces', body: object): Promise<void>
  /** The API's answer. */
  ask(path: string): Promise<unknown>
  /** Ends the backend and starts it anew on the same ports, with `between` while it is gone. */
  restart(between: () => Promise<void>): Promise<void>
}

/** What the browser complained of in this test: violations of the policy, errors, failed requests of files. */
const complaints: string[] = []

/** @param prepare  what the backend has before the first test */
export function usePage(prepare: (page: PageUnderTest) => Promise<void> = () => Promise.resolve()): PageUnderTest {
  const data = mkdtempSync(join(tmpdir(), 'tracelog-page-'))
  const tabs: Page[] = []
  let browser: Browser | undefined
  let backend: ServerProcess | undefined
  let ready: ReadyLine | undefined
  const start = async (ports: readonly string[]) => {
    backend = await startServer({
      name: 'tracelog dev',
      program: process.execPath,
      args: [CLI, 'dev', '--json', '--data', data, ...ports],
      isReady: (said) => said.includes('}\n'),
    })
    ready = JSON.parse(backend.said().split('\n')[0] ?? '') as ReadyLine
  }
  const page: PageUnderTest = {
    get ready() {
      return ready as ReadyLine
    },
    async open(path, { theme = 'dark', width = 1440, height = 900, isWindow = false } = {}) {
      const tab = await (browser as Browser).newPage({ type: isWindow ? 'window' : 'tab' })
      tabs.push(tab)
      tab.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      tab.on('pageerror', (error) => complaints.push(String(error)))
      await tab.setViewport({ width, height })
      await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
      const url = new URL(path, page.ready.api)
      url.searchParams.set('token', page.ready.token)
      await tab.goto(url.href, { waitUntil: 'load' })
      return tab
    },
    async send(signal, body) {
      const answer = await fetch(`${page.ready.otlp_http}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
    },
    async ask(path) {
      const headers = { authorization: `Bearer ${page.ready.token}` }
      return await (await fetch(`${page.ready.api}/api/v1/${path}`, { headers })).json()
    },
    async restart(between) {
      const { api, otlp_http: otlp, token } = page.ready
      await backend?.stop()
      await between()
      const ports = ['--api', new URL(api).port, '--otlp-http', new URL(otlp).port, '--otlp-grpc', '0']
      await start(ports)
      expect(page.ready.token).toBe(token)
    },
  }
  beforeAll(async () => {
    browser = await startBrowser()
    if (browser === undefined) return
    await start(['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0'])
    await prepare(page)
  })
  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((tab) => tab.close()))
    complaints.length = 0
  })
  afterAll(async () => {
    await browser?.close()
    await backend?.stop()
    rmSync(data, { recursive: true, force: true })
  })
  return page
}

/** Of this test so far. */
export function browserComplaints(): readonly string[] {
  return complaints
}

/** What axe has to say against the page as it is now: rule and the elements. */
export async function axeViolations(tab: Page): Promise<string[]> {
  // By the debugger: the page's policy allows no script but its own.
  const session = await tab.createCDPSession()
  await session.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  return JSON.parse(String(result.value)) as string[]
}

/** Resolves when the page shows what is asked for. @param inPage  an expression that is true then */
export async function until(tab: Page, inPage: string): Promise<void> {
  await tab.waitForFunction(inPage, { timeout: 20_000, polling: 50 })
}

/** The texts of all elements that are seen. */
export async function texts(tab: Page, selector: string): Promise<string[]> {
  return await tab.$$eval(selector, (elements) =>
    elements
      .filter((element) => (element as unknown as { checkVisibility(): boolean }).checkVisibility())
      .map((element) => (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim()),
  )
}
