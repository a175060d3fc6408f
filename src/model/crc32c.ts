/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of journals of version 1. Each step takes eight bytes, by eight tables.
 */

/** The polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78
const TABLES: readonly Uint32Array[] = makeTables()

/**
 * The checksum of `bytes` from `start` to `end` (not included), as an unsigned 32-bit number.
 *
 * @param previous  the checksum of what came before, to go on from; default: nothing came before
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, previous = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  let crc = ~previous
  let at = start
  // `as number`: every index is within the table or the range.
  for (; at + 8 <= end; at += 8) {
    crc =
      (t7[(crc ^ (bytes[at] as number)) & 255] as number) ^
      (t6[((crc >>> 8) ^ (bytes[at + 1] as number)) & 255] as number) ^
      (t5[((crc >>> 16) ^ (bytes[at + 2] as number)) & 255] as number) ^
      (t4[((crc >>> 24) ^ (bytes[at + 3] as number)) & 255] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number)
  }
  for (; at < end; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })
  const tables = [first]
  for (let table = 1; table < 8; table++) {
    const before = tables[table - 1] as Uint32Array
    tables.push(before.map((crc) => (first[crc & 255] as number) ^ (crc >>> 8)))
  }
  return tables
}
