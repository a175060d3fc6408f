/**
 * The segment that is being written: opens the next one when it is large enough, and gives up a file that failed.
 *
 * One call at a time (journal.ts sees to it). After a failure nothing of the failed write counts, and the file is never
 * written to again: what the system did with unsynced bytes is anybody's guess once a sync has failed.
 */
import type { JournalFiles, SegmentFile } from './journal-files.ts'
import { SEGMENT_HEAD, segmentName } from './segment.ts'

/** When bytes are forced to the disk: before each acknowledgement, every 100 ms, or when the system pleases. */
export type FsyncMode = 'each' | 'interval' | 'off'

/** What the journal knows of one segment. */
export interface Segment {
  readonly name: string
  /** Of its last whole frame; one below its first when it has none. */
  lastSequence: number
  bytes: number
}

/** One or more whole frames. */
export interface FrameGroup {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
}

export interface SegmentWriterOptions {
  readonly files: JournalFiles
  readonly fsync: FsyncMode
  /** A segment that has reached this is followed by a new one. Bytes. */
  readonly maxSegmentBytes: number
  /** Told of each segment that will not change any more. */
  readonly onSealed: (segment: Segment) => void
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  #file: SegmentFile | undefined
  #segment: Segment | undefined
  #isDirty = false

  constructor(options: SegmentWriterOptions) {
    this.#options = options
  }

  /** The open segment, if any. */
  get segment(): Segment | undefined {
    return this.#segment
  }

  /** Resolves when the group is written, and with `each` synced. @throws what the system said */
  async write(group: FrameGroup): Promise<void> {
    const { fsync, maxSegmentBytes } = this.#options
    if (this.#segment !== undefined && this.#segment.bytes >= maxSegmentBytes) await this.seal()
    const { file, segment } = await this.#open(group.firstSequence)
    try {
      await file.append(group.parts)
      if (fsync === 'each') await file.sync()
    } catch (error) {
      await this.#giveUp()
      throw error
    }
    segment.bytes += group.bytes
    segment.lastSequence = group.lastSequence
    this.#isDirty = fsync === 'interval'
  }

  /** With `interval`: forces what was written to the disk. @throws what the system said */
  async sync(): Promise<void> {
    const file = this.#file
    if (file === undefined || !this.#isDirty) return
    this.#isDirty = false
    await file.sync()
  }

  /** Closes the open segment; the next write begins another. */
  async seal(): Promise<void> {
    const { files, onSealed } = this.#options
    const file = this.#file
    const segment = this.#segment
    if (file === undefined || segment === undefined) return
    await this.sync().catch(() => {})
    this.#file = undefined
    this.#segment = undefined
    await file.close()
    if (segment.bytes > SEGMENT_HEAD.length) onSealed(segment)
    else await files.remove(segment.name)
  }

  async #open(firstSequence: number): Promise<{ file: SegmentFile; segment: Segment }> {
    if (this.#file !== undefined && this.#segment !== undefined) return { file: this.#file, segment: this.#segment }
    const { files, fsync } = this.#options
    const name = segmentName(firstSequence)
    const file = await files.create(name)
    try {
      await file.append([SEGMENT_HEAD])
      if (fsync !== 'off') await files.syncDirectory()
    } catch (error) {
      await file.close().catch(() => {})
      await files.remove(name).catch(() => {})
      throw error
    }
    this.#file = file
    this.#segment = { name, lastSequence: firstSequence - 1, bytes: SEGMENT_HEAD.length }
    return { file, segment: this.#segment }
  }

  async #giveUp(): Promise<void> {
    const file = this.#file
    const segment = this.#segment
    if (file === undefined || segment === undefined) return
    this.#isDirty = false
    // Frees the space of what nobody was promised. Should it fail too, replay passes over the torn part.
    await file.truncate(segment.bytes).catch(() => {})
    await this.seal().catch(() => {})
  }
}
