/**
 * What journals of version 1 hold, to see that they are still read.
 */
import { crc32c } from '../../../src/model/crc32c.ts'

/** One frame: `u32 length | u32 crc32c | u64 sequence | bytes`. */
export function frameOfVersion1(sequence: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(bytes.length, 0)
  head.writeBigUInt64LE(BigInt(sequence), 8)
  const ofHead = crc32c(head, 8, 16, crc32c(head, 0, 4))
  head.writeUInt32LE(crc32c(bytes, 0, bytes.length, ofHead), 4)
  return Buffer.concat([head, bytes])
}
