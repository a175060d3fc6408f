/**
 * The transport to an OTLP endpoint, from what is configured about it.
 */
import { endpointName, type OtlpEndpoint } from '../otlp-endpoint.ts'
import { fallingBack } from './coding-fallback.ts'
import { COMPRESSIONS, type Compression } from './compression.ts'
import { ENCODINGS } from './encoding.ts'
import { createGrpcTransport } from './grpc.ts'
import { createHttpTransport, type AnswerHead } from './http.ts'
import type { Transport } from './transport.ts'

/**
 * One try per request; `retrying` tries again.
 *
 * @param onHead  sees the head of each answer over HTTP
 */
export function createEndpointTransport(endpoint: OtlpEndpoint, userAgent: string, onHead?: AnswerHead): Transport {
  const { url, protocol, headers, compression } = endpoint
  const packedBy = (by: Compression): Transport => {
    const options = { url, headers, userAgent, compression: by, tls: endpoint }
    return protocol === 'grpc'
      ? createGrpcTransport(options)
      : createHttpTransport({ ...options, encoding: ENCODINGS[protocol], onHead })
  }
  if (compression !== 'zstd') return packedBy(COMPRESSIONS[compression])
  return fallingBack({
    first: packedBy(COMPRESSIONS.zstd),
    second: () => packedBy(COMPRESSIONS.gzip),
    endpoint: endpointName(url),
    codings: ['zstd', 'gzip'],
  })
}
