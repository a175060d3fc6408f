/**
 * The journal: every acknowledged request, in files, until the store holds it for good.
 *
 * One group at a time: all requests that wait are written with one write and one sync, then acknowledged, then handed to
 * the store; what arrives meanwhile is the next group. Format and invariants: segment.ts.
 */
import { say } from '../../diag/events.ts'
import type { Signal } from '../../model/signal.ts'
import type { SegmentFiles } from '../../segments/segment-files.ts'
import { type FsyncMode, SegmentWriter } from '../../segments/segment-writer.ts'
import { frameGroup } from './frame-group.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { JournalSink } from './journal-sink.ts'
import { Lag } from './lag.ts'
import { replay, type ReplayReport } from './replay.ts'
import { type Segment, SEGMENT_HEAD, segmentName } from './segment.ts'
import { Unkept } from './unkept.ts'

export interface JournalOptions {
  readonly files: SegmentFiles
  readonly sink: JournalSink
  /** Default `each`. */
  readonly fsync?: FsyncMode
  /** Between two syncs of `interval`. Milliseconds; default 100. */
  readonly syncIntervalMillis?: number
  /** Size at which a segment is followed by the next one. Bytes; default 32 MiB. */
  readonly maxSegmentBytes?: number
  /** Size at which the store is asked for a short roll. Bytes; default 256 MiB. */
  readonly maxBytes?: number
  /** How long a request waits for the store to catch up before it is refused. Milliseconds; default 5,000. */
  readonly roomTimeoutMillis?: number
  /** How long nothing is tried after a write failed. Milliseconds; default 1,000. */
  readonly pauseMillis?: number
  readonly nowMillis?: () => number
  readonly nowUnixNano?: () => bigint
}

/** What was in the store when it was opened. */
export interface JournalPosition {
  /** Everything up to this is in the store for good. */
  readonly committedSequence: number
  /** New sequences are above this. */
  readonly lastSequence: number
}

export interface JournalStats {
  readonly segments: number
  readonly bytes: number
  /** Records and spans that only the journal holds for good. */
  readonly lagRecords: number
}

/** One request to keep. */
export interface AppendRequest {
  readonly signal: Signal
  /** OTLP/protobuf; handed on to the sink. */
  readonly bytes: Uint8Array
  readonly count: number
}

interface Waiting {
  readonly entry: JournalEntry
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A group ends here, so that the first of it does not wait for megabytes behind it. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024

export class Journal {
  readonly #options: Required<JournalOptions>
  readonly #writer: SegmentWriter<Segment>
  readonly #sealed: Segment[] = []
  readonly #lag = new Lag()
  #pending: Waiting[] = []
  #drained: Promise<void> | undefined
  #lastSequence = 0
  /** Of the group that is being written. */
  #firstOfGroup = 1
  #committedSequence = 0
  #pausedUntilMillis = 0
  #isStopped = false
  #isRolling = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: JournalOptions) {
    this.#options = {
      fsync: 'each',
      syncIntervalMillis: 100,
      maxSegmentBytes: 32 * 1024 * 1024,
      maxBytes: 256 * 1024 * 1024,
      roomTimeoutMillis: 5_000,
      pauseMillis: 1_000,
      nowMillis: Date.now,
      nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
      ...options,
    }
    const { files, fsync, maxSegmentBytes } = this.#options
    this.#writer = new SegmentWriter({
      files,
      fsync,
      maxSegmentBytes,
      begin: () => ({ segment: this.#newSegment(), head: SEGMENT_HEAD }),
      onSealed: (segment) => this.#sealed.push(segment),
    })
  }

  /** Hands the sink what it does not hold yet, then accepts requests. */
  async start(position: JournalPosition): Promise<ReplayReport> {
    const { files, sink, fsync, syncIntervalMillis } = this.#options
    this.#committedSequence = position.committedSequence
    const report = await replay({ files, sink, committedSequence: position.committedSequence, lag: this.#lag })
    this.#sealed.push(...report.segments)
    this.#lastSequence = Math.max(position.lastSequence, position.committedSequence, report.lastSequence)
    this.#removeCommitted()
    if (fsync === 'interval') this.#timer = setInterval(() => this.#syncInBackground(), syncIntervalMillis).unref()
    return report
  }

  /**
   * Keeps one request. Resolves when it is as safe as `fsync` says.
   *
   * @throws Unkept `busy` when the store does not catch up in time or the journal stops, `full` when the disk refuses
   */
  async append(request: AppendRequest): Promise<void> {
    this.#refuseIfUnable()
    await this.#room()
    this.#refuseIfUnable()
    const entry = { ...request, receivedUnixNano: this.#options.nowUnixNano() }
    return new Promise((resolve, reject) => {
      this.#pending.push({ entry, resolve, reject })
      this.#drained ??= this.#drain().finally(() => (this.#drained = undefined))
    })
  }

  /** The store holds everything up to `sequence` for good. Also heard after `stop`. */
  committed(sequence: number): void {
    this.#committedSequence = Math.max(this.#committedSequence, sequence)
    this.#lag.committed(sequence)
    this.#removeCommitted()
  }

  stats(): JournalStats {
    const open = this.#writer.segment
    const segments = open === undefined ? this.#sealed : [...this.#sealed, open]
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    return { segments: segments.length, bytes, lagRecords: this.#lag.records }
  }

  /** Refuses what comes from now on, finishes what waits, closes. Segments stay until `committed` says otherwise. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#drained
    await this.#writer.seal()
    this.#removeCommitted()
  }

  #refuseIfUnable(): void {
    if (this.#isStopped) throw new Unkept('busy', 'the backend is stopping')
    if (this.#options.nowMillis() < this.#pausedUntilMillis) throw new Unkept('full', 'the journal cannot be written')
  }

  async #room(): Promise<void> {
    const { sink, roomTimeoutMillis } = this.#options
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unkept('busy', 'the store cannot follow')), roomTimeoutMillis)
    })
    await Promise.race([sink.room(), late]).finally(() => clearTimeout(timer))
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#takeGroup()
      // oxlint-disable-next-line no-await-in-loop -- one group at a time is what a group commit is
      await this.#keep(group)
    }
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    let length = 0
    for (const { entry } of this.#pending) {
      bytes += entry.bytes.length
      if (length > 0 && bytes > MAX_GROUP_BYTES) break
      length += 1
    }
    return this.#pending.splice(0, length)
  }

  async #keep(group: readonly Waiting[]): Promise<void> {
    const firstSequence = this.#lastSequence + 1
    this.#firstOfGroup = firstSequence
    // Given out even if the write fails: a number is never used twice.
    this.#lastSequence += group.length
    const entries = group.map((waiting) => waiting.entry)
    try {
      const segment = await this.#writer.write(frameGroup(entries, firstSequence))
      segment.lastSequence = this.#lastSequence
    } catch (error) {
      this.#writeFailed(error as Error)
      for (const waiting of group) waiting.reject(new Unkept('full', reasonOf(error as Error)))
      return
    }
    for (const [index, { entry, resolve }] of group.entries()) {
      this.#lag.appended(firstSequence + index, entry.count)
      this.#options.sink.append({ sequence: firstSequence + index, ...entry })
      resolve()
    }
    this.#rollWhenLarge()
  }

  #newSegment(): Segment {
    const first = this.#firstOfGroup
    return { name: segmentName(first), lastSequence: first - 1, bytes: 0 }
  }

  #writeFailed(error: Error): void {
    this.#pausedUntilMillis = this.#options.nowMillis() + this.#options.pauseMillis
    say('journal', `${reasonOf(error)}: requests are answered 503 until it can be written again; queries go on`)
  }

  #syncInBackground(): void {
    this.#writer.sync().catch((error: Error) => this.#writeFailed(error))
  }

  /** Small segments stay when one signal is slow to fill a roll; past the limit the store is asked to hurry. */
  #rollWhenLarge(): void {
    const { maxBytes, sink } = this.#options
    if (this.#isRolling || this.stats().bytes < maxBytes) return
    this.#isRolling = true
    sink
      .roll()
      .catch(() => {})
      .finally(() => (this.#isRolling = false))
  }

  #removeCommitted(): void {
    const { files } = this.#options
    while (this.#sealed[0] !== undefined && this.#sealed[0].lastSequence <= this.#committedSequence) {
      const { name } = this.#sealed.shift() as Segment
      files
        .remove(name)
        .catch((error: Error) => say('journal_remove', `cannot delete journal/${name}: ${error.message}`))
    }
  }
}

function reasonOf(error: Error): string {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  return isFull ? 'the disk is full' : `the journal cannot be written (${error.message})`
}
