/**
 * Where a command writes lines without end to: standard output, or a file.
 */
import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

import { TracelogError } from '../../diag/errors.ts'
import type { Io } from '../io.ts'
import { type InputFile, isOneOf } from './input-files.ts'

export interface LineOutput {
  /** Bytes of the file so far; 0 for standard output. */
  readonly size: number
  /** Whole lines, with their newlines. Resolves when more may be written. @throws TRACELOG_USAGE when the file takes no more */
  write(text: string): Promise<void>
  /** Resolves when all that was written is on the disk. */
  sync(): Promise<void>
  close(): void
}

export interface LineOutputOptions {
  /** `undefined`: standard output. */
  readonly path: string | undefined
  /** Must not be written to. */
  readonly inputs: readonly InputFile[]
  /** Bytes of the file that stay; what is behind them goes. Default 0. */
  readonly keep?: number
}

/** @throws TRACELOG_USAGE when the file is one of the inputs or cannot be written */
export function openLineOutput(io: Io, { path, inputs, keep = 0 }: LineOutputOptions): LineOutput {
  if (path === undefined) {
    return {
      size: 0,
      write(text) {
        io.out.write(text)
        return io.out.drained()
      },
      sync: () => Promise.resolve(),
      close() {},
    }
  }
  const file = resolve(io.cwd, path)
  if (isOneOf(file, inputs)) throw usage(`--output is "${path}", but must not be a file that is read`)
  const fd = openForWriting(file, path)
  // A pipe or a terminal has no places, and nothing to be cut off.
  const isFile = fstatSync(fd).isFile()
  let size = isFile ? Math.min(keep, fstatSync(fd).size) : 0
  if (isFile) ftruncateSync(fd, size)
  return {
    get size() {
      return size
    },
    async write(text) {
      const bytes = Buffer.from(text)
      try {
        for (let written = 0; written < bytes.length;)
          written += writeSync(fd, bytes, written, bytes.length - written, isFile ? size + written : null)
      } catch (error) {
        throw cannotWrite(path, error)
      }
      size += bytes.length
    },
    sync: () => promisify(fdatasync)(fd),
    close: () => closeSync(fd),
  }
}

function openForWriting(file: string, typed: string): number {
  try {
    // Not `w`, which empties it.
    return openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o666)
  } catch (error) {
    throw cannotWrite(typed, error)
  }
}

/** A folder, no permission, a full disk. */
function cannotWrite(typed: string, error: unknown): TracelogError {
  const { code } = error as NodeJS.ErrnoException
  return usage(`--output is "${typed}", but must be a file that can be written (${code})`)
}

function usage(message: string): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: 'Name another file.' })
}
