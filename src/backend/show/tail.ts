/**
 * The live tail as server-sent events: `open`, `log`, `request`, `gap`, and a comment now and then that keeps proxies awake.
 *
 * An event's `id` is where to resume: everything up to it was said. The last record of what arrived together has one.
 *
 * A client that reads too slowly costs itself records, never our memory: above a bound its events are counted instead of
 * written, and it hears `gap` when there is room again.
 */
import type { ServerResponse } from 'node:http'

import type { Query, TailListener } from '../query/query.ts'
import { SECURITY_HEADERS, Unanswered } from './answer.ts'

export interface TailClientsOptions {
  /** Tails at once; the next one is answered 429. Default 64. */
  readonly maxClients?: number
  /** Unsent bytes of one client before its events are dropped. Default 1 MiB. */
  readonly maxBufferedBytes?: number
  /** Between two comments. Milliseconds; default 15,000. */
  readonly commentMillis?: number
}

/** Everybody who is listening, so that a stop can end them. */
export class TailClients {
  readonly maxClients: number
  readonly maxBufferedBytes: number
  readonly commentMillis: number
  readonly #open = new Set<ServerResponse>()

  constructor(options: TailClientsOptions = {}) {
    this.maxClients = options.maxClients ?? 64
    this.maxBufferedBytes = options.maxBufferedBytes ?? 1024 * 1024
    this.commentMillis = options.commentMillis ?? 15_000
  }

  get size(): number {
    return this.#open.size
  }

  add(response: ServerResponse): void {
    this.#open.add(response)
    response.once('close', () => this.#open.delete(response))
  }

  /** Ends every tail; clients see the end of the stream. */
  endAll(): void {
    for (const response of this.#open) response.end()
  }
}

export interface TailOptions {
  readonly query: Query
  readonly q: string | undefined
  readonly afterId: string | undefined
}

/** Answers with a stream that ends when the client goes or the backend stops. @throws Unanswered 429; what `query.tail` throws */
export function serveTail(response: ServerResponse, clients: TailClients, options: TailOptions): void {
  if (clients.size >= clients.maxClients) throw new Unanswered(429, `${clients.maxClients} tails are open already`)
  const stream = new TailStream(response, clients)
  const { query, q, afterId } = options
  // Throws for a wrong query, before anything was sent.
  const stop = query.tail({ ...(q === undefined ? {} : { q }), ...(afterId === undefined ? {} : { afterId }) }, stream)
  clients.add(response)
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(': tracelog\n\n')
  const timer = setInterval(() => stream.comment(), clients.commentMillis).unref()
  response.once('close', () => {
    clearInterval(timer)
    stop()
  })
}

class TailStream implements TailListener {
  readonly #response: ServerResponse
  readonly #maxBufferedBytes: number
  #dropped = 0

  constructor(response: ServerResponse, { maxBufferedBytes }: TailClients) {
    this.#response = response
    this.#maxBufferedBytes = maxBufferedBytes
    response.on('drain', () => this.#tellGap())
  }

  /** An event that clients need not know: it carries the id to resume after. */
  open(reached: string): void {
    this.#event('open', {}, reached)
  }

  log(row: Parameters<TailListener['log']>[0], reached?: string): void {
    this.#event('log', row, reached)
  }

  request(row: Parameters<TailListener['request']>[0]): void {
    // It comes again whenever it changes, so one that is left out is not counted as lost.
    if (this.#isFull()) return
    this.#event('request', row)
  }

  gap(dropped: number): void {
    this.#dropped += dropped
    this.#tellGap()
  }

  comment(): void {
    if (!this.#isFull()) this.#response.write(':\n\n')
  }

  #event(name: string, value: unknown, id?: string): void {
    if (this.#isFull()) {
      this.#dropped += 1
      return
    }
    this.#tellGap()
    // JSON has no raw line breaks, so one data line is enough.
    this.#response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(value)}\n\n`)
  }

  #tellGap(): void {
    if (this.#dropped === 0 || this.#isFull()) return
    const dropped = this.#dropped
    this.#dropped = 0
    this.#response.write(`event: gap\ndata: ${JSON.stringify({ dropped })}\n\n`)
  }

  #isFull(): boolean {
    return this.#response.writableEnded || this.#response.writableLength > this.#maxBufferedBytes
  }
}
