/**
 * A server that speaks the wire of returned logs (spec: return) and lets a test say what it sends and where it breaks.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeEvent {
  readonly event: string
  readonly data: object
}

export interface FakeStreams {
  readonly url: string
  /** Where the client opens its streams. */
  readonly streams: string
  /** Requests in the order in which they came: `POST /base/streams`. */
  readonly requests: readonly IncomingMessage[]
  /** The connections of readers so far. */
  readonly readers: readonly ServerResponse[]
  /** The body of the request that opened a stream. */
  readonly asked: readonly string[]
  send(...events: readonly FakeEvent[]): void
  /** Ends the connection of the reader after the n-th event of it. */
  breakAfter: number
  /** Instead of what opening answers. */
  onOpen: ((response: ServerResponse) => void) | undefined
  /** Instead of what a reader is answered. */
  onRead: ((response: ServerResponse) => void) | undefined
  onCall: (request: IncomingMessage, response: ServerResponse) => void
  /** Of calls from pages of other origins. */
  allowedHeader: string
  close(): Promise<void>
}

export const GRANT = 'v1.claims.mac'

export interface FakeOptions {
  /** Pages of these may ask. Default: none. */
  readonly allowedOrigins?: readonly string[]
}

export async function startFakeStreams({ allowedOrigins = [] }: FakeOptions = {}): Promise<FakeStreams> {
  const sent: FakeEvent[] = []
  const readers: ServerResponse[] = []
  const requests: IncomingMessage[] = []
  const asked: string[] = []
  const places = new Map<ServerResponse, { next: number; written: number }>()
  const server: Server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function flush(): void {
    for (const [response, place] of places) {
      while (place.next < sent.length && place.written < fake.breakAfter) {
        const { event, data } = sent[place.next++] as FakeEvent
        response.write(`id: ${place.next}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        place.written++
      }
      if (place.written >= fake.breakAfter) {
        places.delete(response)
        setImmediate(() => response.destroy())
      }
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(request)
    const { origin } = request.headers
    if (origin !== undefined && !allowedOrigins.includes(origin)) return void response.writeHead(404).end()
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
    if (request.method === 'OPTIONS') return allow(request, response)
    if (request.method === 'POST' && request.url === '/base/streams') {
      asked.push(Buffer.concat(await request.toArray()).toString())
      if (fake.onOpen !== undefined) return fake.onOpen(response)
      response.writeHead(201, { 'content-type': 'application/json' })
      const expires = new Date(Date.now() + 60_000).toISOString()
      response.end(JSON.stringify({ id: 's1', url: 'streams/s1', grant: GRANT, expires_at: expires }))
    } else if (request.url === '/base/streams/s1') {
      readers.push(response)
      if (fake.onRead !== undefined) return fake.onRead(response)
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(':\n\n')
      places.set(response, { next: Number(request.headers['last-event-id'] ?? 0), written: 0 })
      response.on('close', () => places.delete(response))
      flush()
    } else fake.onCall(request, response)
  }

  /** The application allows what it likes; streams need no header of ours. */
  function allow({ url: path = '' }: IncomingMessage, response: ServerResponse): void {
    const own = path.startsWith('/base/') ? 'authorization, content-type, last-event-id' : fake.allowedHeader
    response.writeHead(204, { 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': own }).end()
  }

  const fake: FakeStreams = {
    url,
    streams: `${url}/base`,
    requests,
    readers,
    asked,
    breakAfter: Number.POSITIVE_INFINITY,
    onOpen: undefined,
    onRead: undefined,
    allowedHeader: 'tracelog-return',
    onCall: (_, response) => void response.writeHead(200, { 'x-own': 'yes' }).end('answer'),
    send(...events) {
      sent.push(...events)
      flush()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake
}

export const log = (message: string): FakeEvent => ({
  event: 'log',
  data: { timestamp: '2026-11-30T10:00:00.000Z', level: 'INFO', service: 'api', message },
})
export const text = (event: 'stdout' | 'stderr', line: string): FakeEvent => ({
  event,
  data: { text: line, at: '2026-11-30T10:00:00.000Z' },
})
export const end = (status = 'ok', dropped = 0): FakeEvent => ({
  event: 'end',
  data: { status, http_status: 200, dropped },
})
