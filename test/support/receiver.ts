/**
 * An OTLP/HTTP endpoint inside the test: records what arrives, answers as told, and can be waited for.
 *
 * Use: `const receiver = await startReceiver()`, `receiver.url`, `await receiver.logs(3)`, `await receiver.close()`.
 * Faults: `receiver.fault = { status: 503 }` (until set back to undefined) or `receiver.failNext({ status: 429, retryAfter: '1' })`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { Arrivals, partialSuccess } from './arrivals.ts'
import { freePort } from './servers/free-port.ts'
import type { ReceivedMetric } from './metrics-wire.ts'
import type { ReceivedLog, ReceivedSpan } from './wire.ts'

export type { ReceivedLog, ReceivedSpan } from './wire.ts'

export interface Fault {
  /** Answered instead of 200; what was sent is not recorded as delivered. */
  readonly status?: number
  readonly retryAfter?: string
  /** Never answered. */
  readonly blackhole?: boolean
  /** The connection is cut after the request was read, with a reset. */
  readonly reset?: boolean
  /**
   * The connection is cut: by a reset at once, when the headers are there, when a first piece of the body is there; or closed when all was
   * read, within the head of the answer, in the middle of the answer.
   */
  readonly cut?: 'connected' | 'begun' | 'half' | 'read' | 'headed' | 'answered'
  /** 200, but the first so many records are refused. */
  readonly partial?: { readonly rejected: number; readonly message: string }
  /** The answer with a partial success is encoded so. */
  readonly encoding?: keyof typeof ENCODERS
  /** 200, and the head of an answer whose body never ends. */
  readonly neverEnds?: boolean
  /** 200 with this page instead of an answer of OTLP. */
  readonly page?: string
  /** 413 for every body (after decompression) larger than this; smaller ones are accepted. Bytes. */
  readonly maxBytes?: number
  /** 415 for bodies of this content-encoding. */
  readonly unknownCoding?: string
  /** Answered 200 after this long. Milliseconds. */
  readonly delayMillis?: number
}

export interface ReceivedRequest {
  readonly atMillis: number
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly status: number
  readonly bodyBytes: number
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`, for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  readonly port: number
  /** Every request that was read to its end, whatever it was answered. */
  readonly requests: ReceivedRequest[]
  /** Accepted with 200, in the order of arrival. */
  readonly receivedLogs: ReceivedLog[]
  readonly receivedSpans: ReceivedSpan[]
  readonly receivedMetrics: ReceivedMetric[]
  /** What every request meets until set to undefined. */
  fault: Fault | undefined
  /** What the next requests meet, one each, before `fault`. */
  failNext(...faults: Fault[]): void
  /** Nothing is wrong with the next requests any more. */
  clearNext(): void
  /** Resolves when at least `count` records have been accepted; rejects, saying how many, after the time-out. */
  logs(count: number, timeoutMillis?: number): Promise<ReceivedLog[]>
  spans(count: number, timeoutMillis?: number): Promise<ReceivedSpan[]>
  /** Resolves as soon as the condition holds; looked at after each request. */
  until(what: string, condition: () => boolean, timeoutMillis?: number): Promise<void>
  /** Stops listening and cuts every connection: later requests are refused. `listenAgain` takes the same port back. */
  stopListening(): Promise<void>
  listenAgain(): Promise<void>
  close(): Promise<void>
}

const ENCODERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = { gzip: gunzipSync, zstd: zstdDecompressSync }

/** Starts on 127.0.0.1 and a port that stays its own while it does not listen. */
export async function startReceiver(): Promise<Receiver> {
  const receiver = new TestReceiver()
  await receiver.listen(await freePort())
  return receiver
}

class TestReceiver extends Arrivals implements Receiver {
  readonly requests: ReceivedRequest[] = []
  fault: Fault | undefined
  port = 0
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly #next: Fault[] = []

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  failNext(...faults: Fault[]): void {
    this.#next.push(...faults)
  }

  clearNext(): void {
    this.#next.length = 0
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response))
    server.on('connection', (socket) => {
      if (this.#isCut('connected')) return this.#reset({ socket })
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  async stopListening(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  listenAgain(): Promise<void> {
    return this.listen(this.port)
  }

  close(): Promise<void> {
    return this.stopListening()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#isCut('begun')) return this.#reset(request)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) {
        if (this.#isCut('half')) return this.#reset(request)
        chunks.push(chunk as Buffer)
      }
    } catch {
      return // the client went away in the middle of its body
    }
    const raw = Buffer.concat(chunks)
    const coding = request.headers['content-encoding'] ?? 'identity'
    const body = DECODERS[coding]?.(raw) ?? raw
    const fault = this.#next.shift() ?? this.fault
    const status = coding === fault?.unknownCoding ? 415 : this.#statusOf(fault, body)
    this.requests.push({
      atMillis: performance.now(),
      path: request.url ?? '',
      headers: request.headers,
      status,
      bodyBytes: body.length,
    })
    if (fault?.reset === true) request.socket.resetAndDestroy()
    else if (fault?.cut !== undefined) cutOff(request, fault.cut)
    else if (fault?.blackhole !== true) await this.#answer(request, response, { status, body, fault })
    this.looked()
  }

  #isCut(at: Fault['cut']): boolean {
    return (this.#next[0] ?? this.fault)?.cut === at
  }

  #reset({ socket }: { readonly socket: Socket }): void {
    this.#next.shift()
    socket.resetAndDestroy()
    this.looked()
  }

  #statusOf(fault: Fault | undefined, body: Buffer): number {
    return fault?.status ?? (body.length > (fault?.maxBytes ?? Infinity) ? 413 : 200)
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { status, body: sent, fault }: { status: number; body: Buffer; fault: Fault | undefined },
  ): Promise<void> {
    const isJson = request.headers['content-type'] === 'application/json'
    const headers: Record<string, string> = { 'content-type': request.headers['content-type'] ?? '' }
    if (fault?.retryAfter !== undefined) headers['retry-after'] = fault.retryAfter
    if (status !== 200) {
      response.writeHead(status, headers).end()
      return
    }
    const signal = signalOf(request.url ?? '')
    if (signal !== undefined) this.keep({ signal, body: sent, isJson, refuse: fault?.partial?.rejected ?? 0 })
    await answerTaken(response, { headers, isJson, fault })
  }
}

async function answerTaken(
  response: ServerResponse,
  { headers, isJson, fault }: { headers: Record<string, string>; isJson: boolean; fault: Fault | undefined },
): Promise<void> {
  if (fault?.partial !== undefined) {
    const body = partialAnswer(fault.partial, isJson)
    if (fault.encoding !== undefined) headers['content-encoding'] = fault.encoding
    response.writeHead(200, headers).end(fault.encoding === undefined ? body : ENCODERS[fault.encoding](body))
    return
  }
  if (fault?.page !== undefined) {
    response.writeHead(200, { 'content-type': 'text/html' }).end(fault.page)
    return
  }
  if (fault?.neverEnds === true) {
    response.writeHead(200, headers).write(' ')
    return
  }
  if (fault?.delayMillis !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMillis))
  response.writeHead(200, headers).end(isJson ? '{}' : '')
}

function cutOff({ socket }: IncomingMessage, at: NonNullable<Fault['cut']>): void {
  if (at === 'headed') socket.write('HTTP/1.1 200 OK\r\ncontent-le')
  if (at === 'answered') socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
  socket.end(() => socket.destroy())
}

function partialAnswer(partial: { rejected: number; message: string }, isJson: boolean): Buffer {
  if (!isJson) return partialSuccess(partial)
  const { rejected, message } = partial
  return Buffer.from(
    JSON.stringify({ partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: message } }),
  )
}

function signalOf(path: string): 'logs' | 'spans' | 'metrics' | undefined {
  if (path.endsWith('/v1/logs')) return 'logs'
  if (path.endsWith('/v1/metrics')) return 'metrics'
  return path.endsWith('/v1/traces') ? 'spans' : undefined
}
