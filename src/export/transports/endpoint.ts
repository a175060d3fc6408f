/**
 * The transport to an OTLP endpoint, from what is configured about it.
 */
import type { OtlpEndpoint } from '../otlp-endpoint.ts'
import { COMPRESSIONS } from './compression.ts'
import { ENCODINGS } from './encoding.ts'
import { createHttpTransport } from './http.ts'
import type { Transport } from './transport.ts'

/** One try per request; `retrying` tries again. */
export function createEndpointTransport(endpoint: OtlpEndpoint, userAgent: string): Transport {
  return createHttpTransport({
    url: endpoint.url,
    headers: endpoint.headers,
    userAgent,
    encoding: ENCODINGS[endpoint.protocol],
    compression: COMPRESSIONS[endpoint.compression],
    tls: endpoint,
  })
}
