/**
 * What does a SERVER span say at its end, beyond what was known at its beginning?
 */
import { SpanStatusCode, type Span } from '@opentelemetry/api'

import type { RequestUnit } from '../../context/request-unit.ts'
import {
  ATTR_ABORTED,
  ATTR_CACHE_HIT,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_RPC_GRPC_STATUS_CODE,
} from '../../model/semconv.ts'
import type { HopEnd } from './completion-record.ts'
import { spanNameOf } from './http-method.ts'

export function endServerSpan(
  span: Span,
  unit: RequestUnit,
  { status, isAborted, errorType, errorMessage, failure, further }: HopEnd,
): void {
  const { route, component, method } = unit
  const hit = unit.rolledUp?.lastHit
  if (span.isRecording()) {
    span.setAttribute(ATTR_COMPONENT, component)
    if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
    if (hit !== undefined) span.setAttribute(ATTR_CACHE_HIT, hit)
    if (isAborted) span.setAttribute(ATTR_ABORTED, true)
    if (route !== undefined) {
      span.setAttribute(ATTR_HTTP_ROUTE, route)
      span.updateName(serverSpanName(method, route))
    }
    if (errorType !== undefined) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType)
      span.setStatus({ code: SpanStatusCode.ERROR, ...(errorMessage ? { message: errorMessage } : {}) })
    }
    const code = further?.[ATTR_RPC_GRPC_STATUS_CODE]
    if (code !== undefined) span.setAttribute(ATTR_RPC_GRPC_STATUS_CODE, code)
    // Anything may be thrown: our spans take it as it is.
    if (failure !== undefined) span.recordException(failure as Error)
  }
  span.end()
}

/** `GET /users/:id`; without a route the method alone, never the path. */
export function serverSpanName(method: string, route: string | undefined): string {
  return route === undefined ? spanNameOf(method) : `${spanNameOf(method)} ${route}`
}
