/**
 * How a body is made smaller on its way.
 */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'

import type { OtlpEndpoint } from '../otlp-endpoint.ts'

export interface Compression {
  /** `content-encoding` or `grpc-encoding`; `undefined`: none is said. */
  readonly name: string | undefined
  readonly compress: (body: Uint8Array) => Uint8Array
}

const ZSTD_LEVEL_1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export const COMPRESSIONS: Readonly<Record<OtlpEndpoint['compression'], Compression>> = {
  none: { name: undefined, compress: (body) => body },
  // The level that costs least: most of what gzip gains, it gains there.
  gzip: { name: 'gzip', compress: (body) => gzipSync(body, { level: 1 }) },
  zstd: { name: 'zstd', compress: (body) => zstdCompressSync(body, ZSTD_LEVEL_1) },
}
