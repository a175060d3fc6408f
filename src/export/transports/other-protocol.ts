/**
 * What listens at an endpoint that answers, but in another protocol than it was spoken to, and what to do: for people.
 */

/** @param reason  of an unreachable endpoint. @returns `undefined` when it is not that */
export function otherProtocolAt(reason: string): string | undefined {
  // node:http2 was answered without a frame of HTTP/2.
  if (reason === 'ERR_HTTP2_ERROR') {
    return 'OTLP/HTTP seems to listen there: unset OTEL_EXPORTER_OTLP_PROTOCOL, or name the port of OTLP/gRPC, usually 4317.'
  }
  // node:http was answered with bytes that its parser does not know: frames of HTTP/2.
  if (reason.startsWith('HPE_')) {
    return 'OTLP/gRPC seems to listen there: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or name the port of OTLP/HTTP, usually 4318.'
  }
  return undefined
}
