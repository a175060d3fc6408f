/**
 * What the Collector's file exporter writes with `compression: zstd`: one request after the other, each its length in four bytes (big
 * endian) and then a zstd frame. A text that was cut to nothing under its writer (copytruncate) begins with NULs too, but no frame
 * stands behind four of them.
 */
import { zstdDecompressSync } from 'node:zlib'

import type { Line } from './line-splitter.ts'

/** The length before each frame. */
export const HEAD_BYTES = 4
/** Packed. A longer one is no request that anybody sent. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024

/** How each zstd frame begins. */
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]

/** What must be seen of a file to know. */
export const SIGNATURE_BYTES: number = HEAD_BYTES + MAGIC.length

/** @param chunk  the beginning of a file. @returns `undefined` when more of it is needed */
export function beginsWithFrame(chunk: Uint8Array): boolean | undefined {
  if (chunk[0] !== 0) return false
  if (chunk.length < SIGNATURE_BYTES) return undefined
  return MAGIC.every((byte, at) => byte === chunk[HEAD_BYTES + at])
}

/** Of one file, from the beginning of a frame on. */
export class FrameSplitter {
  #rest: Uint8Array = new Uint8Array(0)
  #isBroken = false

  /** Bytes that are no whole frame yet. */
  get waiting(): number {
    return this.#rest.length
  }

  /** The requests that end in this chunk. `undefined` for one that cannot be unpacked; after a wrong length nothing more is found. */
  push(chunk: Uint8Array): { readonly line: Line; readonly bytes: number }[] {
    const found: { line: Line; bytes: number }[] = []
    if (this.#isBroken) return found
    let rest: Uint8Array = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (rest.length >= HEAD_BYTES) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0)
      const bytes = HEAD_BYTES + length
      this.#isBroken = length > MAX_FRAME_BYTES
      if (this.#isBroken) return [...found, { line: undefined, bytes: rest.length }]
      if (rest.length < bytes) break
      found.push({ line: unpack(rest.subarray(HEAD_BYTES, bytes)), bytes })
      rest = rest.subarray(bytes)
    }
    this.#rest = rest
    return found
  }
}

function unpack(frame: Uint8Array): Line {
  try {
    return zstdDecompressSync(frame).toString('utf8')
  } catch {
    return undefined
  }
}
