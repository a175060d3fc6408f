/**
 * The frame of journals of version 1, which are read and no longer written: `u32 length | u32 crc32c | u64 sequence | bytes`, all
 * little endian.
 *
 * `length` counts the bytes alone; the checksum covers length, sequence and bytes. Sequences rise within a file, not
 * always by one. A reader trusts nothing but the checksum: a damaged frame costs itself, and reading goes on at the next
 * place where a whole frame with a later sequence begins.
 */
import { crc32c } from '../../model/crc32c.ts'
import type { Damage } from '../../segments/frame.ts'

/** Before the bytes of each frame. */
const FRAME_HEAD_BYTES = 16
/** A length beyond this is damage. Bytes. */
const MAX_FRAME_BYTES: number = 256 * 1024 * 1024
/** Where reading goes on after damage, a sequence may have risen by so much: keeps random bytes from being tried. */
const MAX_SEQUENCE_STEP = 1 << 24

/** A whole frame; `bytes` is a view of what was read. */
interface Frame {
  readonly sequence: number
  readonly bytes: Uint8Array
}

interface FrameFile {
  readonly frames: readonly Frame[]
  /** In order, never touching each other. Damage that reaches the end is a torn tail. */
  readonly damages: readonly Damage[]
}

/**
 * Every whole frame of a file, in order.
 *
 * @param start  where the first frame begins
 * @param afterSequence  sequences of this file are above it
 */
export function readFramesOfVersion1(bytes: Uint8Array, start = 0, afterSequence = 0): FrameFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Frame[] = []
  const damages: Damage[] = []
  let last = afterSequence
  let at = start
  while (at < bytes.length) {
    const frame = frameAt(bytes, view, { at, last, isSearching: false })
    if (frame !== undefined) {
      frames.push(frame)
      last = frame.sequence
      at += FRAME_HEAD_BYTES + frame.bytes.length
      continue
    }
    const next = nextAfter(bytes, view, { at, last })
    damages.push({ start: at, end: next })
    at = next
  }
  return { frames, damages }
}

/**
 * Where the frame after a damaged one begins: at its declared end if the very next sequence stands there, so that what
 * looks like a frame inside of its bytes is not taken for one; else its length was hit, and every place is tried.
 */
function nextAfter(bytes: Uint8Array, view: DataView, from: { readonly at: number; readonly last: number }): number {
  const { at, last } = from
  if (at + FRAME_HEAD_BYTES <= bytes.length) {
    const declared = at + FRAME_HEAD_BYTES + view.getUint32(at, true)
    const next = frameAt(bytes, view, { at: declared, last: last + 1, isSearching: true })
    if (next?.sequence === last + 2) return declared
  }
  return search(bytes, view, { at: at + 1, last })
}

function search(bytes: Uint8Array, view: DataView, from: { readonly at: number; readonly last: number }): number {
  for (let at = from.at; at + FRAME_HEAD_BYTES <= bytes.length; at++) {
    if (frameAt(bytes, view, { at, last: from.last, isSearching: true }) !== undefined) return at
  }
  return bytes.length
}

function frameAt(
  bytes: Uint8Array,
  view: DataView,
  { at, last, isSearching }: { readonly at: number; readonly last: number; readonly isSearching: boolean },
): Frame | undefined {
  const start = at + FRAME_HEAD_BYTES
  if (start > bytes.length) return undefined
  const end = start + view.getUint32(at, true)
  if (end > bytes.length || end - start > MAX_FRAME_BYTES) return undefined
  const sequence = view.getUint32(at + 8, true) + view.getUint32(at + 12, true) * 2 ** 32
  if (sequence <= last || sequence > Number.MAX_SAFE_INTEGER) return undefined
  if (isSearching && sequence > last + MAX_SEQUENCE_STEP) return undefined

  const checksum = crc32c(bytes, start, end, checksumOfHead(bytes, at))
  return checksum === view.getUint32(at + 4, true) ? { sequence, bytes: bytes.subarray(start, end) } : undefined
}

/** Of length and sequence. */
function checksumOfHead(bytes: Uint8Array, at: number): number {
  return crc32c(bytes, at + 8, at + 16, crc32c(bytes, at, at + 4))
}
