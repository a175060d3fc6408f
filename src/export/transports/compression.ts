/**
 * How a body is made smaller on its way.
 */
import { gzipSync } from 'node:zlib'

import type { OtlpEndpoint } from '../otlp-endpoint.ts'

export interface Compression {
  /** `content-encoding` or `grpc-encoding`; `undefined`: none is said. */
  readonly name: string | undefined
  readonly compress: (body: Uint8Array) => Uint8Array
}

export const COMPRESSIONS: Readonly<Record<OtlpEndpoint['compression'], Compression>> = {
  none: { name: undefined, compress: (body) => body },
  // The level that costs least: most of what gzip gains, it gains there.
  gzip: { name: 'gzip', compress: (body) => gzipSync(body, { level: 1 }) },
}
