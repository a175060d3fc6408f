/**
 * What is called over gRPC, and how did it end? Names of procedures and of status codes.
 *
 * Source: grpc/doc/PROTOCOL-HTTP2.md, grpc/doc/statuscodes.md; semantic conventions for gRPC. Pure.
 */
import type { AnyValue } from './any-value.ts'
import { ATTR_RPC_METHOD, ATTR_RPC_SERVICE, ATTR_RPC_SYSTEM } from './semconv.ts'

export interface GrpcMethod {
  /** With its package: `grpc.health.v1.Health`. */
  readonly service: string
  readonly method: string
}

export interface GrpcStatus {
  readonly code: number
  /** What the peer says to it; `''`: nothing. */
  readonly message: string
}

const CODE_NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

export const GRPC_OK = 0
export const GRPC_CANCELLED = 1

/** What a server is to blame for: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const SERVER_ERRORS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15])

export function isGrpcServerError(code: number): boolean {
  return SERVER_ERRORS.has(code)
}

/** `NOT_FOUND`; a number that has no name is written as it is. */
export function grpcCodeName(code: number): string {
  return CODE_NAMES[code] ?? String(code)
}

/** The whole number that stands there. @returns `undefined` for anything else */
export function grpcCodeOf(header: unknown): number | undefined {
  if (typeof header !== 'string' && typeof header !== 'number') return undefined
  return /^\d{1,5}$/.test(String(header)) ? Number(header) : undefined
}

/** `grpc-message`: percent-encoded UTF-8. What cannot be decoded is shown as it came. */
export function grpcMessageOf(header: string | undefined): string {
  try {
    return decodeURIComponent(header ?? '')
  } catch {
    return header ?? ''
  }
}

/** Bounded: spans are called after it, and any client may ask for anything. */
const PATH = /^\/([\w.-][\w./-]{0,255})\/([\w-]{1,255})$/
const MAX_PATH = 514

/** @param path  `/package.Service/Method` @returns `undefined` for a path that names no procedure */
export function grpcMethodOf(path: string): GrpcMethod | undefined {
  const [, service, method] = (path.length > MAX_PATH ? undefined : PATH.exec(path)) ?? []
  return service === undefined || method === undefined ? undefined : { service, method }
}

/** What spans of it are called. */
export function grpcSpanName({ service, method }: GrpcMethod): string {
  return `${service}/${method}`
}

export function grpcAttributes({ service, method }: GrpcMethod): Record<string, AnyValue> {
  return { [ATTR_RPC_SYSTEM]: 'grpc', [ATTR_RPC_SERVICE]: service, [ATTR_RPC_METHOD]: method }
}
