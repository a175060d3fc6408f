/**
 * The segments of this process on disk: written, marked, read again, removed.
 *
 * Everything that touches the disk waits its turn. A disk that refuses is said once and left alone for five seconds; what was not
 * written stays where it was, in memory. A segment goes when nothing in it waits for an answer any more.
 */
import type { Signal } from '../../model/signal.ts'
import { DiskTrouble } from './disk-trouble.ts'
import { readSegment } from './read-segment.ts'
import { contentOf, force, setAside } from './segment-disk.ts'
import { nameOf, type SegmentName } from './segment-name.ts'
import { SegmentSet, signalOf } from './segment-set.ts'
import { batchFrame, endFrame, type Entry, type SeqRange } from './spool-format.ts'
import { type KeptEntry, type SpoolSegment, unsentIn } from './spool-segment.ts'
import { SpoolWriters, type SpoolWritersOptions } from './spool-writers.ts'

/** Records that are no longer on disk, and were not sent. */
export interface SpoolLoss extends SeqRange {
  readonly signal: Signal
  readonly reason: 'spool_full' | 'corrupt'
  readonly count: number
}

export interface SpoolStoreOptions extends SpoolWritersOptions {
  readonly onLost: (loss: SpoolLoss) => void
}

export class SpoolStore {
  readonly #options: SpoolStoreOptions
  readonly #segments = new SegmentSet()
  readonly #writers: SpoolWriters
  /** Where the batches are that somebody still waits for, by id. */
  readonly #held: Readonly<Record<Signal, Map<number, SpoolSegment>>> = { logs: new Map(), spans: new Map() }
  #foreignBytes = 0
  /** The process ends: nothing is kept open for what may come. */
  isEnding = false
  readonly #trouble: DiskTrouble

  constructor(options: SpoolStoreOptions) {
    this.#options = options
    this.#trouble = new DiskTrouble(options.config.directory)
    this.#writers = new SpoolWriters(options, this.#segments)
  }

  /** Of this process's segments. */
  get bytes(): number {
    return this.#segments.bytes
  }

  /** Whether a segment is one of ours. @param number  from its name */
  has(number: string): boolean {
    return this.#segments.hasNumber(number)
  }

  /** What other processes of the service have on disk. Bytes. */
  set foreignBytes(bytes: number) {
    this.#foreignBytes = bytes
  }

  /**
   * Writes a batch. Resolves when it is as safe as `fsync` says; somebody holds it until `release` or `end`.
   *
   * @throws what the system said, at once for five seconds after it said so
   */
  write(entry: Entry): Promise<void> {
    const { signal, id, count, firstSeq, lastSeq } = entry
    return this.#options.turns.run(async () => {
      if (this.#trouble.isPausing) throw new Error('the disk refused before')
      try {
        const segment = await this.#writers.append(signal, batchFrame(entry), (gone) => this.#lose(gone, 'corrupt'))
        segment.entries.set(id, { id, signal, count, firstSeq, lastSeq, isHeld: true })
        this.#held[signal].set(id, segment)
        this.#trouble.ended()
      } catch (error) {
        this.#trouble.came(error as Error)
        throw error
      }
      await this.#makeRoom().catch(() => {})
    })
  }

  /** Nobody waits for the batch any more: it is sent from here. False: it is not on disk. */
  release({ signal, id }: Pick<Entry, 'signal' | 'id'>): boolean {
    const entry = this.#held[signal].get(id)?.entries.get(id)
    this.#held[signal].delete(id)
    if (entry !== undefined) entry.isHeld = false
    return entry !== undefined
  }

  /** The answer to a batch that somebody holds has come. */
  async endHeld({ signal, id }: Pick<Entry, 'signal' | 'id'>): Promise<void> {
    const segment = this.#held[signal].get(id)
    if (segment === undefined) return
    this.#held[signal].delete(id)
    await this.end(segment, [id], 'answered')
  }

  /** These batches need not be sent any more. Resolves when it stands on disk, as far as that takes it. */
  async end(segment: SpoolSegment, ids: readonly number[], kind: 'answered' | 'dropped'): Promise<void> {
    for (const id of ids) segment.entries.delete(id)
    const frames = ids.map((id) => endFrame(kind, id))
    await this.#options.turns
      .run(async () => {
        if (!this.#segments.has(segment)) return
        const isOver = segment.entries.size === 0
        if (this.isEnding && isOver && !segment.isSealed) await this.#writers.seal(signalOf(segment))
        if (isOver && segment.isSealed) await this.#remove(segment)
        else await this.#writers.note(segment, frames)
      })
      // It is sent once more after a crash: no reason to say anything.
      .catch(() => {})
  }

  /** The oldest segment of a signal with something to send, closed; undefined when there is none. */
  async oldestUnsent(signal: Signal): Promise<SpoolSegment | undefined> {
    const found = this.#segments.oldestUnsent(signal)
    if (found === undefined) return undefined
    if (!found.isSealed) await this.#options.turns.run(() => this.#writers.seal(signal)).catch(() => {})
    return found.isSealed && this.#segments.has(found) ? found : undefined
  }

  /** What a closed segment still has to send; what of it cannot be read is counted, and no longer expected. */
  async read(segment: SpoolSegment): Promise<readonly Entry[]> {
    const { files } = this.#options
    const { entries } = await this.#options.turns.run(async () => {
      const { name } = segment
      const content = await contentOf(files, name)
      const read = readSegment(content)
      await setAside(files, { name, content }, read.damages)
      return read
    })
    const present = new Set(entries.map(({ id }) => id))
    this.#lose(segment, 'corrupt', ({ id }) => !present.has(id))
    if (segment.entries.size === 0) await this.end(segment, [], 'answered')
    return entries.filter(({ id }) => segment.entries.get(id)?.isHeld === false)
  }

  /**
   * Takes a segment over that has our name by now.
   *
   * @param isOurs  false for batches of the process before that this one sends again from memory
   * @returns records in it that are now ours to send, and those that cannot be read
   */
  async adopt(
    { use, number }: SegmentName,
    content: Uint8Array,
    isOurs: (id: number) => boolean = () => true,
  ): Promise<{ readonly unsent: number; readonly corrupt: number }> {
    const { files, turns, config, service, owner } = this.#options
    const read = readSegment(content)
    const entries = new Map<number, KeptEntry>()
    for (const { id, signal, count, firstSeq, lastSeq } of read.entries)
      if (isOurs(id)) entries.set(id, { id, signal, count, firstSeq, lastSeq, isHeld: false })
    const name = nameOf({ service, owner, number })
    const segment = { name, use, number, entries, bytes: content.length, isSealed: true, isBusy: false, isGone: false }
    this.#segments.add(segment)
    await turns.run(() => setAside(files, { name, content }, read.damages)).catch(() => {})
    if (config.fsync === 'interval') await turns.run(() => force(files, name)).catch(() => {})
    await this.end(segment, [], 'answered')
    const corrupt = read.damages.reduce((sum, { count }) => sum + count, 0)
    return { unsent: unsentIn(segment), corrupt }
  }

  /** With `interval`: forces what was written to the disk. Never rejects. @returns whether it is there */
  async sync(): Promise<boolean> {
    return this.#options.turns
      .run(() => this.#writers.sync())
      .then(
        () => true,
        (error: Error) => {
          this.#trouble.came(error)
          return false
        },
      )
  }

  /** Closes what holds nothing any more, and shows the others of the service that this process lives. */
  async tidy(): Promise<void> {
    const { turns, files } = this.#options
    await turns.run(() => this.#writers.sealEmpty()).catch(() => {})
    const newest = this.#segments.newest()
    if (newest !== undefined) await turns.run(() => files.touch(newest.name)).catch(() => {})
  }

  /** Oldest first, as long as there is more than there may be. */
  async #makeRoom(): Promise<void> {
    const { maxBytes } = this.#options.config
    while (this.bytes + this.#foreignBytes > maxBytes) {
      const oldest = this.#segments.oldest()
      if (oldest === undefined) return
      if (!oldest.isSealed) await this.#writers.seal(signalOf(oldest))
      this.#lose(oldest, 'spool_full')
      await this.#remove(oldest)
    }
  }

  #lose(segment: SpoolSegment, reason: SpoolLoss['reason'], isLost: (entry: KeptEntry) => boolean = () => true): void {
    for (const entry of segment.entries.values()) {
      if (!isLost(entry)) continue
      const { id, signal, count, firstSeq, lastSeq, isHeld } = entry
      segment.entries.delete(id)
      if (isHeld) this.#held[signal].delete(id)
      else this.#options.onLost({ signal, reason, count, firstSeq, lastSeq })
    }
  }

  async #remove(segment: SpoolSegment): Promise<void> {
    segment.isGone = true
    this.#segments.delete(segment)
    await this.#options.files.remove(segment.name)
  }
}
