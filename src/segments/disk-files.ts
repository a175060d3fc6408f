/**
 * Segment files on a real disk.
 */
import { close, constants, fdatasync, ftruncate, open, writev } from 'node:fs'
import { mkdir, open as openHandle, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { wallMillis } from '../diag/clock.ts'
import type { SegmentFile, SharedSegmentFiles } from './segment-files.ts'

/** Logs may hold secrets: only their owner reads them. */
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700
/** Sub-directory of bytes that could not be read. */
const DAMAGED = 'damaged'
const TO_CREATE = constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_WRONLY
const TO_REOPEN = constants.O_APPEND | constants.O_WRONLY
/** What is kept of them at most, the newest: a bad disk must not fill what is left of it. Bytes. */
const MAX_DAMAGED_BYTES = 64 * 1024 * 1024

/** Creates the directory when it is not there. */
export async function openDiskFiles(directory: string): Promise<SharedSegmentFiles> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  return diskFiles(directory)
}

/** The same for a directory that is there, or will be: each call fails as long as it is not. */
export function diskFiles(directory: string): SharedSegmentFiles {
  const at = (name: string): string => join(directory, name)
  return {
    async list() {
      const entries = await readdir(directory, { withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
    },
    create: (name) => openSegmentFile(at(name), TO_CREATE),
    reopen: (name) => openSegmentFile(at(name), TO_REOPEN),
    rename: (from, to) => rename(at(from), at(to)),
    async look(name) {
      const { mtimeMs, size } = await stat(at(name))
      return { touchedMillis: mtimeMs, bytes: size }
    },
    async touch(name) {
      const now = wallMillis() / 1000
      await utimes(at(name), now, now)
    },
    read: (name) => readFile(at(name)),
    size: async (name) => (await stat(at(name))).size,
    remove: (name) => rm(at(name), { force: true }),
    async setAside(name, bytes) {
      await mkdir(at(DAMAGED), { recursive: true, mode: DIRECTORY_MODE })
      await writeFile(join(at(DAMAGED), name), bytes.subarray(0, MAX_DAMAGED_BYTES), { mode: FILE_MODE })
      await prune(at(DAMAGED), MAX_DAMAGED_BYTES)
    },
    syncDirectory: () => syncDirectory(directory),
  }
}

/** Removes the oldest files until the rest is not larger than that. */
async function prune(directory: string, maxBytes: number): Promise<void> {
  const names = await readdir(directory)
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const { size, mtimeMs } = await stat(path)
      return { path, size, mtimeMs }
    }),
  )
  let bytes = files.reduce((sum, { size }) => sum + size, 0)
  for (const { path, size } of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (bytes <= maxBytes) return
    bytes -= size
    // oxlint-disable-next-line no-await-in-loop -- rare, and only as many as it takes
    await rm(path, { force: true })
  }
}

function openSegmentFile(path: string, flags: number): Promise<SegmentFile> {
  return new Promise((resolve, reject) => {
    open(path, flags, FILE_MODE, (error, fd) => (error ? reject(error) : resolve(new DiskSegment(fd))))
  })
}

/** Callbacks instead of fs/promises: half the cost per call, and this is the path of every acknowledgement. */
class DiskSegment implements SegmentFile {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    let expected = 0
    for (const part of parts) expected += part.length
    return new Promise((resolve, reject) => {
      writev(this.#fd, parts as Uint8Array[], (error, written) => {
        if (error) return reject(error)
        // A full disk shows as a short write first, as ENOSPC only at the next one.
        if (written < expected) return reject(new Error(`only ${written} of ${expected} bytes were written`))
        resolve()
      })
    })
  }

  sync(): Promise<void> {
    return this.#call((done) => fdatasync(this.#fd, done))
  }

  truncate(bytes: number): Promise<void> {
    return this.#call((done) => ftruncate(this.#fd, bytes, done))
  }

  close(): Promise<void> {
    return this.#call((done) => close(this.#fd, done))
  }

  #call(start: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
  }
}

/** A new name is only durable when its directory is. Windows cannot open directories and does not need it. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await openHandle(directory, 'r').catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.sync()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM' && (error as NodeJS.ErrnoException).code !== 'EINVAL')
      throw error
  } finally {
    await handle.close()
  }
}
