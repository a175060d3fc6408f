/**
 * The segment that is being written: opens the next one when it is large enough, and gives up a file that failed.
 *
 * One call at a time (whoever owns it sees to it). After a failure nothing of the failed write counts, and the file is never
 * written to again: what the system did with unsynced bytes is anybody's guess once a sync has failed.
 */
import type { SegmentFiles, SegmentFile } from './segment-files.ts'

/** When bytes are forced to the disk: with each write, every so often, or when the system pleases. */
export type FsyncMode = 'each' | 'interval' | 'off'

/** What every owner knows of one segment. */
export interface OpenSegment {
  readonly name: string
  bytes: number
}

export interface SegmentWriterOptions<S extends OpenSegment> {
  readonly files: SegmentFiles
  readonly fsync: FsyncMode
  /** A segment that has reached this is followed by a new one. Bytes. */
  readonly maxSegmentBytes: number
  /** The next segment, with a name that no file has and 0 bytes, and what it begins with. */
  readonly begin: () => { readonly segment: S; readonly head: Uint8Array }
  /** Told of each segment that will not change any more. */
  readonly onSealed: (segment: S) => void
  /** Told instead of one without a frame: its file is removed. */
  readonly onEmpty?: (segment: S) => void
}

interface Opened<S> {
  readonly file: SegmentFile
  readonly segment: S
  readonly headBytes: number
}

export class SegmentWriter<S extends OpenSegment> {
  readonly #options: SegmentWriterOptions<S>
  #opened: Opened<S> | undefined
  #isDirty = false

  constructor(options: SegmentWriterOptions<S>) {
    this.#options = options
  }

  /** The open segment, if any. */
  get segment(): S | undefined {
    return this.#opened?.segment
  }

  /**
   * Appends whole frames. Resolves with their segment when they are written, and with `each` synced.
   *
   * @throws what the system said
   */
  async write(parts: readonly Uint8Array[]): Promise<S> {
    const { fsync, maxSegmentBytes } = this.#options
    if (this.#opened !== undefined && this.#opened.segment.bytes >= maxSegmentBytes) await this.seal()
    const opened = (this.#opened ??= await this.#open())
    await this.#append(opened, parts, fsync === 'each')
    return opened.segment
  }

  /** Appends frames that belong into the open segment, however large it is, and that may get lost. @throws what the system said */
  async note(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#opened !== undefined) await this.#append(this.#opened, parts, false)
  }

  /** With `interval`: forces what was written to the disk. @throws what the system said */
  async sync(): Promise<void> {
    if (this.#opened === undefined || !this.#isDirty) return
    this.#isDirty = false
    await this.#opened.file.sync()
  }

  /** Closes the open segment; the next write begins another. */
  async seal(): Promise<void> {
    if (this.#opened === undefined) return
    const { files, onSealed, onEmpty } = this.#options
    const { file, segment, headBytes } = this.#opened
    await this.sync().catch(() => {})
    this.#opened = undefined
    await file.close()
    if (segment.bytes > headBytes) return onSealed(segment)
    onEmpty?.(segment)
    await files.remove(segment.name)
  }

  async #append({ file, segment }: Opened<S>, parts: readonly Uint8Array[], isForced: boolean): Promise<void> {
    try {
      await file.append(parts)
      if (isForced) await file.sync()
    } catch (error) {
      await this.#giveUp()
      throw error
    }
    for (const part of parts) segment.bytes += part.length
    this.#isDirty = this.#options.fsync === 'interval'
  }

  async #open(): Promise<Opened<S>> {
    const { files, fsync, begin, onEmpty } = this.#options
    const { segment, head } = begin()
    let file: SegmentFile | undefined
    try {
      file = await files.create(segment.name)
      await file.append([head])
      if (fsync !== 'off') await files.syncDirectory()
    } catch (error) {
      onEmpty?.(segment)
      await file?.close().catch(() => {})
      if (file !== undefined) await files.remove(segment.name).catch(() => {})
      throw error
    }
    segment.bytes = head.length
    return { file, segment, headBytes: head.length }
  }

  async #giveUp(): Promise<void> {
    if (this.#opened === undefined) return
    this.#isDirty = false
    // Frees the space of what nobody was promised. Should it fail too, a reader passes over the torn part.
    await this.#opened.file.truncate(this.#opened.segment.bytes).catch(() => {})
    await this.seal().catch(() => {})
  }
}
