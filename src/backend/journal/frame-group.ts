/**
 * Waiting requests as the frames that one write puts into the journal.
 */
import { encodeFrameHead } from '../../model/frame.ts'
import { encodeEntryHead, type JournalEntry } from './journal-entry.ts'
import type { FrameGroup } from './segment-writer.ts'

/** The requests' bytes are not copied. Sequences rise by one from `firstSequence`. */
export function frameGroup(entries: readonly JournalEntry[], firstSequence: number): FrameGroup {
  const parts: Uint8Array[] = []
  for (const [index, entry] of entries.entries()) {
    const content = [encodeEntryHead(entry), entry.bytes]
    parts.push(encodeFrameHead(firstSequence + index, content), ...content)
  }
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  return { firstSequence, lastSequence: firstSequence + entries.length - 1, parts, bytes }
}
