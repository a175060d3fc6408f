/**
 * What is asked of streams over HTTP: `POST <base>/streams` opens one, `GET <base>/streams/{id}` reads it (spec: return).
 *
 * Who may not is told nothing: the request is handed back, and whoever mounted this answers as for any path that there is not. Cookies
 * are never looked at here; requests of other pages in a browser need an origin that is allowed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { startTimer, stopTimer } from '../diag/timers.ts'
import { bearerOf } from './bearer.ts'
import { EventStream } from './event-stream.ts'
import { isSeverity, readGrant, scopesOf, STREAM_ID, type ReturnScope } from './return-grant.ts'
import type { Authorised, OpenStream, ReturnStreams } from './return-streams.ts'

export type GrantedStream = Pick<OpenStream, 'id' | 'sub' | 'scopes' | 'from' | 'expiresMillis'>

export interface StreamRequestsOptions {
  readonly streams: ReturnStreams
  /** @returns `undefined`: may not. MUST NOT reject */
  readonly authorise: (request: IncomingMessage) => Promise<Authorised | undefined>
  /** Keys of grants; a reader that shows the grant of its stream needs nothing else. */
  readonly keys: readonly string[]
  /** Its grant. */
  readonly sign: (stream: GrantedStream) => string
  /** Severity of a level's name; `undefined`: there is none of that name. */
  readonly severityOf: (name: string) => number | undefined
  readonly allowedOrigins: readonly string[]
  readonly nowMillis: () => number
  readonly onRefused: (reason: string) => void
  /** A request is ours, and will be answered here. */
  readonly onTaken: () => void
  /** Runs something outside of the request that the code runs for. */
  readonly detached: <T>(run: () => T) => T
}

/** As express and others hand it on: the body may have been read. */
type Asked = IncomingMessage & { readonly body?: unknown; readonly originalUrl?: string }

const PATH = /(?:^|\/)streams(?:\/([^/]*))?\/?$/
/** Of a request to open one. Bytes. */
const MAX_BODY = 4_096
const BODY_MILLIS = 2_000

export class StreamRequests {
  readonly #options: StreamRequestsOptions
  readonly #readers = new Set<EventStream>()

  constructor(options: StreamRequestsOptions) {
    this.#options = options
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  /** Called now and then. */
  tick(): void {
    for (const reader of this.#readers) reader.tick()
  }

  close(): void {
    for (const reader of this.#readers) reader.close()
  }

  /** @returns false: it is none of ours, or may not */
  async answer(request: Asked, response: ServerResponse): Promise<boolean> {
    const url = request.url ?? ''
    const query = url.indexOf('?')
    const path = PATH.exec(query < 0 ? url : url.slice(0, query))
    if (path === null || !this.#isFromHere(request)) return false
    const [, id] = path
    if (request.method === 'OPTIONS') return this.#allow(request, response)
    if (request.method === 'POST' && id === undefined) return this.#open(request, response)
    return request.method === 'GET' && id !== undefined ? this.#read(request, response, id) : false
  }

  async #open(request: Asked, response: ServerResponse): Promise<boolean> {
    const authorised = await this.#options.authorise(request)
    if (authorised === undefined) return false
    const asked = await askedOf(request)
    const rights = this.#rightsOf(authorised, asked)
    const stream = this.#options.streams.open(rights, authorised.ttlSeconds * 1_000)
    if (stream === undefined) {
      this.#options.onRefused('too_many')
      return false
    }
    this.#options.onTaken()
    const { id, expiresMillis } = stream
    const grant = this.#options.sign(stream)
    const expiresAt = new Date(expiresMillis).toISOString()
    this.#head(request, response, 201, 'application/json')
    response.end(JSON.stringify({ id, url: `streams/${id}`, grant, expires_at: expiresAt }))
    return true
  }

  async #read(request: Asked, response: ServerResponse, id: string): Promise<boolean> {
    const stream = STREAM_ID.test(id) ? this.#options.streams.find(id) : undefined
    const isTheirs = await this.#mayRead(request, id, stream)
    if (stream === undefined || !isTheirs) return false
    this.#options.onTaken()
    this.#head(request, response, 200, 'text/event-stream')
    this.#options.detached(() => this.#send(request, response, stream))
    return true
  }

  #send(request: Asked, response: ServerResponse, stream: OpenStream): void {
    // One reader at a time: the one that comes back has lost the other connection.
    for (const reader of this.#readers) if (reader.stream === stream) reader.close()
    const last = Number(request.headers['last-event-id'])
    const after = Number.isSafeInteger(last) && last > 0 ? Math.min(last, stream.ring.last) : 0
    const { nowMillis } = this.#options
    let reader: EventStream | undefined
    reader = new EventStream({
      stream,
      response,
      after,
      nowMillis,
      onOver: () => {
        if (reader !== undefined) this.#readers.delete(reader)
      },
    })
    if (stream.onEvent !== undefined) this.#readers.add(reader)
  }

  /** By the grant of this very stream, or as who has opened it. Who asks for another's waits as long as who asks for one that is not. */
  async #mayRead(request: Asked, id: string, stream: OpenStream | undefined): Promise<boolean> {
    const { keys, nowMillis } = this.#options
    const shown = bearerOf(request)
    if (shown !== undefined) {
      const claims = readGrant(shown, { keys, nowMillis: nowMillis() })
      if (typeof claims === 'object' && claims.sid === id) return true
    }
    const authorised = await this.#options.authorise(request)
    return authorised !== undefined && authorised.sub === stream?.sub
  }

  /** Never more than was granted. */
  #rightsOf({ sub, scopes, from }: Authorised, asked: Asking) {
    const level = asked.level === undefined ? undefined : this.#options.severityOf(asked.level)
    return {
      sub,
      scopes: asked.scopes === undefined ? scopes : asked.scopes.filter((scope) => isGranted(scope, scopes)),
      from: isSeverity(level) ? Math.max(level, from) : from,
    }
  }

  /** A page of another origin may not have a browser ask in its user's name. */
  #isFromHere({ headers }: Asked): boolean {
    const { origin } = headers
    if (origin === undefined || this.#options.allowedOrigins.includes(origin)) return true
    if (headers['sec-fetch-site'] === 'same-origin') return true
    return URL.canParse(origin) && new URL(origin).host === headers.host
  }

  #allow(request: Asked, response: ServerResponse): boolean {
    const { origin } = request.headers
    if (origin === undefined || !this.#options.allowedOrigins.includes(origin)) return false
    this.#options.onTaken()
    this.#head(request, response, 204)
    response.end()
    return true
  }

  #head({ headers: { origin }, method }: Asked, response: ServerResponse, status: number, type?: string): void {
    response.statusCode = status
    if (type !== undefined) response.setHeader('Content-Type', type)
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (type === 'text/event-stream') response.setHeader('X-Accel-Buffering', 'no')
    if (origin === undefined || !this.#options.allowedOrigins.includes(origin)) return
    response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Vary', 'Origin')
    if (method !== 'OPTIONS') return
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
    response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type, last-event-id')
    response.setHeader('Access-Control-Max-Age', '600')
  }
}

/** Who may see all records may ask for those that every caller may see. */
function isGranted(scope: ReturnScope, granted: readonly ReturnScope[]): boolean {
  return granted.includes(scope) || (scope === 'logs:public' && granted.includes('logs:all'))
}

interface Asking {
  readonly level: string | undefined
  /** `undefined`: all that may be seen. */
  readonly scopes: readonly ReturnScope[] | undefined
}

/** `{"level": "debug", "scopes": ["console"]}`, or `?level=debug&scopes=console`. */
async function askedOf(request: Asked): Promise<Asking> {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const body = typeof request.body === 'object' && request.body !== null ? request.body : await jsonOf(request)
  const { level = query.get('level'), scopes = query.get('scopes')?.split(',') } = body as Partial<
    Record<string, unknown>
  >
  return {
    level: typeof level === 'string' ? level : undefined,
    scopes: Array.isArray(scopes) ? scopesOf(scopes) : undefined,
  }
}

/** What is too long, too slow or no JSON asks for nothing. */
async function jsonOf(request: Asked): Promise<object> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if ((length === undefined || length === '0') && coding === undefined && request.httpVersionMajor < 2) return {}
  if (request.readableEnded || Number(length) > MAX_BODY) return {}
  const text = await textOf(request)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function textOf(request: Asked): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const body = { chunks: [] as Buffer[], size: 0 }
  const done = (): void => {
    stopTimer(timer)
    request.off('data', take).off('end', done).off('close', done)
    resolve(Buffer.concat(body.chunks).toString())
  }
  function take(chunk: Buffer): void {
    body.size += chunk.length
    if (body.size <= MAX_BODY) body.chunks.push(Buffer.from(chunk))
  }
  const timer = startTimer(done, BODY_MILLIS)
  timer.unref()
  request.on('data', take).on('end', done).on('close', done)
  return promise
}
