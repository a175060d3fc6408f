/**
 * The aggregated file: whole lines, appended, shared with other processes, renamed away by size.
 *
 * Opened with O_APPEND; one `write` per group of whole lines, so that lines of several processes on a local filesystem never mix.
 * Before each group: a file that was renamed or removed by someone else is opened anew. A line is never cut by a rotation; one that
 * a full disk cut off is ended with a newline before the next. Runs in the export worker: every call is synchronous.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMainThread } from 'node:worker_threads'

import { monotonicMillis } from '../../diag/clock.ts'
import { rotate } from './file-rotation.ts'
import { pauseThread } from '../pause-thread.ts'

export interface FileConfig {
  /** Absolute. Its folder is made when missing. */
  readonly path: string
  /** `flat`: one flat JSON line per record; `otlp`: one OTLP/JSON `LogsData` per batch and line. */
  readonly format: 'flat' | 'otlp'
  /** The file is renamed away before it would grow beyond this. */
  readonly maxBytes: number
  /** Files kept, the current one included. */
  readonly maxFiles: number
  readonly line: 'full' | 'minimal'
}

interface FileWriteResult {
  /** Lines that are not in the file. */
  readonly lost: number
  /** The code of the error that lost them, `''` when none was lost. */
  readonly reason: string
}

export interface LineFile {
  /** Never throws. Lines come without their newline. */
  write(lines: readonly string[]): FileWriteResult
  stop(): void
}

/** How long a pipe that is full is waited for, and between two looks. Milliseconds. */
const READER_MILLIS = 200
const READER_LOOK_MILLIS = 2

/** Bytes of one `write`; a longer line has one of its own. */
const GROUP_BYTES = 64 * 1024

export function createRotatingFile(config: FileConfig): LineFile {
  return new RotatingFile(config)
}

class RotatingFile implements LineFile {
  readonly #config: FileConfig
  #fd: number | undefined
  /** The last write was cut off in the middle of a line. */
  #isTorn = false
  /** The reader of a pipe does not read. */
  #isStalled = false

  constructor(config: FileConfig) {
    this.#config = config
  }

  write(lines: readonly string[]): FileWriteResult {
    let lost = 0
    let reason = ''
    for (const group of groupsOf(lines)) {
      try {
        this.#append(group.text)
      } catch (error) {
        lost += group.lines
        reason = (error as NodeJS.ErrnoException).code ?? String(error)
        this.#close()
      }
    }
    return { lost, reason }
  }

  stop(): void {
    this.#close()
  }

  #append(text: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text)
    const fd = this.#fileFor(bytes.length)
    let written = 0
    try {
      while (written < bytes.length) written += this.#writeSome(fd, bytes, written)
      this.#isTorn = false
      this.#isStalled = false
    } finally {
      // Nothing of it written: the state before holds.
      if (written > 0 && written < bytes.length) this.#isTorn = bytes[written - 1] !== 0x0a
    }
  }

  /** A pipe whose reader is slow is waited for a little, until it has once not come back. */
  #writeSome(fd: number, bytes: Uint8Array, from: number): number {
    const until = monotonicMillis() + (this.#isStalled || isMainThread ? 0 : READER_MILLIS)
    for (;;) {
      try {
        return writeSync(fd, bytes, from)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || monotonicMillis() >= until) throw error
        pauseThread(READER_LOOK_MILLIS)
      } finally {
        this.#isStalled = monotonicMillis() >= until
      }
    }
  }

  /** The open file, after a rotation if `length` more bytes would be too many. */
  #fileFor(length: number): number {
    let fd = this.#current()
    if (fstatSync(fd).size + length <= this.#config.maxBytes || fstatSync(fd).size === 0) return fd
    rotate(this.#config.path, { inode: fstatSync(fd).ino, maxFiles: this.#config.maxFiles })
    fd = this.#current()
    return fd
  }

  #current(): number {
    if (this.#fd !== undefined && inodeOf(this.#config.path) !== fstatSync(this.#fd).ino) this.#close()
    this.#fd ??= this.#open()
    return this.#fd
  }

  #open(): number {
    // A named pipe without a reader would block the thread for ever, and with it the end of the process. Files do not care.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
    try {
      return openSync(this.#config.path, flags, 0o666)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      mkdirSync(dirname(this.#config.path), { recursive: true })
      return openSync(this.#config.path, flags, 0o666)
    }
  }

  #close(): void {
    const fd = this.#fd
    this.#fd = undefined
    try {
      if (fd !== undefined) closeSync(fd)
    } catch {
      // Closed by what went wrong before.
    }
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

function* groupsOf(lines: readonly string[]): Generator<{ text: string; lines: number }> {
  let text = ''
  let count = 0
  for (const line of lines) {
    if (count > 0 && text.length + line.length >= GROUP_BYTES) {
      yield { text, lines: count }
      text = ''
      count = 0
    }
    text += `${line}\n`
    count++
  }
  if (count > 0) yield { text, lines: count }
}
