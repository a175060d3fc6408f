/**
 * How does a request become a hop? Engines ask it; what a hop is made of is the same for all of them.
 */
import { SpanKind, type Context, type Span } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { SpanIds } from '../../context/span-ids.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { TaskNode } from '../../context/task-node.ts'
import { readOwnMember } from '../../context/trace-state.ts'
import { grpcAttributes, grpcSpanName, type GrpcMethod } from '../../model/grpc-call.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { ATTR_CLIENT_ADDRESS } from '../../model/semconv.ts'
import { fromMemberPath } from '../../model/task-path.ts'
import type { TracelogMember } from '../../model/tracelog-member.ts'
import { GrpcServerHop } from '../grpc/grpc-server-hop.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { spanNameOf } from './http-method.ts'
import { extractContext } from './inbound-context.ts'
import { grantOf } from './kept-grant.ts'
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
    grant: grantOf(request.headers, options),
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
    grant?: string | undefined
  },
): ServerHop {
  const { traceId, spanId, traceFlags } = begin.span.spanContext()
  const told = toldBy(begin.span, begin.isPeerTrusted)
  const Hop = begin.isGrpc === true ? GrpcServerHop : RecordedHop
  const hop = new Hop(options, {
    ids: SpanIds.of(traceId, spanId),
    traceFlags,
    method: begin.method,
    path: begin.target.path,
    startedMillis: begin.startedMillis,
    isPeerTrusted: begin.isPeerTrusted,
    requestPath: options.keepsRequestPath === true ? requestPathTo(spanId, told) : undefined,
    grant: begin.grant,
    span: begin.span,
    caller: begin.caller,
    client: typeof begin.client === 'string' ? begin.client : undefined,
  })
  hangBelowTask(hop, told)
  // A trusted caller has failed already.
  if (told?.isDumpAsked === true) options.units?.onDumpAsked(hop, true)
  return hop
}

/** What the caller told beside its trace; `undefined`: nothing, or to one whom we do not trust. */
export function toldBy(span: Span, isPeerTrusted: boolean): TracelogMember | undefined {
  return isPeerTrusted ? readOwnMember(span.spanContext().traceState) : undefined
}

/** The path that a caller told, down to this span. */
export function requestPathTo(spanId: string, told: TracelogMember | undefined): readonly string[] {
  return told === undefined ? [spanId] : [...told.requestPath, spanId]
}

/** Called from a task, the unit is the node that the caller has numbered: its records, its calls and its subtasks are below it. */
export function hangBelowTask(unit: RequestUnit, told: TracelogMember | undefined): void {
  if (told === undefined || told.taskPath === '') return
  unit.taskNode = new TaskNode({ path: fromMemberPath(told.taskPath), unit })
}
