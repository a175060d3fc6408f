/**
 * An OTLP/gRPC endpoint inside the test: records what arrives, ends calls as told, and can be waited for.
 *
 * Written on node:http2 alone, apart from src/: the client is judged by someone who shares no line with it. What it does is what the
 * real servers do too (test/app/grpc.test.ts runs against `tracelog dev` and a Collector).
 */
import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'

import { Arrivals, partialSuccess } from './arrivals.ts'
import { freePort } from './servers/free-port.ts'

export interface GrpcFault {
  /** How the call ends; what was sent is not recorded as delivered unless it is 0. */
  readonly status?: number
  readonly message?: string
  /** RetryInfo among the details. Milliseconds; `-1` is a delay that lies behind. */
  readonly retryMillis?: number
  /** Base64 with its padding, as grpc-js writes it; default without, as grpc-go does. */
  readonly isPadded?: boolean
  /** Status and headers in one block. */
  readonly isTrailersOnly?: boolean
  /** This HTTP status and no gRPC at all; 200: a page. */
  readonly http?: number
  readonly retryAfter?: string
  /** The stream is reset when so much has happened, with this code (once answered: always with 2). */
  readonly reset?: { readonly code: number; readonly at: 'begun' | 'half' | 'read' | 'answered' }
  /** The connection is cut, when so much has happened; `half`: a first piece of the message is there. */
  readonly cut?: 'connected' | 'begun' | 'half' | 'read' | 'answered'
  /** Says goodbye with this code before it answers: a good one ends the call, a bad one all calls. */
  readonly goaway?: number
  /** Begins an answer, and sends a byte of it now and then, for ever. */
  readonly drips?: boolean
  /** Never answered. */
  readonly blackhole?: boolean
  /** Status 0, but the first so many records are refused. */
  readonly partial?: { readonly rejected: number; readonly message: string }
  /** The message of the answer is packed. */
  readonly isPacked?: boolean
  /** The message of the answer, whatever it says. */
  readonly answer?: Buffer
  /** 8, in the Collector's words, for every message (unpacked) larger than this. Bytes. */
  readonly maxBytes?: number
  /** 12 for messages of this grpc-encoding. */
  readonly unknownEncoding?: string
}

export interface ReceivedCall {
  readonly atMillis: number
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly messageBytes: number
  /** Which connection it came on, from 0. */
  readonly connection: number
}

const METHODS: Readonly<Record<string, 'logs' | 'spans' | 'metrics'>> = {
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'spans',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
}
const UNPACKERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = { gzip: gunzipSync, zstd: zstdDecompressSync }
const PREFIX_BYTES = 5

/** Starts on 127.0.0.1 and a free port. @param tls  with them: TLS, else HTTP/2 at once */
export async function startGrpcReceiver(tls?: SecureServerOptions): Promise<GrpcReceiver> {
  const receiver = new GrpcReceiver(tls)
  await receiver.listen(await freePort())
  return receiver
}

export class GrpcReceiver extends Arrivals {
  /** Every call whose headers came, whatever became of it. */
  readonly calls: ReceivedCall[] = []
  /** What every call meets until set to undefined. */
  fault: GrpcFault | undefined
  connections = 0
  port = 0
  readonly #tls: SecureServerOptions | undefined
  readonly #sockets = new Set<Socket>()
  readonly #next: GrpcFault[] = []
  #server: Http2Server | undefined

  constructor(tls?: SecureServerOptions) {
    super()
    this.#tls = tls
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`
  }

  /** What the next calls meet, one each, before `fault`. */
  failNext(...faults: GrpcFault[]): void {
    this.#next.push(...faults)
  }

  async listen(port: number): Promise<void> {
    const server = this.#tls === undefined ? createServer() : createSecureServer(this.#tls)
    server.on(this.#tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      socket.on('error', () => {})
      if ((this.#next[0] ?? this.fault)?.cut === 'connected') {
        this.#next.shift()
        socket.destroy()
        return this.looked()
      }
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('session', (session) => {
      const connection = this.connections++
      session.on('error', () => {})
      session.on('stream', (stream, headers) => {
        stream.on('error', () => {})
        this.#serve(stream, headers, connection)
      })
    })
    server.on('sessionError', () => {})
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

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, connection: number): void {
    const fault = this.#next.shift() ?? this.fault ?? {}
    const atMillis = performance.now()
    if (breaksOff(stream, fault, 'begun')) return this.#note({ headers, messageBytes: 0, connection, atMillis })
    const chunks: Buffer[] = []
    let isBroken = false
    stream.on('data', (chunk: Buffer) => {
      if (isBroken) return
      chunks.push(chunk)
      isBroken = breaksOff(stream, fault, 'half')
      if (isBroken) this.#note({ headers, messageBytes: 0, connection, atMillis })
    })
    stream.on('end', () => {
      if (isBroken) return
      const message = messageIn(Buffer.concat(chunks), headers)
      this.#note({ headers, messageBytes: message.length, connection, atMillis })
      this.#end(stream, { headers, message, fault })
      this.looked()
    })
  }

  #note({ headers, ...call }: Omit<ReceivedCall, 'path'>): void {
    this.calls.push({ ...call, headers, path: headers[':path'] ?? '' })
    this.looked()
  }

  #end(
    stream: ServerHttp2Stream,
    { headers, message, fault }: { headers: IncomingHttpHeaders; message: Buffer; fault: GrpcFault },
  ): void {
    if (fault.blackhole === true || breaksOff(stream, fault, 'read')) return
    if (fault.http !== undefined) return endInHttp(stream, fault)
    if (fault.drips === true) return drip(stream)
    if (fault.reset !== undefined || fault.cut !== undefined) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      stream.write(framed(Buffer.alloc(0), false))
      setImmediate(() => breaksOff(stream, fault, 'answered'))
      return
    }
    if (fault.goaway !== undefined) stream.session?.goaway(fault.goaway)
    if (fault.goaway !== undefined && fault.goaway !== 0) return
    const end = { ...fault, ...statusOf(fault, headers, message) }
    const signal = METHODS[headers[':path'] ?? '']
    if (end.status === 0 && signal !== undefined) {
      this.keep({ signal, body: message, refuse: fault.partial?.rejected ?? 0 })
    }
    endCall(stream, end)
  }
}

/** @returns whether the call is over by it */
function breaksOff(stream: ServerHttp2Stream, { reset, cut }: GrpcFault, at: NonNullable<GrpcFault['cut']>): boolean {
  if (reset?.at === at) {
    // Where an answer has begun, `close` would end it in peace.
    if (stream.headersSent) stream.destroy(new Error('reset'))
    else stream.close(reset.code)
    return true
  }
  if (cut === at) stream.session?.destroy()
  return cut === at
}

function drip(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
  const timer = setInterval(() => stream.write(Buffer.alloc(1)), 20)
  stream.once('close', () => clearInterval(timer))
}

function messageIn(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  const bytes = body.subarray(PREFIX_BYTES)
  if (body.length < PREFIX_BYTES || bytes.length !== body.readUInt32BE(1)) throw new Error('gRPC: not one message')
  return body[0] === 1 ? (UNPACKERS[String(headers['grpc-encoding'])]?.(bytes) ?? bytes) : bytes
}

function statusOf(
  fault: GrpcFault,
  headers: IncomingHttpHeaders,
  message: Buffer,
): Pick<GrpcFault, 'status' | 'message'> {
  const { maxBytes = Infinity, unknownEncoding } = fault
  if (unknownEncoding !== undefined && headers['grpc-encoding'] === unknownEncoding) {
    return { status: 12, message: `grpc: Decompressor is not installed for grpc-encoding "${unknownEncoding}"` }
  }
  if (message.length <= maxBytes) return { status: 0, ...fault }
  return { status: 8, message: `grpc: received message after decompression larger than max ${maxBytes}` }
}

function endInHttp(stream: ServerHttp2Stream, { http = 200, retryAfter }: GrpcFault): void {
  const headers: OutgoingHttpHeaders = { ':status': http, 'content-type': 'text/html' }
  if (retryAfter !== undefined) headers['retry-after'] = retryAfter
  stream.respond(headers)
  stream.end('<!doctype html><p>Welcome</p>')
}

function endCall(stream: ServerHttp2Stream, fault: GrpcFault): void {
  const { status = 0, message, retryMillis, isPadded = false, isTrailersOnly = false, isPacked = false } = fault
  const trailers: OutgoingHttpHeaders = { 'grpc-status': String(status) }
  if (message !== undefined) trailers['grpc-message'] = encodeURIComponent(message)
  if (retryMillis !== undefined) trailers['grpc-status-details-bin'] = details(status, retryMillis, isPadded)
  const headers: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' }
  if (isTrailersOnly) return stream.respond({ ...headers, ...trailers }, { endStream: true })
  if (isPacked) headers['grpc-encoding'] = 'gzip'
  stream.respond(headers, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  if (status !== 0) return void stream.end()
  const answer = fault.answer ?? (fault.partial === undefined ? Buffer.alloc(0) : partialSuccess(fault.partial))
  stream.end(framed(isPacked ? gzipSync(answer) : answer, isPacked))
}

function framed(bytes: Buffer, isPacked: boolean): Buffer {
  const prefix = Buffer.from([isPacked ? 1 : 0, 0, 0, 0, 0])
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

/** google.rpc.Status{code, details: [Any{type_url, RetryInfo{Duration{seconds, nanos}}}]} in base64. */
function details(code: number, millis: number, isPadded: boolean): string {
  const seconds = Math.trunc(millis / 1000)
  const duration = Buffer.from([0x08, ...varint(seconds), 0x10, ...varint((millis - seconds * 1000) * 1e6)])
  const info = field(1, duration)
  const any = Buffer.concat([field(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), field(2, info)])
  const text = Buffer.concat([Buffer.from([0x08, code]), field(3, any)]).toString('base64')
  return isPadded ? text : text.replace(/=+$/, '')
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])
}

/** A negative number takes ten bytes. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(Math.round(value)))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}
