/**
 * A segment that the application's own thread writes, without waiting for anybody: what is written is on disk when the call returns.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  futimes,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

import type { FsyncMode } from '../../segments/segment-writer.ts'
import { newNumber, nameOf, type SegmentUse } from './segment-name.ts'
import { SEGMENT_HEAD } from './spool-format.ts'

const FLAGS = constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_WRONLY
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

export interface SyncPlace {
  readonly directory: string
  /** Encoded. */
  readonly service: string
  readonly owner: string
  readonly fsync: FsyncMode
  /** Since the epoch. */
  readonly wallMillis: () => number
}

export class SyncSegment {
  readonly path: string
  readonly #fd: number
  readonly #isForced: boolean
  #bytes = 0
  #isDirty = false
  #isOpen = true

  /** @throws what the system said */
  constructor(place: SyncPlace, use: SegmentUse) {
    const { directory, service, owner, fsync, wallMillis } = place
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
    this.path = join(directory, nameOf({ service, owner, number: newNumber(use, wallMillis()) }))
    this.#fd = openSync(this.path, FLAGS, FILE_MODE)
    this.#isForced = fsync === 'each'
    this.append(SEGMENT_HEAD)
    if (this.#isForced) forceName(directory)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** One write. @throws what the system said; then the segment MUST NOT be written to any more */
  append(bytes: Uint8Array): void {
    const written = writeSync(this.#fd, bytes)
    this.#bytes += written
    // A full disk shows as a short write first.
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
    if (this.#isForced) fdatasyncSync(this.#fd)
    else this.#isDirty = true
  }

  /** Forces what was written to the disk, without waiting for it. */
  force(onError: (error: Error) => void): void {
    if (!this.#isDirty || !this.#isOpen) return
    this.#isDirty = false
    fdatasync(this.#fd, (error) => {
      if (error && this.#isOpen) onError(error)
    })
  }

  /** Shows other processes of the service that this one lives. */
  touch(millis: number): void {
    if (this.#isOpen) futimes(this.#fd, millis / 1000, millis / 1000, () => {})
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    attempt(() => closeSync(this.#fd))
  }

  /** Nothing in it is needed any more. */
  remove(): void {
    this.close()
    attempt(() => unlinkSync(this.path))
  }
}

/** A new name is only durable when its directory is. */
function forceName(directory: string): void {
  attempt(() => {
    const fd = openSync(directory, 'r')
    attempt(() => fdatasyncSync(fd))
    closeSync(fd)
  })
}

function attempt(run: () => void): void {
  try {
    run()
  } catch {
    // Gone already, or not to be had: nothing follows from it.
  }
}
