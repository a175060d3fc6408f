/**
 * What one frame of the journal holds: 13 bytes about the request, then the request itself.
 *
 *   u8  signal: 1 logs, 2 spans
 *   u32 records or spans in it, little endian
 *   u64 when it was received, nanoseconds since the epoch, little endian
 *   ... OTLP/protobuf
 */
import type { Signal } from '../../model/signal.ts'

export interface JournalEntry {
  readonly signal: Signal
  readonly count: number
  readonly receivedUnixNano: bigint
  readonly bytes: Uint8Array
}

export const ENTRY_HEAD_BYTES = 13
const SIGNAL_BYTE: Readonly<Record<Signal, number>> = { logs: 1, spans: 2 }

/** The first 13 bytes; the request's bytes follow them as they are. */
export function encodeEntryHead(entry: JournalEntry): Uint8Array {
  const head = Buffer.allocUnsafe(ENTRY_HEAD_BYTES)
  head[0] = SIGNAL_BYTE[entry.signal]
  head.writeUInt32LE(entry.count, 1)
  head.writeBigUInt64LE(entry.receivedUnixNano, 5)
  return head
}

/** @returns undefined for a frame that no version of ours has written; `bytes` is a view of `payload` */
export function decodeEntry(payload: Uint8Array): JournalEntry | undefined {
  if (payload.length < ENTRY_HEAD_BYTES) return undefined
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const signal = view[0] === 1 ? 'logs' : view[0] === 2 ? 'spans' : undefined
  if (signal === undefined) return undefined
  return {
    signal,
    count: view.readUInt32LE(1),
    receivedUnixNano: view.readBigUInt64LE(5),
    bytes: payload.subarray(ENTRY_HEAD_BYTES),
  }
}
