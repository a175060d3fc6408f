/**
 * Compressed bytes to plain bytes, within limits: a bomb is stopped while it unfolds, not after.
 */
import { constants, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Transform } from 'node:stream'

import type { BodyShare } from './body-budget.ts'
import { joinBytes } from './join-bytes.ts'
import { Refusal } from './receive-sink.ts'
import { isWholeZstd } from './zstd-whole.ts'

/** What we can undo. `identity` is no compression at all. */
export type ContentCoding = 'gzip' | 'deflate' | 'zstd'

/**
 * Plain bytes per compressed byte. Real OTLP reaches 20 to 60; deflate cannot pass 1,032, and a request of equal records
 * through zstd is the only honest thing above 200.
 */
const MAX_RATIO = 200
/** Below this many plain bytes the ratio does not matter: tiny requests of one repeated record compress absurdly well. */
const RATIO_FREE_BYTES = 1024 * 1024
/** zstd's window, as a power of two: 8 MiB, what RFC 8878 asks every decoder to support. The default would be 128 MiB. */
const ZSTD_WINDOW_LOG = 23
/** Output per step: one hop to the thread pool each. */
const CHUNK_BYTES = 256 * 1024

export interface DecompressOptions {
  readonly coding: ContentCoding
  /** Longest result. Bytes. */
  readonly maxBytes: number
  /** Charged for every byte that comes out. */
  readonly share: BodyShare
}

/**
 * @returns bytes that own their memory
 * @throws Refusal `malformed` (not of that coding, cut off), `too_large` (limit or ratio), `crowded`
 */
export function decompress(bytes: Uint8Array, options: DecompressOptions): Promise<Uint8Array> {
  const { coding, maxBytes, share } = options
  if (coding === 'zstd' && !isWholeZstd(bytes)) {
    return Promise.reject(new Refusal('malformed', 'the body is not valid zstd: cut off'))
  }
  const maxUnfolded = Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, bytes.length * MAX_RATIO))
  const stream = decoderOf(coding)
  const chunks: Uint8Array[] = []
  let total = 0

  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      stream.destroy()
      reject(error)
    }
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length
      if (total > maxUnfolded) return stop(tooLarge(maxUnfolded, maxBytes))
      try {
        share.take(chunk.length)
      } catch (error) {
        return stop(error as Error)
      }
      chunks.push(chunk)
    })
    stream.on('error', (error) => stop(new Refusal('malformed', `the body is not valid ${coding}: ${error.message}`)))
    stream.on('end', () => resolve(joinBytes(chunks, total)))
    stream.end(bytes)
  })
}

function decoderOf(coding: ContentCoding): Transform {
  if (coding === 'gzip') return createGunzip({ chunkSize: CHUNK_BYTES })
  // HTTP's "deflate" is the zlib format (RFC 9110, 8.4.1.2).
  if (coding === 'deflate') return createInflate({ chunkSize: CHUNK_BYTES })
  return createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
  })
}

function tooLarge(maxUnfolded: number, maxBytes: number): Refusal {
  return maxUnfolded === maxBytes
    ? new Refusal('too_large', `the body is more than ${maxBytes} bytes after decompression`)
    : new Refusal('too_large', `the body unfolds to more than ${MAX_RATIO} times its compressed size`)
}
