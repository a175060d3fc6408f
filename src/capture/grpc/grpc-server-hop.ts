/**
 * A call that came in over gRPC: a server hop whose outcome is the status in its trailers, not the one of HTTP.
 *
 * The HTTP/2 stream is the hop (http/http2-streams.ts), so it is the same for every version of grpc-js and for every other library
 * that speaks gRPC on node:http2.
 */
import type { IncomingHttpHeaders } from 'node:http'

import { GRPC_CANCELLED, grpcCodeName, isGrpcServerError, type GrpcStatus } from '../../model/grpc-call.ts'
import { ATTR_EXCEPTION_MESSAGE, ATTR_RPC_GRPC_STATUS_CODE } from '../../model/semconv.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { errorTypeOf } from '../hop/error-type.ts'
import { RecordedHop } from '../http/recorded-hop.ts'
import type { HopEnd } from '../http/completion-record.ts'
import type { ResponseEnd } from '../http/server-hop.ts'

export function isGrpc(headers: IncomingHttpHeaders): boolean {
  // A list where the server takes headers that come twice.
  const type: unknown = headers['content-type']
  return typeof type === 'string' && type.startsWith('application/grpc')
}

const HTTP_OK = 200
/** The client is gone, and nothing was said before. */
const GONE: GrpcStatus = { code: GRPC_CANCELLED, message: '' }

export class GrpcServerHop extends RecordedHop {
  protected override endOf(response: ResponseEnd): HopEnd {
    const end = super.endOf(response)
    // Refused before it was a call: 415 for a content type that the server does not speak.
    if (response.grpc === undefined && response.status !== undefined && response.status !== HTTP_OK) return end
    const { code, message } = response.grpc ?? GONE
    const name = grpcCodeName(code)
    const hasFailed = this.hasThrown || isGrpcServerError(code)
    const further: Record<string, AnyValue> = { [ATTR_RPC_GRPC_STATUS_CODE]: code }
    if (hasFailed && message !== '') further[ATTR_EXCEPTION_MESSAGE] = message
    return {
      ...end,
      status: undefined,
      isAborted: response.grpc === undefined && !this.hasThrown,
      errorType: this.hasThrown ? errorTypeOf(this.thrown) : hasFailed ? name : undefined,
      outcome: name,
      errorMessage: message,
      further,
    }
  }
}
