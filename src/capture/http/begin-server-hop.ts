/**
 * How does a request become a hop? Engines ask it; what a hop is made of is the same for all of them.
 */
import { SpanKind, type Context, type Span } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { SpanIds } from '../../context/span-ids.ts'
import { readOwnMember } from '../../context/trace-state.ts'
import { grpcAttributes, grpcSpanName, type GrpcMethod } from '../../model/grpc-call.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { ATTR_CLIENT_ADDRESS } from '../../model/semconv.ts'
import { GrpcServerHop } from '../grpc/grpc-server-hop.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { spanNameOf } from './http-method.ts'
import { extractContext } from './inbound-context.ts'
import { plainAddress, serverAttributes, type InboundRequest, type PeerSocket } from './server-attributes.ts'
import { RecordedHop } from './recorded-hop.ts'
import type { ServerHop } from './server-hop.ts'
import type { RequestTarget } from './request-target.ts'

export interface Inbound {
  readonly request: InboundRequest
  readonly target: RequestTarget
  readonly socket: PeerSocket
  /** What is called, where it is gRPC. */
  readonly grpc?: GrpcMethod | undefined
}

/** Starts the SERVER span and the unit of a request. */
export function beginServerHop(options: HopOptions, { request, target, socket, grpc }: Inbound): ServerHop {
  const startedMillis = monotonicMillis()
  const isPeerTrusted = options.trustedPeers.isTrusted(plainAddress(socket.remoteAddress))
  const caller = extractContext(request.headers, isPeerTrusted)
  const attributes = serverAttributes(request, target, socket)
  const method = request.method ?? 'GET'
  if (grpc !== undefined) Object.assign(attributes, grpcAttributes(grpc))
  const name = grpc === undefined ? spanNameOf(method) : grpcSpanName(grpc)
  const span = options.tracer.startHopSpan(name, SpanKind.SERVER, attributes, caller)
  return hopOf(options, {
    span,
    caller,
    method,
    target,
    startedMillis,
    isPeerTrusted,
    client: attributes[ATTR_CLIENT_ADDRESS],
    isGrpc: grpc !== undefined,
  })
}

/** The hop around a span that is there already. */
export function hopOf(
  options: HopOptions,
  begin: {
    span: Span
    caller: Context
    method: string
    target: RequestTarget
    startedMillis: number
    isPeerTrusted: boolean
    client: AnyValue | undefined
    isGrpc?: boolean
  },
): ServerHop {
  const { traceId, spanId, traceFlags } = begin.span.spanContext()
  const Hop = begin.isGrpc === true ? GrpcServerHop : RecordedHop
  const hop = new Hop(options, {
    ids: SpanIds.of(traceId, spanId),
    traceFlags,
    method: begin.method,
    path: begin.target.path,
    startedMillis: begin.startedMillis,
    isPeerTrusted: begin.isPeerTrusted,
    requestPath: options.keepsRequestPath === true ? requestPathOf(begin.span, begin.isPeerTrusted) : undefined,
    span: begin.span,
    caller: begin.caller,
    client: typeof begin.client === 'string' ? begin.client : undefined,
  })
  if (isDumpAsked(begin)) options.units?.onDumpAsked(hop, true)
  return hop
}

/** A trusted caller has failed already. */
function isDumpAsked({ span, isPeerTrusted }: { readonly span: Span; readonly isPeerTrusted: boolean }): boolean {
  return isPeerTrusted && readOwnMember(span.spanContext().traceState)?.isDumpAsked === true
}

/** The path that a trusted caller told, down to this span. */
export function requestPathOf(span: Span, isPeerTrusted: boolean): readonly string[] {
  const { spanId, traceState } = span.spanContext()
  const above = isPeerTrusted ? readOwnMember(traceState)?.requestPath : undefined
  return above === undefined ? [spanId] : [...above, spanId]
}
