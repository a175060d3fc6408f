/**
 * What is in the journal when the backend starts: hands the store what it does not hold, sets aside what cannot be read.
 */
import type { SegmentFiles } from '../../segments/segment-files.ts'
import { decodeEntry } from './journal-entry.ts'
import type { JournalSink } from './journal-sink.ts'
import type { Lag } from './lag.ts'
import { framesOfSegment } from './segment-frames.ts'
import { firstSequenceOf, type Segment } from './segment.ts'

export interface ReplayReport {
  /** Requests handed to the sink. */
  readonly requests: number
  /** Records and spans in them. */
  readonly records: number
  /** Stretches of bytes that could not be read; each is a file in `journal/damaged/`. A torn tail is one of them. */
  readonly damages: number
  readonly damagedBytes: number
  /** The highest sequence seen; 0 when there was none. */
  readonly lastSequence: number
  /** What is still needed, oldest first. */
  readonly segments: readonly Segment[]
}

export interface ReplayOptions {
  readonly files: SegmentFiles
  readonly sink: JournalSink
  /** Everything up to this is in the store for good. */
  readonly committedSequence: number
  readonly lag: Lag
}

interface Progress {
  requests: number
  records: number
  damages: number
  damagedBytes: number
  lastSequence: number
  segments: Segment[]
}

/** Reads one segment at a time: memory stays at the size of one, and of what the sink has room for. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { files, committedSequence } = options
  const progress: Progress = { requests: 0, records: 0, damages: 0, damagedBytes: 0, lastSequence: 0, segments: [] }
  const found = await listSegments(files)
  for (const [index, { name, first }] of found.entries()) {
    const next = found[index + 1]
    // All of its sequences are below the next one's first.
    if (next !== undefined && next.first <= committedSequence + 1) {
      progress.lastSequence = Math.max(progress.lastSequence, next.first - 1)
      // oxlint-disable-next-line no-await-in-loop -- in order, one segment in memory
      await files.remove(name)
      continue
    }
    // oxlint-disable-next-line no-await-in-loop -- in order, one segment in memory
    await replaySegment({ name, first }, options, progress)
  }
  return progress
}

async function listSegments(
  files: SegmentFiles,
): Promise<readonly { readonly name: string; readonly first: number }[]> {
  const names = await files.list()
  return names
    .map((name) => ({ name, first: firstSequenceOf(name) ?? -1 }))
    .filter(({ first }) => first >= 0)
    .toSorted((left, right) => left.first - right.first)
}

async function replaySegment(
  { name, first }: { readonly name: string; readonly first: number },
  options: ReplayOptions,
  progress: Progress,
): Promise<void> {
  const { files, sink, committedSequence, lag } = options
  const content = await files.read(name)
  const { frames, damages } = framesOfSegment(content, first)
  for (const { start, end } of damages) {
    progress.damages += 1
    progress.damagedBytes += end - start
    // oxlint-disable-next-line no-await-in-loop -- rare, and in order
    await files.setAside(`${name}-${start}`, content.subarray(start, end))
  }
  for (const { sequence, bytes } of frames) {
    progress.lastSequence = Math.max(progress.lastSequence, sequence)
    const entry = sequence <= committedSequence ? undefined : decodeEntry(bytes)
    if (entry === undefined) continue
    // oxlint-disable-next-line no-await-in-loop -- the store's back-pressure
    await sink.room()
    // A copy: the sink may transfer its memory away, and this is a view of the whole segment.
    sink.append({ ...entry, sequence, bytes: Uint8Array.from(entry.bytes) })
    lag.appended(sequence, entry.count)
    progress.requests += 1
    progress.records += entry.count
  }
  const lastSequence = frames.at(-1)?.sequence
  // Without a whole frame it holds nothing, and its name would be in the way of the next segment's.
  if (lastSequence === undefined) await files.remove(name)
  else progress.segments.push({ name, lastSequence, bytes: content.length })
}
