/**
 * Lines -> a file, whole or not at all: written beside its place, and moved there when it is complete.
 */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

import { TracelogError } from '../../diag/errors.ts'

export interface WrittenFile {
  /** Absolute. */
  readonly path: string
  /** As it was typed. */
  readonly typed: string
  readonly isGzip: boolean
}

/** @throws TRACELOG_USAGE when the file cannot be written; what `lines` throws */
export async function writeFileOfLines(
  { path, typed, isGzip }: WrittenFile,
  lines: AsyncIterable<string>,
): Promise<void> {
  const part = `${path}.${process.pid}.part`
  try {
    const target = createWriteStream(part)
    const source = Readable.from(lines)
    await (isGzip ? pipeline(source, createGzip(), target) : pipeline(source, target))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new TracelogError(`--output is "${typed}", but must be a file that can be written (${code})`, {
      code: 'TRACELOG_USAGE',
      hint: 'Name another file.',
    })
  }
}
