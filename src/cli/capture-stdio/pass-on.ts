/**
 * A child's output, handed on as it is: every byte, in order, no faster than its reader takes them.
 *
 * Written without blocking this thread, so that signals are handed on meanwhile; the child waits on its pipe as long as our reader is slow.
 */
import { write } from 'node:fs'
import type { Readable } from 'node:stream'

import { pause } from '../../sources/pause.ts'

/** A descriptor that does not block and is full is asked again. Milliseconds. */
const FULL_MILLIS = 5

export interface PassedOn {
  /** Resolves when the child's side is closed, or our reader is gone, and all has been written. */
  readonly ended: Promise<void>
  /** Reads no more than what is there now. */
  finish(): void
}

/**
 * @param onChunk  sees each chunk before it is handed on. MUST NOT throw
 * @param fd  where to
 */
export function passOn(source: Readable, fd: number, onChunk: (chunk: Buffer) => void): PassedOn {
  const finish = (): void => void source.destroy()
  async function run(): Promise<void> {
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        onChunk(chunk)
        if (!(await writeAll(fd, chunk))) break
      }
    } catch {
      // Destroyed: by `finish`, or the child's side broke.
    }
    // Closed: the child is told at its next write, as it would have been by the reader itself.
    source.destroy()
  }
  return { ended: run(), finish }
}

/** @returns false: the reader is gone */
async function writeAll(fd: number, chunk: Buffer): Promise<boolean> {
  for (let from = 0; from < chunk.length;) {
    const written = await writeSome(fd, chunk, from)
    if (written === undefined) return false
    if (written === 0) await pause(FULL_MILLIS)
    from += written
  }
  return true
}

function writeSome(fd: number, chunk: Buffer, from: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    write(fd, chunk, from, (error, count) => {
      if (error === null) resolve(count)
      else resolve(error.code === 'EAGAIN' ? 0 : undefined)
    })
  })
}
