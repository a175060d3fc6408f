/**
 * The client against a server in a process of its own: express's neighbour node:http, winston, console, the preload and `returnHandler`.
 *
 * What the server may show, and to whom, is held by its own tests; here is what a caller sees.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { withLogs, type LogStream, type WithLogsOptions } from '../../src/client.ts'
import { createSseParser } from '../../src/client/sse-parser.ts'
import { startChild, type RunningChild } from '../support/child.ts'

let server: RunningChild
let url = ''

beforeAll(async () => {
  server = startChild('client/returning-server.mjs', {
    env: {
      TRACELOG_RETURN: 'on',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'none',
      TRACELOG_RECORDER_LINGER_MS: '100',
    },
  })
  await server.prints('"port"')
  const { port } = JSON.parse(server.stdout().split('\n')[0] ?? '') as { port: number }
  url = `http://127.0.0.1:${port}`
  // Its first stream takes the server longer than any call waits, on a slow machine.
  await vi.waitFor(async () => {
    const { logs } = await withLogs(fetch, options('first'))(`${url}/other`)
    expect(logs.status).not.toBe('unavailable')
  }, 30_000)
})
afterAll(async () => {
  server.kill('SIGKILL')
  await server.ended
})

const options = (sub: string, more: Partial<WithLogsOptions> = {}): WithLogsOptions => ({
  streams: `${url}/.tracelog/v1`,
  authorization: `Bearer ${sub}`,
  ...more,
})
const release = async (): Promise<void> => void (await (await fetch(`${url}/release`)).text())
const messages = (logs: LogStream): unknown[] => logs.messages().map(({ message }) => message)

test('a line of a handler that still runs is there, of a level that nothing prints', async () => {
  const first = Promise.withResolvers<unknown>()
  const logged = withLogs(fetch, options('slow', { level: 'debug', onLog: ({ message }) => first.resolve(message) }))
  const calling = logged(`${url}/slow`)
  expect(await first.promise).toBe('begins')
  await release()
  const { response, logs } = await calling
  expect([await response.text(), await logs.ended]).toEqual(['slow', 'ok'])
  expect(messages(logs)).toEqual(expect.arrayContaining(['begins', 'goes on']))
  expect(logs.messages()[0]).toMatchObject({ level: 'DEBUG', service: expect.any(String) as string })
  expect(server.stdout()).not.toContain('begins')
})

test('a job behind a 202 is told to its end', async () => {
  const { response, logs } = await withLogs(fetch, options('job'))(`${url}/job`)
  expect([response.status, await response.text()]).toEqual([202, ''])
  await expect.poll(() => messages(logs)).toContain('packs')
  expect(logs.status).toBe('open')
  await release()
  expect(await logs.ended).toBe('ok')
  expect(messages(logs)).toContain('packed')
})

/** The call itself has left: its stream is open. */
function notingFetch(onCall: () => void): typeof fetch {
  return (input, init) => {
    if (typeof input === 'string' && input.includes('/console')) onCall()
    return fetch(input, init)
  }
}

test('a hundred callers at once see their own console and nothing of the others', async () => {
  const lines = (n: number) => Array.from({ length: 20 }, (_, i) => `${n}: line ${i}\n`).join('')
  const calls: ReturnType<ReturnType<typeof withLogs<typeof fetch>>>[] = []
  for (let n = 0; n < 100; n++) {
    // The server answers when all of them are there; streams are opened one after the other.
    await new Promise<void>((resolve) => {
      const logged = withLogs(notingFetch(resolve), options(`caller${n}`))
      calls.push(logged(`${url}/console?n=${n}&together=100`))
    })
  }
  const seen = await Promise.all(
    calls.map(async (call, n) => {
      const { response, logs } = await call
      await response.text()
      return [n, await logs.ended, logs.stdout(), logs.stderr(), logs.dropped]
    }),
  )
  expect(seen).toEqual(seen.map((_, n) => [n, 'ok', lines(n), `${n}: error\n`, 0]))
})

/** A `fetch` whose connections to streams break after so many events. */
function breakingFetch(afterEvents: number): { fetch: typeof fetch; connections: () => number } {
  let connections = 0
  const breaking = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init)
    if (response.headers.get('content-type') !== 'text/event-stream' || response.body === null) return response
    connections++
    const parser = createSseParser()
    const decoder = new TextDecoder()
    let left = afterEvents
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        // Piece by piece, so that the break comes right behind an event.
        for (const byte of bytes) {
          const piece = Uint8Array.of(byte)
          controller.enqueue(piece)
          left -= parser.push(decoder.decode(piece, { stream: true })).length
          if (left <= 0) return controller.terminate()
        }
      },
    })
    return new Response(response.body.pipeThrough(cut), { headers: response.headers })
  }
  return { fetch: breaking, connections: () => connections }
}

test.each([1, 2, 3, 7])(
  'nothing is lost and nothing comes twice when each connection breaks after %i events',
  async (n) => {
    const { fetch: breaking, connections } = breakingFetch(n)
    const { response, logs } = await withLogs(breaking, options(`breaks${n}`))(`${url}/console?n=9`)
    expect([await response.text(), await logs.ended]).toEqual(['9', 'ok'])
    expect(logs.stdout()).toBe(Array.from({ length: 20 }, (_, i) => `9: line ${i}\n`).join(''))
    expect(logs.stderr()).toBe('9: error\n')
    expect(connections()).toBeGreaterThan(20 / n)
  },
)

test.each([
  ['nobody', undefined],
  ['somebody else', 'Basic abc'],
])('for %s the call is as without, and there is no stream', async (_name, authorization) => {
  const given = authorization === undefined ? {} : { authorization }
  const { response, logs } = await withLogs(fetch, { streams: `${url}/.tracelog/v1`, ...given })(`${url}/other`)
  expect([response.status, await response.text(), await logs.ended]).toEqual([200, 'answer', 'unavailable'])
})
