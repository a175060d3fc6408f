/**
 * The lines of a log as they are written: from the oldest of its files to its end, and on, across rotations by rename.
 *
 * The open file is read to its end after the path has begun to lead elsewhere; then come the files that are newer, in order. An open
 * file keeps its inode for itself, so that inodes tell files apart. A file that became shorter is read again from its beginning.
 */
import { open, type FileHandle } from 'node:fs/promises'

import { pause } from '../pause.ts'
import { beginsWithFrame, HEAD_BYTES, SIGNATURE_BYTES } from './frame-splitter.ts'
import { CHUNK_BYTES, LineCutter, type LineGroup, readLines } from './read-lines.ts'
import { isPacked, type LogFile, logFilesOf, plainName } from './rotated-files.ts'

/** Between two looks at a file that has not grown. Milliseconds. */
const POLL_MILLIS = 200

export interface FollowedGroup extends LineGroup {
  readonly path: string
  readonly inode: number
}

/** Between two lines. */
export interface FilePlace {
  readonly inode: number
  /** Unpacked. Bytes. */
  readonly offset: number
}

export interface FollowOptions {
  /** Ends it. */
  readonly signal: AbortSignal
  /** Ends it once what had been written by then has been handed out. */
  readonly lastLook?: AbortSignal
  /**
   * `oldest`: from the oldest of the files that it was renamed to; `current`: from its own beginning; `end`: only what is written
   * from now on; a place: from there, or from the oldest when that file is gone. Default `oldest`.
   */
  readonly from?: 'oldest' | 'current' | 'end' | FilePlace
  /** Called once: all that is written from here on will be handed out. */
  readonly onOpen?: () => void
}

/**
 * Waits for a file that is not there yet.
 *
 * @yields what has been written, and what is written later, until the signal
 */
export async function* followLines(path: string, options: FollowOptions): AsyncGenerator<FollowedGroup> {
  const { signal, lastLook } = options
  let { onOpen } = options
  let from = options.from ?? 'oldest'
  let current: OpenLog | undefined
  try {
    while (!signal.aborted) {
      // Asked before it is read.
      const isLast = lastLook?.aborted === true
      if (current !== undefined) yield* current.readOn(signal)
      const files = logFilesOf(path)
      const next = current === undefined ? firstOf(files, path, from) : current.nextOf(files)
      if (next !== undefined) {
        if (current !== undefined) {
          // Written before the rename, after we had looked.
          yield* current.readOn(signal)
          yield* current.rest()
        }
        const opened = await openLog(next, files)
        if (opened === undefined) continue
        if (from === 'end') await opened.skipToEnd()
        if (current === undefined && typeof from === 'object') await opened.skipTo(from)
        await current?.close()
        current = opened
      }
      onOpen?.()
      onOpen = undefined
      // A file that begins now is new; those that were renamed before are not.
      if (from === 'end') from = 'current'
      if (next !== undefined) continue
      if (isLast) return
      await current?.startAgainIfCut()
      await pause(POLL_MILLIS, signal, lastLook)
    }
  } finally {
    await current?.close()
  }
}

function firstOf(
  files: readonly LogFile[],
  path: string,
  from: NonNullable<FollowOptions['from']>,
): LogFile | undefined {
  if (typeof from === 'object') return files.find(({ inode }) => inode === from.inode) ?? files[0]
  return from === 'oldest' ? files[0] : files.find((file) => file.path === path)
}

/** @returns `undefined` when it was renamed since it was listed */
async function openLog(file: LogFile, files: readonly LogFile[]): Promise<OpenLog | undefined> {
  try {
    const handle = await open(file.path)
    if ((await handle.stat()).ino === file.inode) return new OpenLog(file, handle, files)
    await handle.close()
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

class OpenLog {
  readonly #file: LogFile
  readonly #handle: FileHandle
  /** What was older when this one was opened, and itself, by name. */
  readonly #older: ReadonlySet<string>
  #cutter = new LineCutter()
  #buffer: Buffer | undefined
  #position = 0
  #isRead = false

  constructor(file: LogFile, handle: FileHandle, files: readonly LogFile[]) {
    this.#file = file
    this.#handle = handle
    this.#older = new Set(files.slice(0, files.indexOf(file)).map(({ path }) => plainName(path)))
  }

  /** @yields from where the last reading ended to the end of the file */
  async *readOn(signal: AbortSignal): AsyncGenerator<FollowedGroup> {
    const { path, inode } = this.#file
    if (isPacked(path)) {
      if (this.#isRead) return
      this.#isRead = true
      const bytes = this.#handle.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES })
      for await (const group of readLines(bytes)) {
        if (group.end > this.#position) yield { ...linesFrom(group, this.#position), path, inode }
      }
      return
    }
    this.#buffer ??= Buffer.allocUnsafe(CHUNK_BYTES)
    while (!signal.aborted) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position)
      if (bytesRead === 0) return
      this.#position += bytesRead
      // A copy: the beginning of a line is kept, the buffer is used again.
      const chunk = Uint8Array.from(this.#buffer.subarray(0, bytesRead))
      for (const group of this.#cutter.take(chunk)) yield { ...group, path, inode }
    }
  }

  /** @yields what stands behind the last newline, when nothing more will be written */
  *rest(): Generator<FollowedGroup> {
    const { path, inode } = this.#file
    for (const group of this.#cutter.rest()) yield { ...group, path, inode }
  }

  /** To where a reading before had come. */
  async skipTo({ inode, offset }: FilePlace): Promise<void> {
    if (inode === this.#file.inode) this.#startAt(offset, await this.#isFramed())
  }

  /** To the beginning of the last line, which may not be whole yet. */
  async skipToEnd(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (await this.#isFramed()) {
      this.#startAt(await this.#endOfFrames(size), true)
      return
    }
    const chunk = Buffer.alloc(64 * 1024)
    let end = size
    while (end > 0) {
      const start = Math.max(0, end - chunk.length)
      const { bytesRead } = await this.#handle.read(chunk, 0, end - start, start)
      const newline = chunk.subarray(0, bytesRead).lastIndexOf(0x0a)
      end = newline >= 0 ? start + newline + 1 : start
      if (newline >= 0) break
    }
    this.#startAt(end)
  }

  /** The file that was begun after this one, whatever this one is called by now. */
  nextOf(files: readonly LogFile[]): LogFile | undefined {
    const at = files.findIndex(({ inode }) => inode === this.#file.inode)
    if (at >= 0) return files[at + 1]
    // Removed, or packed into a file with another inode: the first that is not older.
    const newer = files.filter(({ path }) => !this.#older.has(plainName(path)))
    const [first] = newer
    return first !== undefined && isPacked(first.path) && !isPacked(this.#file.path) ? newer[1] : first
  }

  /** Emptied in place ("copytruncate"): what is there now was not read. */
  async startAgainIfCut(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (!isPacked(this.#file.path) && size < this.#position) this.#startAt(0)
  }

  async #isFramed(): Promise<boolean> {
    const first = Buffer.alloc(SIGNATURE_BYTES)
    const { bytesRead } = await this.#handle.read(first, 0, SIGNATURE_BYTES, 0)
    return beginsWithFrame(first.subarray(0, bytesRead)) === true
  }

  /** Where the last whole frame ends. */
  async #endOfFrames(size: number): Promise<number> {
    const head = Buffer.alloc(HEAD_BYTES)
    for (let end = 0; ;) {
      const { bytesRead } = await this.#handle.read(head, 0, HEAD_BYTES, end)
      const next = end + HEAD_BYTES + head.readUInt32BE(0)
      if (bytesRead < HEAD_BYTES || next > size) return end
      end = next
    }
  }

  #startAt(position: number, isFramed: boolean = false): void {
    this.#position = position
    this.#cutter = new LineCutter(position, isFramed)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** The lines of a group that begin at `offset` or later. */
function linesFrom(group: LineGroup, offset: number): LineGroup {
  let at = 0
  let begin = group.offset
  while (at < group.lines.length && begin < offset) begin += Buffer.byteLength(group.lines[at++] ?? '') + 1
  return { ...group, lines: group.lines.slice(at), number: group.number + at, offset: begin }
}
