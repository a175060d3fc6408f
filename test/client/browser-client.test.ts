/**
 * The client in Chromium: on a page of an origin that the server allows, and on a hostile one, which reads nothing.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, expect } from 'vitest'

import { requireChromium, startChromium } from './chromium.ts'
import { end, GRANT, log, startFakeStreams, text, type FakeStreams } from './fake-streams.ts'

const bundle = readFileSync(new URL('../../dist/client.js', import.meta.url))

const PAGE = `<!doctype html><title>page</title>
<script type="module">import { withLogs } from '/client.js'; globalThis.withLogs = withLogs</script>`

let browser: Browser | undefined
let allowed: Server
let hostile: Server
let api: FakeStreams

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
  api = await startFakeStreams({ allowedOrigins: [originOf(allowed)] })
  browser = await startChromium()
})
afterAll(async () => {
  await browser?.close()
  await api.close()
  for (const server of [allowed, hostile]) {
    server.closeAllConnections()
    server.close()
  }
})

/** What a page of that origin is told when it calls the API with the client. */
async function callFrom(origin: string, verb = 'POST') {
  // What one call was allowed, the browser would remember for the next one.
  const context = await (browser as Browser).createBrowserContext()
  const page = await context.newPage()
  try {
    await page.goto(origin)
    return await page.evaluate(
      async ({ url, streams, method }) => {
        const { withLogs } = globalThis as unknown as typeof import('../../src/client.ts')
        const told: string[] = []
        const logged = withLogs(fetch, {
          streams,
          authorization: 'Bearer abc',
          onLog: ({ message }) => told.push(String(message)),
        })
        const { response, logs } = await logged(`${url}/call`, { method })
        const body = await response.text()
        if (method === 'GET') await logs.close()
        const events = []
        for await (const event of logs) events.push(event.type)
        return { body, events, told, stdout: logs.stdout(), status: await logs.ended }
      },
      { url: api.url, streams: api.streams, method: verb },
    )
  } finally {
    await context.close()
  }
}

requireChromium('a page of an allowed origin is told what its call logs and prints', async () => {
  api.onCall = (_, response) => {
    api.send(log('looking up'), text('stdout', 'printed'))
    response.end('answer')
    api.send(log('after the answer'), end())
  }
  expect(await callFrom(originOf(allowed))).toEqual({
    body: 'answer',
    events: ['log', 'stdout', 'log', 'end'],
    told: ['looking up', 'after the answer'],
    stdout: 'printed\n',
    status: 'ok',
  })
  expect(api.requests.find(({ url, method }) => url === '/call' && method === 'POST')?.headers['tracelog-return']).toBe(
    GRANT,
  )
})

requireChromium('a page of another origin is told nothing, and opens no stream', async () => {
  const opened = api.asked.length
  const page = await (browser as Browser).newPage()
  await page.goto(originOf(hostile))
  const told = await page.evaluate(
    async ({ url, streams }) => {
      const { withLogs } = globalThis as unknown as typeof import('../../src/client.ts')
      const read = (what: Promise<unknown>) => what.then(String, (error: unknown) => (error as Error).name)
      const json = { 'content-type': 'application/json' }
      return [
        await read(withLogs(fetch, { streams, authorization: 'Bearer abc' })(`${url}/call`)),
        await read(fetch(`${streams}/streams`, { method: 'POST', headers: json, body: '{}' })),
        await read(fetch(`${streams}/streams/s1`, { headers: { authorization: 'Bearer v1.claims.mac' } })),
        // Of what a page may send without asking first, it sees nothing.
        await read(fetch(`${streams}/streams/s1`, { mode: 'no-cors' }).then((answer) => answer.text())),
        await new Promise<string>((resolve) => {
          const source = new EventSource(`${streams}/streams/s1`)
          source.addEventListener('message', () => resolve('an event'))
          source.addEventListener('error', () => resolve('no event'))
        }),
      ]
    },
    { url: api.url, streams: api.streams },
  )
  await page.close()
  expect(told).toEqual(['TypeError', 'TypeError', 'TypeError', '', 'no event'])
  expect(api.asked).toHaveLength(opened)
})

requireChromium('a GET is answered where the API allows pages the call, and not the header', async () => {
  api.allowedHeader = 'x-other'
  api.onCall = (_, response) => void response.end('answer')
  expect(await callFrom(originOf(allowed), 'GET')).toMatchObject({ body: 'answer' })
  const call = api.requests.findLast(({ url, method }) => url === '/call' && method === 'GET')
  expect(call?.headers['tracelog-return']).toBeUndefined()
})
