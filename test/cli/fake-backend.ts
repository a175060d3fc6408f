/**
 * A backend's HTTP API that answers what a test told it, and remembers what it was asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { freePort } from '../support/servers/free-port.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly body?: unknown
  /** For streams: writes on its own. */
  readonly handle?: (response: ServerResponse, asked: Asked) => void
}

export interface FakeBackend extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  stop(): Promise<void>
}

export const TOKEN = 'test-token'

/** @param answers  by path below /api/v1/, without the query; a function sees the request; anything else is a 404 */
export async function startFakeBackend(
  answers: Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>,
): Promise<FakeBackend> {
  const asked: Asked[] = []
  const server = createServer((request, response) => void serve(request, response))
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)

    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const one: Asked = {
      method: request.method ?? '',
      path: url.pathname.replace('/api/v1/', ''),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
    }
    asked.push(one)
    answer(response, one)
  }
  function answer(response: ServerResponse, one: Asked): void {
    if (one.headers.authorization !== `Bearer ${TOKEN}`) return send(response, 401, failure('unauthorized', 'no token'))
    const found = answers[one.path]
    const chosen = typeof found === 'function' ? found(one) : found
    if (chosen === undefined) return send(response, 404, failure('not_found', `nothing at ${one.path}`))
    if (chosen.handle !== undefined) return chosen.handle(response, one)
    send(response, chosen.status ?? 200, chosen.body)
  }
  // Its own when it has stopped, too: whoever looks for it there finds nobody.
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export function failure(code: string, message: string, at?: number): unknown {
  return { error: { code, message, ...(at === undefined ? {} : { at }) } }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

/** Begins an SSE answer and gives back how to write to it. */
export function openEvents(response: ServerResponse): (event: string, data: unknown, id?: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': open\n\n')
  return (event, data, id) =>
    void response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
