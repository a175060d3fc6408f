/**
 * `TRACELOG_SPOOL=sync`: each log record is on disk before the call that emitted it returns.
 *
 * Runs in the application's own thread. Records stay in its segments until their batch has an outcome, whatever that is: delivered,
 * or written by the export worker to a segment of its own. A disk that refuses is said once; records are then in memory alone, and
 * it is tried again after a pause. Never throws.
 */
import { existsSync } from 'node:fs'

import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { EncodedBatch } from '../../model/encoded-batch.ts'
import { requestPieces } from '../../model/otlp-request.ts'
import { FRAME_HEAD_BYTES, writeFrameHead } from '../../segments/frame.ts'
import type { WrittenRecord } from '../open-batch.ts'
import { DiskTrouble } from './disk-trouble.ts'
import { SEGMENT_BYTES, SYNC_MILLIS } from './spool-config.ts'
import { endFrame, ENTRY_HEAD_BYTES, KIND, type SeqRange, writeEntryHead } from './spool-format.ts'
import { type SyncPlace, SyncSegment } from './sync-segment.ts'

/** An open segment of which all is settled is begun anew at this size. Bytes. */
const SETTLED_BYTES = 1024 * 1024

interface AheadSegment {
  readonly file: SyncSegment
  /** Numbers of records that have no outcome yet. */
  readonly pending: Set<number>
}

export class WriteAhead {
  readonly #place: SyncPlace
  readonly #resource: Uint8Array
  readonly #maxBytes: number
  readonly #trouble: DiskTrouble
  /** Oldest first; the last one is written to, unless it is full. */
  readonly #segments = new Set<AheadSegment>()
  #open: AheadSegment | undefined
  #scratch = Buffer.allocUnsafe(4096)
  #timer: NodeJS.Timeout | undefined

  /**
   * @param resource  from `encodeResource`: batches with this very one are of this thread, and have its numbers
   * @param maxBytes  of all its segments: beyond it records are in memory alone
   */
  constructor(place: SyncPlace, resource: Uint8Array, maxBytes: number) {
    this.#place = place
    this.#resource = resource
    this.#maxBytes = maxBytes
    this.#trouble = new DiskTrouble(place.directory)
  }

  /** Of all its segments. */
  get bytes(): number {
    let bytes = 0
    for (const { file } of this.#segments) bytes += file.bytes
    return bytes
  }

  /** @returns whether the record is on disk */
  append(record: WrittenRecord): boolean {
    if (this.#trouble.isPausing) return false
    try {
      const segment = this.#segmentToWrite()
      segment?.file.append(this.#frameOf(record))
      segment?.pending.add(record.seq)
      this.#trouble.ended()
      return segment !== undefined
    } catch (error) {
      this.#giveUp(error as Error)
      return false
    }
  }

  /** Whether all records of a batch are on disk. */
  holds({ resource, seqs }: EncodedBatch): boolean {
    if (resource !== this.#resource) return false
    return seqs.every((seq) => {
      for (const { pending } of this.#segments) if (pending.has(seq)) return true
      return false
    })
  }

  /** A batch has an outcome. */
  settle({ resource, seqs }: EncodedBatch): void {
    if (resource !== this.#resource) return
    for (const segment of this.#segments) {
      const settled = settledOf(segment, seqs)
      if (settled === undefined) continue
      const isOver = segment.pending.size === 0
      if (isOver && (segment !== this.#open || segment.file.bytes >= SETTLED_BYTES)) this.#remove(segment)
      else this.#mark(segment, settled)
    }
  }

  /** These records are lost for good, and others between them perhaps: they are no reason to keep a segment. */
  forget({ firstSeq, lastSeq }: SeqRange): void {
    for (const segment of this.#segments) {
      for (const seq of segment.pending) if (seq >= firstSeq && seq <= lastSeq) segment.pending.delete(seq)
      if (segment.pending.size === 0 && segment !== this.#open) this.#remove(segment)
    }
  }

  /** The process ends: what is not needed any more goes. */
  tidy(): void {
    for (const segment of this.#segments) if (segment.pending.size === 0) this.#remove(segment)
    if (this.#timer !== undefined) stopTimer(this.#timer)
    this.#timer = undefined
  }

  #segmentToWrite(): AheadSegment | undefined {
    if (this.#open !== undefined && this.#open.file.bytes < SEGMENT_BYTES) return this.#open
    if (this.bytes > this.#maxBytes) return undefined
    this.#open = { file: new SyncSegment(this.#place, 'ahead'), pending: new Set() }
    this.#segments.add(this.#open)
    this.#timer ??= this.#look()
    return this.#open
  }

  /** One buffer, so that it is one write: head of the frame, about the batch, the request. */
  #frameOf({ seq, scope, record }: WrittenRecord): Uint8Array {
    const pieces = requestPieces([{ resource: this.#resource, scopes: [{ scope, records: [record] }] }])
    let end = FRAME_HEAD_BYTES + ENTRY_HEAD_BYTES
    for (const piece of pieces) end += piece.length
    if (end > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(end * 2)
    let at = FRAME_HEAD_BYTES
    writeEntryHead(this.#scratch, at, { signal: 'logs', count: 1, firstSeq: seq, lastSeq: seq })
    at += ENTRY_HEAD_BYTES
    for (const piece of pieces) {
      this.#scratch.set(piece, at)
      at += piece.length
    }
    writeFrameHead(this.#scratch, { kind: KIND.batch, id: seq % 2 ** 32 }, [
      this.#scratch.subarray(FRAME_HEAD_BYTES, end),
    ])
    return this.#scratch.subarray(0, end)
  }

  #mark(segment: AheadSegment, range: SeqRange): void {
    try {
      segment.file.append(endFrame('answered', range))
    } catch (error) {
      // What it marks is sent once more after a crash.
      this.#giveUp(error as Error)
    }
  }

  #remove(segment: AheadSegment): void {
    segment.file.remove()
    this.#segments.delete(segment)
    if (segment === this.#open) this.#open = undefined
  }

  /** The file that failed is not written to any more; it stays for what is in it. */
  #giveUp(error: Error): void {
    this.#trouble.came(error)
    if (this.#open !== undefined && this.#open.pending.size === 0) this.#remove(this.#open)
    this.#open = undefined
  }

  /** Forces what was written to the disk. What is not needed goes, and what somebody removed is not written to any more. */
  #look(): NodeJS.Timeout {
    const timer = startTimer(() => {
      this.#timer = undefined
      for (const segment of this.#segments) {
        segment.file.touch(this.#place.wallMillis())
        if (this.#place.fsync === 'interval') segment.file.force((error) => this.#giveUp(error))
        if (segment.pending.size === 0 || !existsSync(segment.file.path)) this.#remove(segment)
      }
      if (this.#segments.size > 0) this.#timer = this.#look()
    }, SYNC_MILLIS)
    timer.unref()
    return timer
  }
}

/** @returns the range that the segment had of them; undefined: none */
function settledOf(
  { pending }: AheadSegment,
  seqs: Iterable<number>,
): { firstSeq: number; lastSeq: number } | undefined {
  let firstSeq = Infinity
  let lastSeq = -Infinity
  for (const seq of seqs) {
    if (!pending.delete(seq)) continue
    firstSeq = Math.min(firstSeq, seq)
    lastSeq = Math.max(lastSeq, seq)
  }
  return lastSeq === -Infinity ? undefined : { firstSeq, lastSeq }
}
