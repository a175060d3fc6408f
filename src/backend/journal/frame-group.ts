/**
 * Waiting requests as the frames that one write puts into the journal.
 */
import { encodeFrameHead } from '../../segments/frame.ts'
import { encodeEntryHead, type JournalEntry } from './journal-entry.ts'
import { REQUEST_FRAME } from './segment.ts'

/** The requests' bytes are not copied. Sequences rise by one from `firstSequence`. */
export function frameGroup(entries: readonly JournalEntry[], firstSequence: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (const [index, entry] of entries.entries()) {
    const content = [encodeEntryHead(entry), entry.bytes]
    const id = (firstSequence + index) % 2 ** 32
    parts.push(encodeFrameHead({ kind: REQUEST_FRAME, id }, content), ...content)
  }
  return parts
}
