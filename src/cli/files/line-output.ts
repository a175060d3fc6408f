/**
 * Where a command writes lines without end to: standard output, or a file.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import type { Io } from '../io.ts'
import { type InputFile, isOneOf } from './input-files.ts'

export interface LineOutput {
  /** Whole lines, with their newlines. Resolves when more may be written. */
  write(text: string): Promise<void>
  close(): void
}

/**
 * @param path  `undefined`: standard output
 * @throws TRACELOG_USAGE when the file is one of the inputs or cannot be written
 */
export function openLineOutput(io: Io, path: string | undefined, inputs: readonly InputFile[]): LineOutput {
  if (path === undefined) {
    return {
      write(text) {
        io.out.write(text)
        return io.out.drained()
      },
      close() {},
    }
  }
  const file = resolve(io.cwd, path)
  if (isOneOf(file, inputs)) throw usage(`--output is "${path}", but must not be a file that is read`)
  const fd = openForWriting(file, path)
  return {
    async write(text) {
      const bytes = Buffer.from(text)
      for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    },
    close: () => closeSync(fd),
  }
}

function openForWriting(file: string, typed: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    throw usage(
      `--output is "${typed}", but must be a file that can be written (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

function usage(message: string): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: 'Name another file.' })
}
