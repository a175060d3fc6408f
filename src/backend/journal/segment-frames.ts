/**
 * The requests in one segment of the journal, of either version, with their sequences.
 */
import { type Damage, readFrames } from '../../segments/frame.ts'
import { readFramesOfVersion1 } from './frame-version-1.ts'
import { REQUEST_FRAME, SEGMENT_HEAD } from './segment.ts'

interface SequencedFrame {
  readonly sequence: number
  /** A view of the segment. */
  readonly bytes: Uint8Array
}

export interface SegmentFrames {
  readonly frames: readonly SequencedFrame[]
  /** In order, never touching each other. */
  readonly damages: readonly Damage[]
}

/** Ids are 32 bits: a sequence is the next one above the last that has them, within half of their range. */
const MAX_STEP = 2 ** 31
const VERSION_AT = SEGMENT_HEAD.length - 1

/** @param first  from the segment's name: its sequences are not below */
export function framesOfSegment(content: Uint8Array, first: number): SegmentFrames {
  const hasMagic = SEGMENT_HEAD.every((byte, index) => content[index] === byte || index === VERSION_AT)
  const start = hasMagic ? SEGMENT_HEAD.length : 0
  if (hasMagic && content[VERSION_AT] === 1) return readFramesOfVersion1(content, start, first - 1)
  const { frames, damages } = readFrames(content, {
    start,
    mayFollow: ({ kind, id }, before) => kind === REQUEST_FRAME && stepTo(id, before?.id ?? first - 1) > 0,
  })
  let sequence = first - 1
  return { frames: frames.map(({ id, bytes }) => ({ sequence: (sequence += stepTo(id, sequence)), bytes })), damages }
}

/** How far an id is above a sequence; 0: it is not. */
function stepTo(id: number, sequence: number): number {
  const step = (id - (sequence % 2 ** 32) + 2 ** 32) % 2 ** 32
  return step < MAX_STEP ? step : 0
}
