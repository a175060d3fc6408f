/**
 * What is known of one segment without reading it: which batches in it still have to be sent.
 */
import type { OpenSegment } from '../../segments/segment-writer.ts'
import type { EntryHead } from './spool-format.ts'
import type { SegmentUse } from './segment-name.ts'

/** One batch on disk that has no answer yet. */
export interface KeptEntry extends EntryHead {
  readonly id: number
  /** Somebody still waits for an answer to it, from memory: it is not sent from here. */
  isHeld: boolean
}

export interface SpoolSegment extends OpenSegment {
  name: string
  bytes: number
  readonly use: SegmentUse
  /** Rises with age (segment-name.ts). */
  readonly number: string
  /** By id. */
  readonly entries: Map<number, KeptEntry>
  isSealed: boolean
  /** Requests of it are under way: it is not removed to make room. */
  isBusy: boolean
  /** Its file is gone, and what it still held is counted. */
  isGone: boolean
}

/** Records in it that are sent from here. */
export function unsentIn({ entries }: SpoolSegment): number {
  let sum = 0
  for (const { isHeld, count } of entries.values()) if (!isHeld) sum += count
  return sum
}

export function hasUnsent({ entries }: SpoolSegment): boolean {
  for (const { isHeld } of entries.values()) if (!isHeld) return true
  return false
}
