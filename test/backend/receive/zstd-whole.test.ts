import { constants, zstdCompressSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isWholeZstd } from '../../../src/backend/receive/zstd-whole.ts'

/** Empty, repeated, random, and more than one block of 128 KiB. */
const plain = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc.nat(400_000).map((length) => new Uint8Array(length)),
  fc.nat(400_000).map((length) => Uint8Array.from({ length }, (_, index) => (index * index) >>> 3)),
)
const packed = fc.tuple(plain, fc.boolean(), fc.constantFrom(1, 3, 19)).map(([bytes, hasChecksum, level]) =>
  zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: hasChecksum ? 1 : 0,
    },
  }),
)
const skippable = fc.uint8Array({ maxLength: 50 }).map((bytes) => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(0x184d2a5f)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes])
})
const frames = fc.array(fc.oneof(packed, skippable), { minLength: 1, maxLength: 4 })

test('frames are whole to their last byte, and not with one byte less', () => {
  fc.assert(
    fc.property(frames, fc.nat(), (parts, cut) => {
      const bytes = Buffer.concat(parts)
      expect(isWholeZstd(bytes)).toBe(true)
      const last = parts.at(-1) as Buffer
      const missing = 1 + (cut % (last.length - 1))
      expect(isWholeZstd(bytes.subarray(0, bytes.length - missing))).toBe(false)
    }),
    { numRuns: 60 },
  )
})

test('nothing is whole; what is no zstd is left to the decoder', () => {
  expect(isWholeZstd(new Uint8Array(0))).toBe(true)
  expect(isWholeZstd(Buffer.from('not compressed'))).toBe(true)
})

test('any bytes get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(typeof isWholeZstd(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), bytes]))).toBe('boolean')
    }),
  )
})
