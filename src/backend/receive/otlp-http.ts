/**
 * OTLP/HTTP: which request goes where, and what it is answered. The bytes themselves are intake.ts's business.
 *
 * Statuses: 200 (kept, or partly kept), 400, 401, 403, 404, 405, 408 (Node's own), 413, 415, 429 and 503 with Retry-After.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { sayOnce } from '../../diag/events.ts'
import type { BodyBudget } from './body-budget.ts'
import type { ContentCoding } from './decompress.ts'
import { answer, type Format, refuse, type RefuseOptions, refuseKind } from './http-answer.ts'
import type { RequestGuard } from '../contract/request-guard.ts'
import type { Intake } from './intake.ts'
import { takeLines } from './lines.ts'
import { encodeSuccess, successJson } from './otlp-answer.ts'
import { readBody } from './read-body.ts'
import type { Signal } from '../../model/signal.ts'
import { BACKEND_HEADER, BACKEND_VERSION, WANTED_PATH } from '../../model/wanted-traces.ts'
import { isRefusal } from './receive-sink.ts'
import type { WantedStreams } from './wanted-streams.ts'

export interface OtlpHttpOptions {
  readonly intake: Intake
  readonly guard: RequestGuard
  readonly budget: BodyBudget
  /** Tells applications of requests that failed; `undefined`: this port does not. */
  readonly wanted?: WantedStreams
}

/** What a path takes. */
type Kind = Signal | 'metrics' | 'lines'
/** Every path of this port. */
export const OTLP_HTTP_PATHS: Readonly<Record<string, Kind>> = {
  '/v1/logs': 'logs',
  '/v1/traces': 'spans',
  '/v1/metrics': 'metrics',
  '/v1/lines': 'lines',
}

/** `application/x-www-form-urlencoded` is what curl says when nobody tells it otherwise; the guard keeps browsers out. */
const LINE_TYPES: ReadonlySet<string> = new Set([
  '',
  'text/plain',
  'application/json',
  'application/jsonl',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
])
const CODINGS: ReadonlySet<string> = new Set<ContentCoding | 'identity'>(['identity', 'gzip', 'deflate', 'zstd'])

/** The request listener of the OTLP/HTTP port. Never throws, never leaves a request without an answer. */
export function createOtlpHttpListener(
  options: OtlpHttpOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    options.intake.counts.requests += 1
    // A client that goes away is no event of ours.
    request.on('error', () => {})
    response.on('error', () => {})
    if (options.wanted !== undefined) response.setHeader(BACKEND_HEADER, BACKEND_VERSION)
    if (options.wanted !== undefined && pathOf(request) === WANTED_PATH) {
      serveWanted(request, response, { guard: options.guard, wanted: options.wanted })
      return
    }
    const admitted = admit(request, options.guard)
    if (typeof admitted === 'object') {
      return refuse(request, response, { format: formatOf(request) ?? 'json', ...admitted })
    }
    take(request, response, { ...options, kind: admitted }).catch((error: unknown) => {
      refuseError(request, response, error, options)
    })
  }
}

/** The same checks as for what is taken, and no body. */
function serveWanted(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, wanted }: Required<Pick<OtlpHttpOptions, 'guard' | 'wanted'>>,
): void {
  const refusal = guard(request.headers)
  if (refusal !== undefined) return refuse(request, response, { format: 'json', ...refusal })
  if (request.method !== 'GET') {
    const headers = { allow: 'GET' }
    return refuse(request, response, { format: 'json', status: 405, message: 'only GET is answered here', headers })
  }
  request.resume()
  if (wanted.serve(response)) return
  const message = 'too many applications are told already'
  refuseKind(request, response, { kind: 'crowded', message, format: 'json' })
}

/** Checks everything that the head of a request tells: what it carries, or why it is refused. */
function admit(request: IncomingMessage, guard: RequestGuard): Kind | Omit<RefuseOptions, 'format'> {
  const refusal = guard(request.headers)
  if (refusal !== undefined) return refusal

  const kind = OTLP_HTTP_PATHS[pathOf(request)]
  if (kind === undefined) {
    return { status: 404, message: `no such path; this port takes POST ${Object.keys(OTLP_HTTP_PATHS).join(', ')}` }
  }
  if (request.method !== 'POST') {
    return { status: 405, message: 'only POST is taken here', headers: { allow: 'POST' } }
  }
  const wrong = wrongMedia(request, kind)
  return wrong === undefined ? kind : { status: 415, message: wrong }
}

function wrongMedia(request: IncomingMessage, kind: Kind): string | undefined {
  if (!CODINGS.has(codingOf(request))) {
    return `Content-Encoding is "${codingOf(request)}", but must be gzip, deflate, zstd or identity`
  }
  const type = mediaTypeOf(request)
  if (kind === 'lines') {
    return LINE_TYPES.has(type) ? undefined : `Content-Type is "${type}", but must be application/json or text/plain`
  }
  if (formatOf(request) !== undefined) return undefined
  return `Content-Type is "${type}", but must be application/x-protobuf or application/json`
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  options: OtlpHttpOptions & { readonly kind: Kind },
): Promise<void> {
  const { kind, intake } = options
  const share = options.budget.share()
  try {
    const bytes = await readBody(request, { coding: codingOf(request) as ContentCoding | 'identity', share })
    if (kind === 'lines')
      return answer(response, 'json', JSON.stringify(await takeLines(bytes, queryOf(request), intake)))

    const format = formatOf(request) ?? 'json'
    if (kind === 'metrics') {
      sayOnce('metrics', 'metrics are accepted and dropped: this backend keeps logs and traces')
      return answer(response, format, format === 'json' ? successJson('logs') : encodeSuccess())
    }
    const partial = await intake.take({ signal: kind, format, bytes })
    answer(response, format, format === 'json' ? successJson(kind, partial) : encodeSuccess(partial))
  } finally {
    share.release()
  }
}

function refuseError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  { intake }: OtlpHttpOptions,
): void {
  const format = formatOf(request) ?? 'json'
  if (isRefusal(error)) {
    if (error.kind === 'malformed' || error.kind === 'too_large') intake.counts.rejected += 1
    return refuseKind(request, response, { kind: error.kind, message: error.message, format })
  }
  // Went away while sending: nobody to answer.
  if (response.destroyed || request.destroyed) return
  refuse(request, response, { format, status: 500, message: 'internal error' })
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/'
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '/'
  const query = url.indexOf('?')
  return new URLSearchParams(query < 0 ? '' : url.slice(query + 1))
}

function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function formatOf(request: IncomingMessage): Format | undefined {
  const type = mediaTypeOf(request)
  if (type === 'application/x-protobuf') return 'protobuf'
  return type === 'application/json' ? 'json' : undefined
}

function codingOf(request: IncomingMessage): string {
  return (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase() || 'identity'
}
