/**
 * What is known of an OTLP endpoint: plain data, because it travels to the worker.
 */

export type OtlpProtocol = 'http/protobuf' | 'http/json'

export interface OtlpEndpoint {
  /** Complete, with the signal's path. */
  readonly url: string
  readonly protocol: OtlpProtocol
  /** Sent with every request; keys in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Wall time of one try. Milliseconds. */
  readonly timeoutMillis: number
  readonly compression: 'none' | 'gzip'
  /** PEM files, read where they are used. */
  readonly certificateFile?: string
  readonly clientKeyFile?: string
  readonly clientCertificateFile?: string
}
