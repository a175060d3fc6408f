/**
 * What is known of an OTLP endpoint: plain data, because it travels to the worker; and how messages call it.
 */

export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc'

export interface OtlpEndpoint {
  /** Complete, with the signal's path; gRPC: without any. */
  readonly url: string
  readonly protocol: OtlpProtocol
  /** Sent with every request; keys in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Wall time of one try. Milliseconds. */
  readonly timeoutMillis: number
  readonly compression: 'none' | 'gzip' | 'zstd'
  /** PEM files, read where they are used. */
  readonly certificateFile?: string
  readonly clientKeyFile?: string
  readonly clientCertificateFile?: string
}

/** How an endpoint is called in messages: without the path that everybody has, and without what may be secret. */
export function endpointName(url: string): string {
  const { origin, pathname } = new URL(url)
  return /^\/(?:v1\/(?:logs|traces|metrics))?$/.test(pathname) ? origin : `${origin}${pathname}`
}
