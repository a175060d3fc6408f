/**
 * What a segment holds: the batches that have no answer, and the stretches that cannot be read.
 */
import { zstdDecompressSync } from 'node:zlib'

import { type Damage, readFrames } from '../../segments/frame.ts'
import {
  decodeBatch,
  decodeEnd,
  decodePacked,
  type Entry,
  guessCount,
  HEAD_BYTES,
  KIND,
  type SeqRange,
} from './spool-format.ts'

export interface DamagedStretch extends Damage {
  /** Records in it, as far as can be told. */
  readonly count: number
}

export interface ReadSegment {
  /** In the order in which they were written. */
  readonly entries: readonly Entry[]
  readonly damages: readonly DamagedStretch[]
}

export function readSegment(content: Uint8Array): ReadSegment {
  const { frames, damages } = readFrames(content, { start: Math.min(HEAD_BYTES, content.length) })
  const entries = new Map<number, Entry>()
  const ranges: SeqRange[] = []
  for (const frame of frames) {
    if (frame.kind === KIND.packed) for (const entry of unpack(frame)) entries.set(entry.id, entry)
    else if (frame.kind === KIND.batch) {
      const entry = decodeBatch(frame)
      if (entry !== undefined) entries.set(entry.id, entry)
    } else {
      const end = decodeEnd(frame)
      if (typeof end === 'number') entries.delete(end)
      else if (end !== undefined) ranges.push(end)
    }
  }
  const isEnded = ({ firstSeq, lastSeq }: Entry): boolean =>
    ranges.some((range) => firstSeq >= range.firstSeq && lastSeq <= range.lastSeq)
  return {
    entries: ranges.length === 0 ? [...entries.values()] : [...entries.values()].filter((entry) => !isEnded(entry)),
    damages: damages.map(({ start, end }) => ({ start, end, count: guessCount(content.subarray(start, end)) })),
  }
}

/** Its checksum was right: what cannot be read all the same was not written by us. */
function unpack(frame: Parameters<typeof decodePacked>[0]): Entry[] {
  const packed = decodePacked(frame)
  if (packed === undefined) return []
  try {
    const requests = zstdDecompressSync(packed.compressed)
    let at = 0
    return packed.entries.map((entry, index) => {
      const start = at
      at += packed.lengths[index] as number
      return { ...entry, bytes: requests.subarray(start, at) }
    })
  } catch {
    return []
  }
}
