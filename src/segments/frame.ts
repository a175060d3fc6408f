/**
 * The one frame of journal and spool, all numbers little endian:
 *
 *   u32 length   of the bytes alone
 *   u32 crc32    of kind, check, id and bytes, begun with the length
 *   u8  kind     1 to 255: what the bytes are, to the file's own format
 *   u24 check    of length, kind and id
 *   u32 id       what else tells frames of one file apart
 *   ...          the bytes
 *
 * A reader trusts nothing but the checksum. The check says whether the length can be believed although the bytes cannot: then reading
 * goes on where the frame ends, and what looks like a frame inside of it is not taken for one. A file with a hit length is searched
 * for the next frame. So a damaged frame costs itself, never its neighbours.
 */
import { crc32 } from 'node:zlib'

/** Before the bytes of each frame. */
export const FRAME_HEAD_BYTES = 16
/** A length beyond this is damage. Bytes. */
const MAX_FRAME_BYTES: number = 256 * 1024 * 1024

export interface FrameHead {
  /** 1 to 255. */
  readonly kind: number
  /** 0 to 2^32 - 1. */
  readonly id: number
}

/** A whole frame; `bytes` is a view of what was read. */
export interface Frame extends FrameHead {
  readonly bytes: Uint8Array
}

/** Bytes in which no frame could be read: from `start` to `end`, not included. */
export interface Damage {
  readonly start: number
  readonly end: number
}

export interface FrameFile {
  readonly frames: readonly Frame[]
  /** In order, never touching each other. Damage that reaches the end is a torn tail. */
  readonly damages: readonly Damage[]
}

export interface ReadOptions {
  /** Where the first frame begins. Default 0. */
  readonly start?: number
  /** Whether a whole frame may stand where it does; one that may not is damage. Default: each may. */
  readonly mayFollow?: (head: FrameHead, before: FrameHead | undefined) => boolean
}

/** The head of a frame whose bytes are these parts, one after the other; they are not copied. */
export function encodeFrameHead({ kind, id }: FrameHead, parts: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES)
  writeFrameHead(head, { kind, id }, parts)
  return head
}

/** The same, into the first 16 bytes of `into`. */
export function writeFrameHead(into: Buffer, { kind, id }: FrameHead, parts: readonly Uint8Array[]): void {
  let length = 0
  for (const part of parts) length += part.length
  into.writeUInt32LE(length, 0)
  into.writeUInt32LE((kind | (checkOf(length, kind, id) << 8)) >>> 0, 8)
  into.writeUInt32LE(id, 12)
  let checksum = crc32(into.subarray(8, FRAME_HEAD_BYTES), length)
  for (const part of parts) checksum = crc32(part, checksum)
  into.writeUInt32LE(checksum, 4)
}

/** Every whole frame of a file, in order. */
export function readFrames(bytes: Uint8Array, { start = 0, mayFollow = () => true }: ReadOptions = {}): FrameFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Frame[] = []
  const damages: Damage[] = []
  for (let at = start; at < file.length;) {
    const frame = frameAt(file, at)
    const isWhole = frame !== undefined && mayFollow(frame, frames.at(-1))
    const end = isWhole ? at + FRAME_HEAD_BYTES + frame.bytes.length : endOfDamage(file, at)
    if (isWhole) frames.push(frame)
    else addDamage(damages, at, end)
    at = end
  }
  return { frames, damages }
}

/** A whole frame at a place of a file. */
function frameAt(file: Buffer, at: number): Frame | undefined {
  const head = headAt(file, at)
  if (head === undefined) return undefined
  const end = at + FRAME_HEAD_BYTES + head.length
  if (end > file.length) return undefined
  const checksum = crc32(file.subarray(at + 8, end), head.length)
  if (checksum !== file.readUInt32LE(at + 4)) return undefined
  return { kind: head.kind, id: head.id, bytes: file.subarray(at + FRAME_HEAD_BYTES, end) }
}

/** A head whose check is right; its bytes need not be. */
function headAt(file: Buffer, at: number): (FrameHead & { readonly length: number }) | undefined {
  if (at + FRAME_HEAD_BYTES > file.length) return undefined
  const length = file.readUInt32LE(at)
  const word = file.readUInt32LE(at + 8)
  const id = file.readUInt32LE(at + 12)
  const kind = word & 0xff
  if (kind === 0 || length > MAX_FRAME_BYTES || word >>> 8 !== checkOf(length, kind, id)) return undefined
  return { kind, id, length }
}

function endOfDamage(file: Buffer, at: number): number {
  const head = headAt(file, at)
  if (head !== undefined) {
    const declared = at + FRAME_HEAD_BYTES + head.length
    if (declared >= file.length) return file.length
    if (headAt(file, declared) !== undefined) return declared
  }
  for (let next = at + 1; next + FRAME_HEAD_BYTES <= file.length; next++) {
    if (frameAt(file, next) !== undefined) return next
  }
  return file.length
}

function addDamage(damages: Damage[], start: number, end: number): void {
  const last = damages.at(-1)
  if (last?.end === start) damages[damages.length - 1] = { start: last.start, end }
  else damages.push({ start, end })
}

/** 24 bits. */
function checkOf(length: number, kind: number, id: number): number {
  let mixed = Math.imul(length ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(id + kind, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ kind, 0x27d4eb2f)
  return (mixed ^ (mixed >>> 13)) >>> 8
}
