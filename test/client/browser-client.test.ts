/**
 * The client in Chromium, with a server that returns logs: on a page of an origin that the server allows, and on a hostile one, which reads
 * nothing.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'

import { withLogs } from '../../src/client.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { requireBrowser } from '../support/servers/chromium.ts'
import { startBrowser } from '../support/servers/start-chromium.ts'
import { startFakeStreams, type FakeStreams } from './fake-streams.ts'

const bundle = readFileSync(new URL('../../dist/client.js', import.meta.url))
const PAGE = `<!doctype html><title>page</title>
<script type="module">import { withLogs } from '/client.js'; globalThis.withLogs = withLogs</script>`

let browser: Browser | undefined
let allowed: Server
let hostile: Server
let api: RunningChild
let url = ''
/** An API whose own CORS knows nothing of the header. */
let strict: FakeStreams

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function startPages(): Promise<Server> {
  const server = createServer((request, response) => {
    const isCode = request.url === '/client.js'
    response.writeHead(200, { 'content-type': isCode ? 'text/javascript' : 'text/html' })
    response.end(isCode ? bundle : PAGE)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

beforeAll(async () => {
  allowed = await startPages()
  hostile = await startPages()
  strict = await startFakeStreams({ allowedOrigins: [originOf(allowed)] })
  strict.allowedHeader = 'x-other'
  const off = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', TRACELOG_RECORDER_LINGER_MS: '100' }
  api = startChild('client/returning-server.mjs', {
    env: { ...off, TRACELOG_RETURN: 'on', ALLOWED_ORIGIN: originOf(allowed) },
  })
  await api.prints('"port"')
  url = `http://127.0.0.1:${(JSON.parse(api.stdout().split('\n')[0] ?? '') as { port: number }).port}`
  // Its first stream takes the server longer than any call waits, on a slow machine.
  await vi.waitFor(async () => {
    const { logs } = await withLogs(fetch, { streams: `${url}/.tracelog/v1`, authorization: 'Bearer first' })(url)
    expect(logs.status).not.toBe('unavailable')
  }, 30_000)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  api.kill('SIGKILL')
  await api.ended
  await strict.close()
  for (const server of [allowed, hostile]) {
    server.closeAllConnections()
    server.close()
  }
})

/** What a page of that origin is told when it calls with the client. */
async function callFrom(origin: string, target: string, streams: string) {
  // What one call was allowed, the browser would remember for the next one.
  const context = await (browser as Browser).createBrowserContext()
  const page = await context.newPage()
  try {
    await page.goto(origin)
    return await page.evaluate(
      async (where) => {
        const { withLogs: withLogsOfPage } = globalThis as unknown as typeof import('../../src/client.ts')
        const told: string[] = []
        const logged = withLogsOfPage(fetch, {
          streams: where.streams,
          authorization: 'Bearer page',
          onStderr: (line) => told.push(line),
        })
        const { response, logs } = await logged(where.target)
        const body = await response.text()
        if (response.headers.has('x-own')) await logs.close()
        return { body, told, status: await logs.ended, stdout: logs.stdout() }
      },
      { target, streams },
    )
  } finally {
    await context.close()
  }
}

requireBrowser('a page of an allowed origin is told what its call prints', async () => {
  const stdout = Array.from({ length: 20 }, (_, i) => `7: line ${i}\n`).join('')
  expect(await callFrom(originOf(allowed), `${url}/console?n=7`, `${url}/.tracelog/v1`)).toEqual({
    body: '7',
    told: ['7: error'],
    status: 'ok',
    stdout,
  })
})

requireBrowser('a GET is answered where the API allows pages the call, and not the header', async () => {
  strict.onCall = (_, response) =>
    void response.setHeader('access-control-expose-headers', 'x-own').setHeader('x-own', '1').end('answer')
  expect(await callFrom(originOf(allowed), `${strict.url}/call`, strict.streams)).toMatchObject({ body: 'answer' })
  const call = strict.requests.findLast((request) => request.url === '/call' && request.method === 'GET')
  expect(call?.headers['tracelog-return']).toBeUndefined()
})

requireBrowser(
  'a page of another origin is told nothing, of a stream that there is and whose grant it has',
  async () => {
    const streams = `${url}/.tracelog/v1`
    const authorization = 'Bearer victim'
    const opened = await fetch(`${streams}/streams`, { method: 'POST', headers: { authorization } })
    const { id, grant } = (await opened.json()) as { id: string; grant: string }
    const page = await (browser as Browser).newPage()
    await page.goto(originOf(hostile))
    const told = await page.evaluate(
      async (victim) => {
        const { withLogs: withLogsOfPage } = globalThis as unknown as typeof import('../../src/client.ts')
        const read = (what: Promise<unknown>) => what.then(String, (error: unknown) => (error as Error).name)
        const stream = `${victim.streams}/streams/${victim.id}`
        const headers = { authorization: `Bearer ${victim.grant}` }
        return [
          await read(
            withLogsOfPage(fetch, { streams: victim.streams, authorization: 'Bearer page' })(`${victim.url}/other`),
          ),
          await read(fetch(`${victim.streams}/streams`, { method: 'POST', headers: { authorization: 'Bearer page' } })),
          await read(fetch(stream, { headers })),
          // Of what a page may send without asking first, it sees nothing.
          await read(fetch(stream, { mode: 'no-cors' }).then((answer) => answer.text())),
          await read(
            fetch(`${victim.streams}/streams`, { method: 'POST', mode: 'no-cors', body: '{}' }).then((answer) =>
              answer.text(),
            ),
          ),
          await new Promise<string>((resolve) => {
            const source = new EventSource(stream)
            source.addEventListener('open', () => resolve('a stream'))
            source.addEventListener('error', () => resolve('no stream'))
          }),
        ]
      },
      { url, streams, id, grant },
    )
    await page.close()
    expect(told).toEqual(['TypeError', 'TypeError', 'TypeError', '', '', 'no stream'])
  },
)
