/**
 * Answers of the OTLP/HTTP port: always complete, always in the client's own format, never leaving a body half read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { encodeStatus, RPC_CODE, type RpcCode, statusJson } from './otlp-answer.ts'
import { RETRY_AFTER_SECONDS, type RefusalKind } from './receive-sink.ts'

/** The two encodings of OTLP/HTTP. */
export type Format = 'protobuf' | 'json'

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

/** HTTP status and google.rpc code of each refusal. */
export const REFUSAL_STATUS: Readonly<Record<RefusalKind, { readonly http: number; readonly rpc: RpcCode }>> = {
  malformed: { http: 400, rpc: RPC_CODE.invalidArgument },
  too_large: { http: 413, rpc: RPC_CODE.resourceExhausted },
  crowded: { http: 429, rpc: RPC_CODE.resourceExhausted },
  busy: { http: 503, rpc: RPC_CODE.unavailable },
  full: { http: 503, rpc: RPC_CODE.unavailable },
}

const RPC_OF_HTTP: Readonly<Record<number, RpcCode>> = {
  401: RPC_CODE.unauthenticated,
  403: RPC_CODE.permissionDenied,
  404: RPC_CODE.notFound,
  405: RPC_CODE.unimplemented,
  415: RPC_CODE.invalidArgument,
}

/** How long a refused client may go on sending a body that nobody keeps, so that it reads the answer. Milliseconds. */
const LINGER_MILLIS = 2_000

export interface RefuseOptions {
  readonly format: Format
  readonly status: number
  /** One line. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
  /** Default: what the HTTP status says. */
  readonly rpc?: RpcCode
}

export function answer(response: ServerResponse, format: Format, body: Uint8Array | string): void {
  send(response, 200, { 'content-type': CONTENT_TYPES[format] }, body)
}

/** Refuses with a google.rpc.Status in the body. */
export function refuse(request: IncomingMessage, response: ServerResponse, options: RefuseOptions): void {
  const { format, status, message, headers = {}, rpc = RPC_OF_HTTP[status] ?? RPC_CODE.internal } = options
  const body = format === 'json' ? statusJson(rpc, message) : encodeStatus(rpc, message)
  send(response, status, { 'content-type': CONTENT_TYPES[format], ...headers }, body)
  linger(request)
}

/** Refuses for one of the receivers' own reasons. */
export function refuseKind(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: { readonly kind: RefusalKind; readonly message: string; readonly format: Format },
): void {
  const { http, rpc } = REFUSAL_STATUS[refusal.kind]
  const seconds = RETRY_AFTER_SECONDS[refusal.kind]
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  refuse(request, response, { format: refusal.format, status: http, message: refusal.message, headers, rpc })
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

/**
 * Reads and forgets the rest of the body for a moment: closing a socket with unread bytes resets it, and the client
 * would see the reset instead of the status.
 */
function linger(request: IncomingMessage): void {
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MILLIS)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}
