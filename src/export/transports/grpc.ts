/**
 * OTLP/gRPC: one try of one unary Export call, on node:http2, from the connection to the trailers.
 *
 * Not a gRPC library: one message there, one back (model/grpc-frame.ts); grpc-answer.ts says what the end of a call means.
 * Source: grpc/doc/PROTOCOL-HTTP2.md.
 */
import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'

import { monotonicMillis, wallMillis } from '../../diag/clock.ts'
import { guarded } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { frameMessage, MessageReader } from '../../model/grpc-frame.ts'
import { EXPORT_METHODS } from '../../model/grpc-methods.ts'
import { decodeAnswer, MAX_ANSWER_BYTES } from './answer-body.ts'
import type { Answer } from './answer.ts'
import type { Compression } from './compression.ts'
import { judgeGrpc } from './grpc-answer.ts'
import { GrpcSession } from './grpc-session.ts'
import { RequestMemory } from '../request-memory.ts'
import type { TlsFiles } from './tls-files.ts'
import type { ExportRequest, Transport } from './transport.ts'

export interface GrpcOptions {
  /** Without a path: `http://host:port` or `https://host:port`, perhaps with a user and a password. */
  readonly url: string
  /** Keys in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
  readonly compression: Compression
  readonly tls: TlsFiles
}

/** What HTTP/2 forbids, because it is about one connection of HTTP/1; node:http2 throws on them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
/** What an answer may be packed with. */
const ACCEPTED_ENCODINGS = 'identity,gzip'
/** RST_STREAM: nobody waits for the answer any more. */
const CANCEL = 8

export function createGrpcTransport(options: GrpcOptions): Transport {
  return new GrpcTransport(options)
}

class GrpcTransport implements Transport {
  readonly #options: GrpcOptions
  readonly #session: GrpcSession
  #headers: OutgoingHttpHeaders | undefined
  /** A request that is tried again is packed once. */
  readonly #frames = new WeakMap<ExportRequest, Uint8Array<ArrayBuffer>>()
  readonly #memory = new RequestMemory()

  constructor(options: GrpcOptions) {
    this.#options = options
    this.#session = new GrpcSession(new URL(options.url).origin, options.tls)
  }

  async send(request: ExportRequest, deadlineMillis: number): Promise<Answer> {
    try {
      const frame = this.#frameOf(request)
      const { answer, isWritten } = await this.#call(EXPORT_METHODS[request.signal], frame, deadlineMillis)
      // It stands in the frame, which goes round as soon as nobody sends it: once a try has failed that is not known.
      const mayGoRound = request.isReleased !== false && isWritten && answer.kind !== 'unreachable'
      request.isReleased = answer.kind !== 'unreachable' && request.isReleased !== false
      if (mayGoRound && this.#frames.delete(request)) this.#memory.giveBack(frame)
      return answer
    } catch (error) {
      // A certificate that cannot be read, a header that cannot be sent: no try will ever get further.
      const { code, message } = error as NodeJS.ErrnoException
      return { kind: 'rejected', reason: code ?? message }
    }
  }

  hurry(): void {
    // One try has no waits.
  }

  stop(): void {
    this.#session.stop()
  }

  #frameOf(request: ExportRequest): Uint8Array<ArrayBuffer> {
    let frame = this.#frames.get(request)
    if (frame === undefined) {
      const { name, compress } = this.#options.compression
      frame = frameMessage(compress(request.bytes), name !== undefined, (size) => this.#memory.take(size))
      this.#frames.set(request, frame)
    }
    return frame
  }

  async #call(path: string, frame: Uint8Array, deadlineMillis: number): Promise<CallEnd> {
    const left = Math.max(1, Math.round(deadlineMillis - monotonicMillis()))
    this.#headers ??= headersOf(this.#options)
    const session = this.#session.open()
    const stream = session.request({ ...this.#headers, ':path': path, 'grpc-timeout': `${left}m` })
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const timer = startTimer(() => {
      resolve({ kind: 'unreachable', reason: `no answer within ${left} ms` })
      stream.close(CANCEL)
      this.#session.retire(session)
    }, left)
    timer.unref()
    listenTo(stream, resolve)
    stream.end(frame)
    const answer = await promise
    stopTimer(timer)
    return { answer, isWritten: stream.writableFinished }
  }
}

interface CallEnd {
  readonly answer: Answer
  /** All of the frame has left this process. */
  readonly isWritten: boolean
}

/** Collects what comes, and judges it when the stream is closed. */
function listenTo(stream: ClientHttp2Stream, resolve: (answer: Answer) => void): void {
  const reader = new MessageReader(MAX_ANSWER_BYTES)
  let fields: IncomingHttpHeaders = {}
  let failure: string | undefined
  let isReadable = true
  const add = guarded('an answer to us', (more: IncomingHttpHeaders) => {
    fields = { ...fields, ...more }
  })
  stream.on('response', add)
  stream.on('trailers', add)
  stream.on(
    'data',
    guarded('an answer to us', (chunk: Uint8Array) => {
      isReadable &&= reader.push(chunk) === undefined
    }),
  )
  stream.once(
    'error',
    guarded('a failed call of ours', (error: Error) => {
      failure = reasonOf(error, stream.rstCode)
    }),
  )
  stream.once(
    'close',
    guarded('the end of a call of ours', () => {
      // A connection that ends in peace cancels what is under way, without an error.
      failure ??= stream.rstCode === 0 ? undefined : 'connection closed'
      const message = isReadable ? messageIn(reader, fields) : undefined
      resolve(judgeGrpc({ fields, message, failure, nowMillis: wallMillis() }))
    }),
  )
}

function messageIn(reader: MessageReader, fields: IncomingHttpHeaders): Uint8Array | undefined {
  const message = reader.finish()
  if (typeof message === 'string') return undefined
  if (!message.isCompressed) return message.bytes
  return decodeAnswer(String(fields['grpc-encoding'] ?? 'identity'), message.bytes)
}

/** The session's error where that is what ended the stream (`ECONNREFUSED`), the code of a reset (`RST 7`), or the stream's own error. */
function reasonOf(error: NodeJS.ErrnoException, rstCode: number | undefined): string {
  if (error.code === 'ERR_HTTP2_STREAM_ERROR') return `RST ${rstCode ?? 0}`
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  return (error.code === 'ERR_HTTP2_STREAM_CANCEL' ? cause?.code : undefined) ?? error.code ?? error.message
}

function headersOf({ url, headers, userAgent, compression }: GrpcOptions): OutgoingHttpHeaders {
  return {
    ...metadataOf(url, headers),
    ':method': 'POST',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': userAgent,
    'grpc-accept-encoding': ACCEPTED_ENCODINGS,
    ...(compression.name === undefined ? {} : { 'grpc-encoding': compression.name }),
  }
}

/**
 * What the user asked to be sent with each call, as HTTP/2 takes it.
 *
 * @throws ERR_INVALID_CHAR as over HTTP/1: node:http2 would send it, and the peer leave it out
 */
function metadataOf(url: string, headers: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  const { validateHeaderValue } = process.getBuiltinModule('node:http')
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value)
  const { host, ...others } = headers
  const { username, password, host: authority } = new URL(url)
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !CONNECTION_HEADERS.has(name))),
    // Said by us: node:http2 would leave out the brackets of an IPv6 address.
    ':authority': host ?? authority,
  }
}
