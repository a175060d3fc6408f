/**
 * The bodies of OTLP answers, in protobuf and in JSON: Export...ServiceResponse, and google.rpc.Status for refusals.
 *
 * Written by hand: messages of one or two fields each, with tags of one byte.
 */
import { ANY, DURATION, EXPORT_RESPONSE, PARTIAL_SUCCESS, RETRY_INFO, RPC_STATUS } from '../../model/otlp-schema.ts'
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
  return Buffer.from(lengthDelimited(EXPORT_RESPONSE.partialSuccess, partialSuccess(partial)))
}

/** The same as OTLP/JSON: int64 is a string there. */
export function successJson(signal: Signal, partial?: PartialSuccess): string {
  if (partial === undefined) return '{}'
  const count = signal === 'logs' ? 'rejectedLogRecords' : 'rejectedSpans'
  return JSON.stringify({ partialSuccess: { [count]: String(partial.rejected), errorMessage: partial.message } })
}

/** A google.rpc.Status in protobuf, with RetryInfo when the client is told when to come back. */
export function encodeStatus(code: RpcCode, message: string, retryAfterSeconds?: number): Uint8Array {
  const fields = [...intField(RPC_STATUS.code, code), ...textField(RPC_STATUS.message, message)]
  if (retryAfterSeconds !== undefined) fields.push(...lengthDelimited(RPC_STATUS.details, retryInfo(retryAfterSeconds)))
  return Buffer.from(fields)
}

/** The same as JSON. */
export function statusJson(code: RpcCode, message: string): string {
  return JSON.stringify({ code, message })
}

function partialSuccess({ rejected, message }: PartialSuccess): number[] {
  return [...intField(PARTIAL_SUCCESS.rejected, rejected), ...textField(PARTIAL_SUCCESS.errorMessage, message)]
}

function retryInfo(seconds: number): number[] {
  const delay = lengthDelimited(RETRY_INFO.retryDelay, intField(DURATION.seconds, seconds))
  return [...textField(ANY.typeUrl, 'type.googleapis.com/google.rpc.RetryInfo'), ...lengthDelimited(ANY.value, delay)]
}

function intField(tag: number, value: number): number[] {
  return value === 0 ? [] : [tag, ...varint(value)]
}

function textField(tag: number, text: string): number[] {
  return text === '' ? [] : lengthDelimited(tag, [...Buffer.from(text)])
}

function lengthDelimited(tag: number, bytes: readonly number[]): number[] {
  return [tag, ...varint(bytes.length), ...bytes]
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
