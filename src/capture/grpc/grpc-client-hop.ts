/**
 * One call of a gRPC client as a hop: its CLIENT span from the call's start to its status, whatever was tried again in between.
 */
import { SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'

import { withSpan } from '../../context/linked-context.ts'
import { GRPC_OK, grpcAttributes, grpcCodeName, grpcSpanName, type GrpcMethod } from '../../model/grpc-call.ts'
import {
  ATTR_ABORTED,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_RPC_GRPC_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../model/semconv.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import type { GrpcServer } from './grpc-target.ts'

export interface Called {
  readonly called: GrpcMethod
  readonly server: GrpcServer
}

export class GrpcClientHop implements OpenHop {
  /** What travels: the caller's context with the CLIENT span in it. */
  readonly context: Context
  readonly #span: Span
  #hasEnded = false

  constructor({ tracer }: HopOptions, { called, server }: Called, caller: Context) {
    const attributes = grpcAttributes(called)
    attributes[ATTR_SERVER_ADDRESS] = server.host
    if (server.port !== undefined) attributes[ATTR_SERVER_PORT] = server.port
    attributes[ATTR_COMPONENT] = 'client'
    this.#span = tracer.startHopSpan(grpcSpanName(called), SpanKind.CLIENT, attributes, caller)
    this.context = withSpan(caller, this.#span)
    trackHop(this)
  }

  /** Only the first status counts. */
  ended(code: number, details: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    untrackHop(this)
    const span = this.#span
    span.setAttribute(ATTR_RPC_GRPC_STATUS_CODE, code)
    if (code !== GRPC_OK) {
      span.setAttribute(ATTR_ERROR_TYPE, grpcCodeName(code))
      span.setStatus({ code: SpanStatusCode.ERROR, message: details })
    }
    span.end()
  }

  /** The process ends before the call does. */
  finishNow(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    untrackHop(this)
    this.#span.setAttribute(ATTR_ABORTED, true)
    this.#span.end()
  }
}
