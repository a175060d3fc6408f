/**
 * The name and the first bytes of a journal segment.
 *
 * A segment is `<first sequence, 16 digits>.journal`: 8 bytes of head (`TLJOURN` and the version, 1), then frames of
 * model/frame.ts in rising order of sequence. It is only ever appended to, by the process that created it: a restart
 * begins a new one. Invariants:
 *   - no sequence is in two segments, and sequences rise from segment to segment;
 *   - an acknowledged request is a whole frame that was synced (`--fsync each`);
 *   - a damaged frame costs itself, never its neighbours.
 */

const VERSION = 1
/** What every segment begins with. */
export const SEGMENT_HEAD: Uint8Array = Uint8Array.from([...Buffer.from('TLJOURN'), VERSION])

const NAME = /^(\d{16})\.journal$/

export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.journal`
}

/** @returns undefined for a file that is no segment */
export function firstSequenceOf(name: string): number | undefined {
  const match = NAME.exec(name)
  return match === null ? undefined : Number(match[1])
}
