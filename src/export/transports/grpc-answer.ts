/**
 * What the end of a gRPC call means for the records that it carried. Pure.
 *
 * | end of the call | answer |
 * |---|---|
 * | status 0 | delivered, or partial as the message says |
 * | 1, 4, 10, 11, 14, 15 | unreachable; RetryInfo says when to come back |
 * | 8 with RetryInfo | the same |
 * | 8 without, whose message speaks of the size | too_large |
 * | any other status | rejected |
 * | no status, HTTP 429, 502, 503, 504 | unreachable; Retry-After says when to come back |
 * | no status, any other HTTP status; a good one without a status is no gRPC | rejected |
 * | neither | unreachable |
 *
 * Source: OTLP 1.x, "OTLP/gRPC Response", retryable codes; grpc/doc/http-grpc-status-mapping.md.
 */
import type { Answer } from './answer.ts'
import { grpcMessageOf } from '../../model/grpc-call.ts'
import { retryInfoMillis } from './grpc-status.ts'
import { partialFromProtobuf, readPartialSuccess } from './partial-success.ts'
import { boundedDelay, isRetryableStatus, parseRetryAfter } from './retry-policy.ts'

/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15])
const RESOURCE_EXHAUSTED = 8
/** UNKNOWN: what a status that is no number stands for. */
const UNKNOWN = 2
/** How grpc-go (the Collector), grpc-java, grpc-js and `tracelog dev` call a message beyond their limit. */
const SIZE_MESSAGE = /larger than max|too large|exceeds maximum|more than \d+ bytes/i

type Fields = Readonly<Record<string, string | readonly string[] | number | undefined>>

export interface GrpcEnd {
  /** Headers and trailers in one, `:status` among them; empty when none came. */
  readonly fields: Fields
  /** Unpacked; `undefined` when it cannot be read. */
  readonly message: Uint8Array | undefined
  /** Why the call broke off; `undefined` when it came to its end. */
  readonly failure: string | undefined
  /** Milliseconds since the epoch. */
  readonly nowMillis: number
}

export function judgeGrpc(end: GrpcEnd): Answer {
  const status = textOf(end.fields, 'grpc-status')
  return status === undefined
    ? withoutStatus(end)
    : withStatus(/^\d{1,3}$/.test(status) ? Number(status) : UNKNOWN, end)
}

function withStatus(code: number, { fields, message }: GrpcEnd): Answer {
  if (code === 0) return taken(message)
  const reason = `gRPC ${code}`
  const millis = retryInfoMillis(textOf(fields, 'grpc-status-details-bin'))
  if (RETRYABLE.has(code) || (code === RESOURCE_EXHAUSTED && millis !== undefined)) return later(reason, millis)
  const isTooLarge = code === RESOURCE_EXHAUSTED && SIZE_MESSAGE.test(grpcMessageOf(textOf(fields, 'grpc-message')))
  return { kind: isTooLarge ? 'too_large' : 'rejected', reason }
}

function withoutStatus({ fields, failure, nowMillis }: GrpcEnd): Answer {
  const http = Number(fields[':status'] ?? 0)
  const isGood = http >= 200 && http <= 299
  if (http === 0 || (isGood && failure !== undefined)) return later(failure ?? 'connection closed')
  if (isGood) return { kind: 'rejected', reason: `HTTP ${http} without grpc-status` }
  const reason = `HTTP ${http}`
  if (!isRetryableStatus(http)) return { kind: 'rejected', reason }
  return later(reason, parseRetryAfter(textOf(fields, 'retry-after'), nowMillis))
}

function taken(message: Uint8Array | undefined): Answer {
  if (message === undefined) return { kind: 'delivered' }
  const partial = readPartialSuccess(message, partialFromProtobuf)
  if (partial === 'unreadable') return { kind: 'delivered', remark: 'application/grpc' }
  return partial === undefined ? { kind: 'delivered' } : { kind: 'partial', ...partial }
}

function later(reason: string, millis?: number): Answer {
  return { kind: 'unreachable', reason, ...(millis === undefined ? {} : { retryAfterMillis: boundedDelay(millis) }) }
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return value === undefined ? undefined : String(value)
}
