/**
 * The name and the first bytes of a journal segment.
 *
 * A segment is `<first sequence, 16 digits>.journal`: 8 bytes of head (`TLJOURN` and the version, 2), then frames of
 * segments/frame.ts in rising order of sequence: kind 1, id the lower 32 bits of the sequence. Version 1 (frame-version-1.ts) is
 * read, and no longer written. A segment is only ever appended to, by the process that created it: a restart begins a new one.
 * Invariants:
 *   - no sequence is in two segments, and sequences rise from segment to segment;
 *   - an acknowledged request is a whole frame that was synced (`--fsync each`);
 *   - a damaged frame costs itself, never its neighbours.
 */
import type { OpenSegment } from '../../segments/segment-writer.ts'

const MAGIC = Buffer.from('TLJOURN')
/** What every segment begins with. */
export const SEGMENT_HEAD: Uint8Array = Uint8Array.from([...MAGIC, 2])
/** Kind of a frame that holds a request. */
export const REQUEST_FRAME = 1

const NAME = /^(\d{16})\.journal$/

/** What the journal knows of one segment. */
export interface Segment extends OpenSegment {
  /** Of its last whole frame; one below its first when it has none. */
  lastSequence: number
}

export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.journal`
}

/** @returns undefined for a file that is no segment */
export function firstSequenceOf(name: string): number | undefined {
  const match = NAME.exec(name)
  return match === null ? undefined : Number(match[1])
}
