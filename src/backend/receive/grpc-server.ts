/**
 * OTLP/gRPC: the three Export calls, unary, over node:http2 in clear text.
 *
 * Not a gRPC library: no reflection, no streaming, no health service; anything else is answered UNIMPLEMENTED.
 * Source: grpc/doc/PROTOCOL-HTTP2.md, compression.md; OTLP 1.x, "OTLP/gRPC". A client's `grpc-timeout` is its own affair:
 * it resets the stream when the time is over, and then nobody reads the answer.
 */
import { constants, createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'

import { sayOnce } from '../../diag/events.ts'
import type { BodyBudget, BodyShare } from './body-budget.ts'
import { type ContentCoding, decompress } from './decompress.ts'
import { frameMessage, type FrameProblem, MessageReader } from '../../model/grpc-frame.ts'
import { REFUSAL_STATUS } from './http-answer.ts'
import type { Intake } from './intake.ts'
import { encodeStatus, encodeSuccess, RPC_CODE, type RpcCode } from './otlp-answer.ts'
import type { RequestGuard } from '../contract/request-guard.ts'
import { MAX_BODY_BYTES } from './read-body.ts'
import { EXPORT_METHODS } from '../../model/grpc-methods.ts'
import type { Signal } from '../../model/signal.ts'
import { isRefusal, RETRY_AFTER_SECONDS } from './receive-sink.ts'

export interface GrpcServerOptions {
  readonly intake: Intake
  readonly guard: RequestGuard
  readonly budget: BodyBudget
  /** For the whole message to arrive. Milliseconds; default 60,000. */
  readonly bodyTimeoutMillis?: number
  /** Largest message, before and after decompression. Bytes; default 64 MiB. */
  readonly maxBytes?: number
}

/** Every call of this port. */
export const GRPC_METHODS: Readonly<Record<string, Signal | 'metrics'>> = {
  [EXPORT_METHODS.logs]: 'logs',
  [EXPORT_METHODS.spans]: 'spans',
  [EXPORT_METHODS.metrics]: 'metrics',
}

const ENCODINGS: readonly string[] = ['identity', 'gzip', 'deflate', 'zstd'] satisfies (ContentCoding | 'identity')[]
const ACCEPTED_ENCODINGS = ENCODINGS.join(',')
/** Per stream; the default of 64 KiB costs a round trip per 64 KiB. Bytes. */
const STREAM_WINDOW_BYTES = 1024 * 1024
/** Per connection. Bytes. */
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024
/** Calls at once on one connection. */
const MAX_STREAMS = 100
/** Memory of one connection before Node refuses new streams. Mebibytes. */
const MAX_SESSION_MEBIBYTES = 80

/** How a call ended when it did not end well. */
class CallFailure extends Error {
  readonly code: RpcCode
  readonly retryAfterSeconds: number | undefined

  constructor(code: RpcCode, message: string, retryAfterSeconds?: number) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** A server that is not listening yet. */
export function createGrpcServer(options: GrpcServerOptions): Http2Server {
  const server = createServer({
    maxSessionMemory: MAX_SESSION_MEBIBYTES,
    settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: MAX_STREAMS, enablePush: false },
  })
  server.on('session', (session) => {
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    // A connection that breaks, or speaks HTTP/1, is closed by Node; there is nothing to do or to say.
    session.on('error', () => {})
  })
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers) => {
    // Reset by the client.
    stream.on('error', () => {})
    options.intake.counts.requests += 1
    void serve(stream, headers, options)
  })
  return server
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: GrpcServerOptions,
): Promise<void> {
  if (!isGrpc(headers)) return refuseHttp(stream, 415)
  if (headers[':method'] !== 'POST') return refuseHttp(stream, 405)
  const share = options.budget.share()
  try {
    finish(stream, await call(stream, headers, { ...options, share }))
  } catch (error) {
    fail(stream, failureOf(error, options.intake))
  } finally {
    share.release()
  }
}

async function call(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: GrpcServerOptions & { readonly share: BodyShare },
): Promise<Uint8Array> {
  const refusal = options.guard({ ...headers, host: headers[':authority'] ?? headers.host })
  if (refusal !== undefined) {
    const code = refusal.status === 401 ? RPC_CODE.unauthenticated : RPC_CODE.permissionDenied
    throw new CallFailure(code, refusal.message)
  }
  const kind = GRPC_METHODS[headers[':path'] ?? '']
  if (kind === undefined) throw new CallFailure(RPC_CODE.unimplemented, `no such method: ${headers[':path'] ?? ''}`)

  const bytes = await readMessage(stream, headers, options)
  if (kind === 'metrics') {
    sayOnce('metrics', 'metrics are accepted and dropped: this backend keeps logs and traces')
    return encodeSuccess()
  }
  return encodeSuccess(await options.intake.take({ signal: kind, format: 'protobuf', bytes }))
}

async function readMessage(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { share, maxBytes = MAX_BODY_BYTES, bodyTimeoutMillis = 60_000 }: GrpcServerOptions & { readonly share: BodyShare },
): Promise<Uint8Array> {
  const encoding = String(headers['grpc-encoding'] ?? 'identity')
  if (!ENCODINGS.includes(encoding)) {
    throw new CallFailure(RPC_CODE.unimplemented, `grpc-encoding is "${encoding}", but must be ${ACCEPTED_ENCODINGS}`)
  }
  const message = await receive(stream, new MessageReader(maxBytes), { share, timeoutMillis: bodyTimeoutMillis })
  if (!message.isCompressed) return message.bytes
  if (encoding === 'identity') throw new CallFailure(RPC_CODE.internal, 'a compressed message without grpc-encoding')
  return decompress(message.bytes, { coding: encoding as ContentCoding, maxBytes, share })
}

function receive(
  stream: ServerHttp2Stream,
  reader: MessageReader,
  { share, timeoutMillis }: { readonly share: BodyShare; readonly timeoutMillis: number },
): Promise<{ readonly isCompressed: boolean; readonly bytes: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      clearTimeout(timer)
      stream.removeListener('data', onData)
      // What still comes is read and forgotten, so that the client gets to the trailers.
      stream.resume()
      reject(error)
    }
    const timer = setTimeout(
      () => stop(new CallFailure(RPC_CODE.unavailable, 'the message did not arrive in time')),
      timeoutMillis,
    )
    timer.unref()
    const onData = (chunk: Buffer): void => {
      const problem = reader.push(chunk)
      if (problem !== undefined) return stop(problemOf(problem))
      try {
        share.take(chunk.length)
      } catch (error) {
        stop(error as Error)
      }
    }
    stream.on('data', onData)
    stream.on('end', () => {
      clearTimeout(timer)
      const message = reader.finish()
      if (typeof message === 'string') reject(problemOf(message))
      else resolve(message)
    })
    stream.on('close', () => stop(new Error('the client went away')))
  })
}

function problemOf(problem: FrameProblem): CallFailure {
  return problem === 'too_large'
    ? new CallFailure(RPC_CODE.resourceExhausted, `the message is more than ${MAX_BODY_BYTES} bytes`)
    : new CallFailure(RPC_CODE.internal, 'the message is not framed as gRPC says')
}

function failureOf(error: unknown, intake: Intake): CallFailure {
  if (error instanceof CallFailure) return error
  if (!isRefusal(error)) return new CallFailure(RPC_CODE.internal, 'internal error')
  if (error.kind === 'malformed' || error.kind === 'too_large') intake.counts.rejected += 1
  return new CallFailure(REFUSAL_STATUS[error.kind].rpc, error.message, RETRY_AFTER_SECONDS[error.kind])
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? ''
  return (
    type === 'application/grpc' || type.startsWith('application/grpc+proto') || type.startsWith('application/grpc;')
  )
}

function refuseHttp(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed) return
  stream.respond({ [constants.HTTP2_HEADER_STATUS]: status }, { endStream: true })
  stream.resume()
}

function finish(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed || stream.closed) return
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': ACCEPTED_ENCODINGS },
    { waitForTrailers: true },
  )
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(frameMessage(message))
}

/** "Trailers-Only": headers and status in one. */
function fail(stream: ServerHttp2Stream, failure: CallFailure): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return
  const { code, message, retryAfterSeconds } = failure
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': ACCEPTED_ENCODINGS,
      'grpc-status': String(code),
      'grpc-message': percentEncode(message),
      ...(retryAfterSeconds === undefined
        ? {}
        : {
            'grpc-status-details-bin': Buffer.from(encodeStatus(code, message, retryAfterSeconds)).toString('base64'),
          }),
    },
    { endStream: true },
  )
  stream.resume()
}

/** grpc-message: printable ASCII except `%` as it is, all else as %XX of its UTF-8 bytes. */
function percentEncode(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
