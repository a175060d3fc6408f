/**
 * What stands in a spool segment, all numbers little endian.
 *
 *   head    16 bytes: `TLSP`, u32 version (1), u32 crc32 of the eight bytes before, u32 0
 *   frames  of segments/frame.ts, of these kinds:
 *     1 batch     id: of the batch. 32 bytes about it (entryHead below), then the whole request, OTLP/protobuf
 *     2 answered  id: of the batch, without bytes; or with 16 bytes, f64 first and last: every record of a number between them
 *     3 dropped   as answered: lost for good, and counted so
 *     4 packed    batches, compressed: u32 how many, their ids (u32) and heads, u32 bytes of each request, then the requests with zstd
 *
 * Invariants:
 *   - a frame is whole by itself: what is damaged costs the frames that it hit, and no others;
 *   - a batch whose answer came is never sent again, if the answer reached the disk;
 *   - a segment of a later version is left alone.
 * A head that cannot be read is passed over: the frames tell whether they are ours.
 */
import { crc32 } from 'node:zlib'

import { encodeFrameHead, type Frame } from '../../segments/frame.ts'
import type { Signal } from '../../model/signal.ts'

const MAGIC = 'TLSP'
const VERSION = 1
export const HEAD_BYTES = 16

export const KIND = { batch: 1, answered: 2, dropped: 3, packed: 4 } as const
export const ENTRY_HEAD_BYTES = 32
const RANGE_BYTES = 16
const SIGNALS: readonly (Signal | undefined)[] = [undefined, 'logs', 'spans']

/** What is known of a batch without its bytes. */
export interface EntryHead {
  readonly signal: Signal
  /** Records of the application in it. */
  readonly count: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** A batch of the spool. */
export interface Entry extends EntryHead {
  readonly id: number
  /** A whole request. */
  readonly bytes: Uint8Array
}

/** Records by their numbers, both included. */
export interface SeqRange {
  readonly firstSeq: number
  readonly lastSeq: number
}

export const SEGMENT_HEAD: Uint8Array = segmentHead(VERSION)

export function segmentHead(version: number): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES)
  head.write(MAGIC, 'latin1')
  head.writeUInt32LE(version, 4)
  head.writeUInt32LE(crc32(head.subarray(0, 8)), 8)
  return head
}

/** Whether a later version of ours wrote it. */
export function isLater(content: Uint8Array): boolean {
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, HEAD_BYTES))
  if (head.length < HEAD_BYTES || head.latin1Slice(0, 4) !== MAGIC) return false
  return head.readUInt32LE(4) > VERSION && crc32(head.subarray(0, 8)) === head.readUInt32LE(8)
}

/** The frame of one batch, as parts that are written together; the request's bytes are not copied. */
export function batchFrame(entry: Entry): Uint8Array[] {
  const content = [encodeEntryHead(entry), entry.bytes]
  return [encodeFrameHead({ kind: KIND.batch, id: entry.id }, content), ...content]
}

export function decodeBatch({ id, bytes }: Frame): Entry | undefined {
  const head = decodeEntryHead(bytes, 0)
  return head && { id, ...head, bytes: bytes.subarray(ENTRY_HEAD_BYTES) }
}

/** What a damaged frame says it held: true in nearly all cases, and what else could be counted. */
export function guessCount(damaged: Uint8Array): number {
  const head = decodeEntryHead(damaged, 16)
  // No record is encoded in less than two bytes.
  return head !== undefined && head.count > 0 && head.count <= damaged.length / 2 ? head.count : 1
}

/** The frame that says a batch, or records by number, need not be sent any more. */
export function endFrame(kind: 'answered' | 'dropped', what: number | SeqRange): Uint8Array {
  if (typeof what === 'number') return encodeFrameHead({ kind: KIND[kind], id: what }, [])
  const range = Buffer.allocUnsafe(RANGE_BYTES)
  range.writeDoubleLE(what.firstSeq, 0)
  range.writeDoubleLE(what.lastSeq, 8)
  return Buffer.concat([encodeFrameHead({ kind: KIND[kind], id: 0 }, [range]), range])
}

/** @returns the id of a batch, or a range; undefined for a frame that no version of ours has written */
export function decodeEnd({ id, bytes }: Frame): number | SeqRange | undefined {
  if (bytes.length === 0) return id
  if (bytes.length !== RANGE_BYTES) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, RANGE_BYTES)
  return { firstSeq: view.readDoubleLE(0), lastSeq: view.readDoubleLE(8) }
}

/** Batches, with their requests compressed together. */
export interface Packed {
  readonly entries: readonly Omit<Entry, 'bytes'>[]
  /** Of the requests, in the order of `entries`. */
  readonly lengths: readonly number[]
  readonly compressed: Uint8Array
}

/** @param compressed  their requests, one after the other, with zstd */
export function packedFrame(entries: readonly Entry[], compressed: Uint8Array): Uint8Array[] {
  const index = Buffer.allocUnsafe(4 + entries.length * (ENTRY_HEAD_BYTES + 8))
  index.writeUInt32LE(entries.length, 0)
  let at = 4
  for (const entry of entries) {
    index.writeUInt32LE(entry.id, at)
    index.set(encodeEntryHead(entry), at + 4)
    index.writeUInt32LE(entry.bytes.length, at + 4 + ENTRY_HEAD_BYTES)
    at += ENTRY_HEAD_BYTES + 8
  }
  const content = [index, compressed]
  return [encodeFrameHead({ kind: KIND.packed, id: entries[0]?.id ?? 0 }, content), ...content]
}

export function decodePacked({ bytes }: Frame): Packed | undefined {
  if (bytes.length < 4) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.readUInt32LE(0)
  const end = 4 + count * (ENTRY_HEAD_BYTES + 8)
  if (end > bytes.length) return undefined
  const entries: Omit<Entry, 'bytes'>[] = []
  const lengths: number[] = []
  for (let at = 4; at < end; at += ENTRY_HEAD_BYTES + 8) {
    const head = decodeEntryHead(bytes, at + 4)
    if (head === undefined) return undefined
    entries.push({ id: view.readUInt32LE(at), ...head })
    lengths.push(view.readUInt32LE(at + 4 + ENTRY_HEAD_BYTES))
  }
  return { entries, lengths, compressed: bytes.subarray(end) }
}

/** u8 signal, 3 bytes 0, u32 count, f64 first number, f64 last number, 8 bytes 0. */
export function writeEntryHead(into: Buffer, at: number, { signal, count, firstSeq, lastSeq }: EntryHead): void {
  into.fill(0, at, at + ENTRY_HEAD_BYTES)
  into[at] = SIGNALS.indexOf(signal)
  into.writeUInt32LE(count, at + 4)
  into.writeDoubleLE(firstSeq, at + 8)
  into.writeDoubleLE(lastSeq, at + 16)
}

function encodeEntryHead(head: EntryHead): Uint8Array {
  const bytes = Buffer.allocUnsafe(ENTRY_HEAD_BYTES)
  writeEntryHead(bytes, 0, head)
  return bytes
}

function decodeEntryHead(bytes: Uint8Array, at: number): EntryHead | undefined {
  if (bytes.length < at + ENTRY_HEAD_BYTES) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, ENTRY_HEAD_BYTES)
  const signal = SIGNALS[view[0] as number]
  if (signal === undefined) return undefined
  return { signal, count: view.readUInt32LE(4), firstSeq: view.readDoubleLE(8), lastSeq: view.readDoubleLE(16) }
}
