/**
 * Does a zstd body end where its frames do? Looks at the heads of frames and blocks only, unpacks nothing.
 *
 * Node 22.15 ends without an error when a frame is cut off, with what it had unpacked until then: a torn request would be acknowledged
 * as a shorter one. Later versions of Node say so themselves; delete this when the oldest supported one does.
 * Source: RFC 8878, 3.1.1 (Zstandard frames) and 3.1.2 (skippable frames). Pure.
 */

const MAGIC = 0xfd2fb528
/** The last four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a50
/** Bytes of the dictionary's id and of the content's size, by their flags. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
const SIZE_BYTES = [0, 2, 4, 8] as const
const CHECKSUM_BYTES = 4
/** A block of this type holds one byte, which is repeated. */
const RLE_BLOCK = 1

/** @returns false when the last frame is cut off; what is no zstd at all is for the decoder to say, and counts as whole */
export function isWholeZstd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return false
    const magic = view.getUint32(at, true)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) at += 8 + view.getUint32(at + 4, true)
    else if (magic === MAGIC) at = endOfFrame(view, at + 4)
    else return true
  }
  return at === bytes.length
}

/** @param at  behind the magic number. @returns beyond the bytes when they end before the frame does */
function endOfFrame(view: DataView, at: number): number {
  const descriptor = view.getUint8(at)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >>> 6
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : (SIZE_BYTES[sizeFlag] as number)
  at += 1 + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + sizeBytes
  for (let isLast = false; !isLast;) {
    if (at + 3 > view.byteLength) return Infinity
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    isLast = (head & 1) === 1
    at += 3 + (((head >>> 1) & 3) === RLE_BLOCK ? 1 : head >>> 3)
  }
  return at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES)
}
