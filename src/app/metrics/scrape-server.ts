/**
 * Where Prometheus asks for what was measured: `GET /metrics` and nothing else, over HTTP/1.1 on node:net.
 *
 * Not on node:http: its requests would be hops of the application, and its code would be loaded where the application does not. It keeps
 * no process alive. Whoever asks is unknown: a request has so many bytes and so much time, and there are so many at once.
 */
import { createServer, isIP, type Server, type Socket } from 'node:net'

import { sayOnce } from '../../diag/events.ts'
import { guarded, messageOf } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { PROMETHEUS_CONTENT_TYPE } from './prometheus-text.ts'

export interface ScrapeOptions {
  readonly host: string
  /** 0: any that is free; which one is said. */
  readonly port: number
  /** Rejects with what the application has given its meters, if that cannot be written: the answer is 500 then. */
  readonly text: () => Promise<string>
}

const MAX_REQUEST_BYTES = 16 * 1024
const MAX_CONNECTIONS = 16
/** From the connection to its end. Milliseconds. */
const MAX_MILLIS = 30_000

/** A port that is taken is said, and then nobody is answered. @returns stops it */
export function serveScrapes(options: ScrapeOptions): () => void {
  const { host, port } = options
  const sockets = new Set<Socket>()
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    const drop = guarded('a scrape', () => socket.destroy())
    const timer = startTimer(drop, MAX_MILLIS)
    timer.unref()
    socket.unref().on('error', drop)
    socket.on(
      'close',
      guarded('a scrape', () => {
        sockets.delete(socket)
        stopTimer(timer)
      }),
    )
    serveRequest(socket, options)
  }
  const server = createServer(guarded('a scrape', onSocket))
  server.maxConnections = MAX_CONNECTIONS
  server.on(
    'error',
    guarded('scrapes', (error: Error) => {
      sayOnce('scrapes', `metrics cannot be asked for at ${host}:${port}: ${messageOf(error)}`)
    }),
  )
  // Of a cluster each worker has its own numbers: the primary's port is not shared.
  server.listen({ host, port, exclusive: true }, () => sayPort(server, options))
  server.unref()
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

function sayPort(server: Server, { host, port }: ScrapeOptions): void {
  const address = server.address()
  if (port !== 0 || typeof address !== 'object' || address === null) return
  sayOnce('scrapes at', `metrics are at http://${isIP(host) === 6 ? `[${host}]` : host}:${address.port}/metrics`)
}

function serveRequest(socket: Socket, { text, host }: ScrapeOptions): void {
  let head = ''
  const onData = (chunk: Buffer) => {
    // Each look begins where the end of the head can be: a byte at a time costs no more.
    const from = Math.max(0, head.length - 3)
    head += chunk.toString('latin1')
    if (head.indexOf('\r\n\r\n', from) === -1) {
      if (head.length <= MAX_REQUEST_BYTES) return
      socket.removeAllListeners('data')
      answer(socket, 'GET', { status: '431 Request Header Fields Too Large' })
      return
    }
    socket.removeAllListeners('data')
    const [method, status] = judged(head, host)
    if (status !== '200 OK') answer(socket, method, { status })
    else
      void text()
        .then(
          (body): Reply => ({ status, body }),
          (): Reply => ({ status: '500 Internal Server Error' }),
        )
        .then(guarded('a scrape', (reply: Reply) => answer(socket, method, reply)))
  }
  socket.on('data', guarded('a scrape', onData))
}

/** Bodies of requests are not read: the connection ends with the answer. */
function judged(head: string, bound: string): readonly [method: string, status: string] {
  const [line = '', ...fields] = head.split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  if (method !== 'GET' && method !== 'HEAD') return ['GET', '405 Method Not Allowed']
  const asked = fields.find((field) => /^host:/i.test(field))?.slice(5)
  if (isLoopback(bound) && asked !== undefined && !isLoopback(withoutPort(asked.trim())))
    return [method, '421 Misdirected Request']
  return [method, /^\/metrics(?:\?|$)/.test(target) ? '200 OK' : '404 Not Found']
}

/** A page that a browser has from elsewhere may have its name lead to this machine: it still asks for that name. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '')
}

interface Reply {
  readonly status: string
  readonly body?: string
}

function answer(socket: Socket, method: string, { status, body = `${status}\n` }: Reply): void {
  if (socket.destroyed) return
  const bytes = Buffer.from(body)
  const type = status === '200 OK' ? PROMETHEUS_CONTENT_TYPE : 'text/plain'
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`
  socket.end(method === 'HEAD' ? head : Buffer.concat([Buffer.from(head), bytes]))
}
