/**
 * The bodies of OTLP answers, in protobuf and in JSON: Export...ServiceResponse, and google.rpc.Status for refusals.
 *
 * Written by hand: three messages of one or two fields each. Field numbers: opentelemetry-proto 1.x, collector/*.proto;
 * google/rpc/status.proto and error_details.proto.
 */
import type { Signal } from '../../model/signal.ts'

/** What was not taken of a request that was taken as a whole. */
export interface PartialSuccess {
  /** Records or spans. */
  readonly rejected: number
  /** One line; why. */
  readonly message: string
}

/** Codes of google.rpc.Code that we use. */
export const RPC_CODE = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const
export type RpcCode = (typeof RPC_CODE)[keyof typeof RPC_CODE]

/** An Export...ServiceResponse in protobuf; no bytes at all when everything was taken. */
export function encodeSuccess(partial?: PartialSuccess): Uint8Array {
  if (partial === undefined) return new Uint8Array(0)
  return Buffer.from(lengthDelimited(1, [...intField(1, partial.rejected), ...textField(2, partial.message)]))
}

/** The same as OTLP/JSON: int64 is a string there. */
export function successJson(signal: Signal, partial?: PartialSuccess): string {
  if (partial === undefined) return '{}'
  const count = signal === 'logs' ? 'rejectedLogRecords' : 'rejectedSpans'
  return JSON.stringify({ partialSuccess: { [count]: String(partial.rejected), errorMessage: partial.message } })
}

/** A google.rpc.Status in protobuf, with RetryInfo when the client is told when to come back. */
export function encodeStatus(code: RpcCode, message: string, retryAfterSeconds?: number): Uint8Array {
  const fields = [...intField(1, code), ...textField(2, message)]
  if (retryAfterSeconds !== undefined) fields.push(...lengthDelimited(3, retryInfo(retryAfterSeconds)))
  return Buffer.from(fields)
}

/** The same as JSON. */
export function statusJson(code: RpcCode, message: string): string {
  return JSON.stringify({ code, message })
}

function retryInfo(seconds: number): number[] {
  const delay = lengthDelimited(1, intField(1, seconds))
  return [...textField(1, 'type.googleapis.com/google.rpc.RetryInfo'), ...lengthDelimited(2, delay)]
}

function intField(field: number, value: number): number[] {
  return value === 0 ? [] : [field << 3, ...varint(value)]
}

function textField(field: number, text: string): number[] {
  return text === '' ? [] : lengthDelimited(field, [...Buffer.from(text)])
}

function lengthDelimited(field: number, bytes: readonly number[]): number[] {
  return [(field << 3) | 2, ...varint(bytes.length), ...bytes]
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}
