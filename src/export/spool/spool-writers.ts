/**
 * The two segments that are written to, one per signal: opened, followed, compressed when they are full. Each call is a turn's work.
 */
import type { Signal } from '../../model/signal.ts'
import type { SharedSegmentFiles } from '../../segments/segment-files.ts'
import { SegmentWriter } from '../../segments/segment-writer.ts'
import { packSegment } from './pack-segment.ts'
import { addTo, isThere } from './segment-disk.ts'
import { newNumber, nameOf } from './segment-name.ts'
import type { SegmentSet } from './segment-set.ts'
import { SEGMENT_BYTES, type SpoolConfig } from './spool-config.ts'
import { SEGMENT_HEAD } from './spool-format.ts'
import type { SpoolSegment } from './spool-segment.ts'
import type { Turns } from './turns.ts'

export interface SpoolWritersOptions {
  readonly files: SharedSegmentFiles
  readonly turns: Turns
  readonly config: Pick<SpoolConfig, 'maxBytes' | 'fsync' | 'directory'>
  /** Encoded. */
  readonly service: string
  readonly owner: string
  /** Since the epoch. */
  readonly wallMillis: () => number
  /** Makes the directory, where it is not there. @throws what the system said */
  readonly makeDirectory: () => Promise<void>
  /** Default 4 MiB. */
  readonly segmentBytes?: number
}

export class SpoolWriters {
  readonly #options: SpoolWritersOptions
  readonly #segments: SegmentSet
  readonly #segmentBytes: number
  readonly #writers: Readonly<Record<Signal, SegmentWriter<SpoolSegment>>>

  /** @param segments  new ones are added to it, and those without a batch removed */
  constructor(options: SpoolWritersOptions, segments: SegmentSet) {
    this.#options = options
    this.#segments = segments
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
    this.#writers = { logs: this.#writerOf('logs'), spans: this.#writerOf('spans') }
  }

  /**
   * Into the open segment, if its file is still there.
   *
   * @param onGone  told of one whose file somebody removed
   */
  async append(
    signal: Signal,
    parts: readonly Uint8Array[],
    onGone: (segment: SpoolSegment) => void,
  ): Promise<SpoolSegment> {
    const { files, makeDirectory } = this.#options
    const writer = this.#writers[signal]
    const open = writer.segment
    if (open !== undefined && !(await isThere(files, open.name))) {
      // What we write now would go with it.
      await writer.seal()
      onGone(open)
    }
    if (writer.segment === undefined) await makeDirectory()
    return writer.write(parts)
  }

  /** Frames about batches of a segment, open or not; they may get lost. */
  async note(segment: SpoolSegment, frames: readonly Uint8Array[]): Promise<void> {
    if (frames.length === 0) return
    const writer = Object.values(this.#writers).find((one) => one.segment === segment)
    if (writer === undefined) await addTo(this.#options.files, segment.name, frames)
    else await writer.note(frames)
  }

  /** Closes the open segment of a signal. */
  async seal(signal: Signal): Promise<void> {
    await this.#writers[signal].seal()
  }

  /** Closes open segments that hold nothing any more. */
  async sealEmpty(): Promise<void> {
    for (const writer of Object.values(this.#writers)) {
      // oxlint-disable-next-line no-await-in-loop -- one thing at a time
      if (writer.segment?.entries.size === 0) await writer.seal()
    }
  }

  /** Forces what was written to the disk. */
  async sync(): Promise<void> {
    await this.#writers.logs.sync()
    await this.#writers.spans.sync()
  }

  #writerOf(signal: Signal): SegmentWriter<SpoolSegment> {
    const { files, turns, config } = this.#options
    return new SegmentWriter<SpoolSegment>({
      files,
      fsync: config.fsync,
      maxSegmentBytes: this.#segmentBytes,
      begin: () => ({ segment: this.#begin(signal), head: SEGMENT_HEAD }),
      onSealed: (segment) => {
        segment.isSealed = true
        void turns.run(() => this.#afterSeal(segment)).catch(() => {})
      },
      onEmpty: (segment) => this.#segments.delete(segment),
    })
  }

  #begin(signal: Signal): SpoolSegment {
    const { service, owner, wallMillis } = this.#options
    const number = newNumber(signal, wallMillis())
    const name = nameOf({ service, owner, number })
    const segment = {
      name,
      use: signal,
      number,
      entries: new Map(),
      bytes: 0,
      isSealed: false,
      isBusy: false,
      isGone: false,
    }
    this.#segments.add(segment)
    return segment
  }

  async #afterSeal(segment: SpoolSegment): Promise<void> {
    const { files, config } = this.#options
    const { name, entries } = segment
    if (!this.#segments.has(segment)) return
    if (entries.size === 0) {
      this.#segments.delete(segment)
      await files.remove(name)
      return
    }
    // Small ones are closed because they are about to be sent.
    if (segment.isBusy || segment.bytes < this.#segmentBytes / 2) return
    const isForced = config.fsync !== 'off'
    const bytes = await packSegment({ files, name, isForced, isNeeded: (id) => entries.has(id) })
    if (bytes !== undefined) segment.bytes = bytes
  }
}
